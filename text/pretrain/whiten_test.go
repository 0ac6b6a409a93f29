package pretrain

import (
	"errors"
	"math"
	"testing"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/text/texttest"
)

// varied gives ids of a vocabulary whose tokens are unevenly frequent, unseen never.
func varied(v, n, unseen int) []int32 {
	r := random.New(3)
	ids := make([]int32, n)
	for i := range ids {
		if ids[i] = int32(min(r.IntN(v), r.IntN(v))); ids[i] == int32(unseen) {
			ids[i]++
		}
	}
	return ids
}

// TestWhiten: at a power of 0.5 the means of passages have a covariance of one size in all directions, at 0 the one that they had, turned.
func TestWhiten(t *testing.T) {
	const v, d, unseen = 24, 6, 5
	special := make([]bool, v)
	special[0] = true
	f := newTokens(t, v, varied(v, 4000, unseen))
	original := make([]float32, v*d)
	r := random.New(4)
	for i := range original {
		original[i] = float32(r.Normal()) * float32(1+i%d*3)
	}
	clear(original[unseen*d : (unseen+1)*d])
	for _, power := range []float64{0, 0.5} {
		x := append([]float32(nil), original...)
		if err := whiten(x, d, f, special, power); err != nil {
			t.Fatal(err)
		}
		if kernels.SumSquares(x[unseen*d:(unseen+1)*d]) != 0 {
			t.Errorf("power %g: a zero vector did not stay zero", power)
		}
		c := covariance(t, x, d, f, special)
		for i := range d {
			for j := range d {
				if i != j && math.Abs(c[i*d+j]) > 2e-3*math.Sqrt(c[i*d+i]*c[j*d+j]) {
					t.Errorf("power %g: directions %d and %d are correlated: %g beside %g and %g", power, i, j, c[i*d+j], c[i*d+i], c[j*d+j])
				}
			}
			if power == 0.5 && math.Abs(c[i*d+i]/c[0]-1) > 1e-2 {
				t.Errorf("direction %d has a variance of %g, the first %g", i, c[i*d+i], c[0])
			}
		}
		if power == 0 && c[0] < 2*c[d*d-1] {
			t.Errorf("without scaling the first direction has a variance of %g, the last %g", c[0], c[d*d-1])
		}
	}
	same := make([]int32, 100)
	for i := range same {
		same[i] = 7
	}
	if err := whiten(append([]float32(nil), original...), d, newTokens(t, v, same), special, 0.5); !errors.Is(err, ErrConfig) {
		t.Errorf("a text of one word: got %v, want ErrConfig", err)
	}
	if err := whiten(append([]float32(nil), original...), d, newTokens(t, v, []int32{1}), special, 0.5); !errors.Is(err, ErrConfig) {
		t.Errorf("a text of one passage: got %v, want ErrConfig", err)
	}
}

// covariance is that of passages' means.
func covariance(t *testing.T, x []float32, d int, f *data.TokenFile, special []bool) []float64 {
	t.Helper()
	means, n, err := passageMeans(x, d, f, special)
	if err != nil {
		t.Fatal(err)
	}
	centre, c := make([]float64, d), make([]float64, d*d)
	for i, m := range means {
		centre[i%d] += float64(m) / float64(n)
	}
	for k := range n {
		for i := range d {
			for j := range d {
				c[i*d+j] += (float64(means[k*d+i]) - centre[i]) * (float64(means[k*d+j]) - centre[j])
			}
		}
	}
	return c
}

// TestPassageMeans by hand: special tokens end a passage, and so does its length.
func TestPassageMeans(t *testing.T) {
	vectors := []float32{9, 1, 2, 4}
	ids := []int32{1, 2, 0, 0, 3}
	for range passageTokens {
		ids = append(ids, 3)
	}
	means, n, err := passageMeans(vectors, 1, newTokens(t, 4, ids), []bool{true, false, false, false})
	if err != nil {
		t.Fatal(err)
	}
	if n != 3 || means[0] != 1.5 || means[1] != 4 || means[2] != 4 {
		t.Errorf("got %d means %v, want 1.5, 4, 4", n, means)
	}
}

// TestSpelled: tokens that share letters are alike, those that share none aren't; special ones have no spelling.
func TestSpelled(t *testing.T) {
	m, err := texttest.Model(1, "charge", "charged", "##charge", "window", "windows")
	if err != nil {
		t.Fatal(err)
	}
	x := spelled(m.Tokenizer)
	at := func(token string) int {
		for id := range m.Tokenizer.VocabSize() {
			if m.Tokenizer.Token(int32(id)) == token {
				return id
			}
		}
		t.Fatalf("no token %q", token)
		return 0
	}
	like := func(a, b string) float64 { return cosine(x, at(a), at(b), buckets) }
	for _, c := range []struct {
		a, b      string
		low, high float64
	}{{"charge", "charged", 0.3, 0.99}, {"charge", "##charge", 0.3, 0.99}, {"charge", "window", -0.2, 0.2}, {"window", "window", 0.9999, 1.0001}} {
		if got := like(c.a, c.b); !(got >= c.low && got <= c.high) {
			t.Errorf("%s and %s: cosine %.3f, want %g to %g", c.a, c.b, got, c.low, c.high)
		}
	}
	if id := int(m.Pad()); kernels.SumSquares(x[id*buckets:(id+1)*buckets]) != 0 {
		t.Error("the padding token has a spelling")
	}
}

// TestLengthen keeps zeros.
func TestLengthen(t *testing.T) {
	x := []float32{3, 4, 0, 0}
	unit(x, 2)
	if math.Abs(float64(x[0])-0.6) > 1e-6 || math.Abs(float64(x[1])-0.8) > 1e-6 || x[2] != 0 || x[3] != 0 {
		t.Errorf("got %v, want .6 .8 0 0", x)
	}
}

// TestCentre: after it the mean vectors of texts have no mean and a variance of one, and what tells them apart is as it was.
func TestCentre(t *testing.T) {
	words := make([]string, 30)
	for i := range words {
		words[i] = string(rune('a'+i/26)) + string(rune('a'+i%26))
	}
	m, err := texttest.Model(1, words...)
	if err != nil {
		t.Fatal(err)
	}
	f := newTokens(t, m.Tokenizer.VocabSize(), varied(m.Tokenizer.VocabSize(), 20000, 0))
	c := Config{Length: m.Length(0)}
	look := func() (mean, variance float64, x []float32) {
		p, err := newSpread(m, f, c)
		if err != nil {
			t.Fatal(err)
		}
		if x, err = p.vectors(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		d := m.Width()
		for j := range d {
			var sum, squares float64
			for i := j; i < len(x); i += d {
				sum += float64(x[i])
				squares += float64(x[i]) * float64(x[i])
			}
			n := float64(len(x) / d)
			mean = max(mean, math.Abs(sum/n))
			variance += (squares/n - sum/n*sum/n) / float64(d)
		}
		return mean, variance, x
	}
	before, _, was := look()
	if err := centre(t.Context(), m, nil, f, c); err != nil {
		t.Fatal(err)
	}
	after, variance, is := look()
	if before < 0.1 || after > 1e-3 || math.Abs(variance-1) > 1e-3 {
		t.Errorf("the mean is %g before and %g after, want 0; the variance is %g, want 1", before, after, variance)
	}
	d := m.Width()
	scale := float64(is[0]-is[d]) / float64(was[0]-was[d])
	for j := range d {
		if got, want := float64(is[j]-is[d+j]), scale*float64(was[j]-was[d+j]); math.Abs(got-want) > 1e-2*(1+math.Abs(want)) {
			t.Errorf("direction %d: two texts are %g apart, want %g", j, got, want)
		}
	}
}

// TestUncentre: a layer gives for centred vectors what it gave for them before.
func TestUncentre(t *testing.T) {
	const in, out, std = 5, 3, 0.25
	l := nn.NewLinear("l", in, out)
	r := random.New(6)
	for _, p := range l.Params() {
		for i := range p.Value {
			p.Value[i] = float32(r.Normal())
		}
	}
	x, mean, centred := make([]float32, in), make([]float32, in), make([]float32, in)
	for i := range x {
		x[i], mean[i] = float32(r.Normal()), float32(r.Normal())
		centred[i] = (x[i] - mean[i]) / std
	}
	apply := func(x []float32) []float64 {
		y := make([]float64, out)
		for i := range y {
			y[i] = float64(l.B.Value[i])
			for j, v := range x {
				y[i] += float64(l.W.Value[i*in+j]) * float64(v)
			}
		}
		return y
	}
	want := apply(x)
	uncentre(l, mean, std)
	for i, got := range apply(centred) {
		if math.Abs(got-want[i]) > 1e-5 {
			t.Errorf("output %d is %g, want %g", i, got, want[i])
		}
	}
}
