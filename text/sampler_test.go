package text

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
)

// scoreTolerance is relative: one rounding of float32 more or less.
const scoreTolerance = 2e-7

// TestProcessors holds the scores and what is left of them to transformers' logits processors.
func TestProcessors(t *testing.T) {
	f, err := checkpoint.Open("testdata/generate/processors.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var golden struct {
		Cases []struct {
			Temperature float32 `json:"temperature"`
			TopK        int     `json:"top_k"`
			TopP        float32 `json:"top_p"`
			Penalty     float32 `json:"repetition_penalty"`
			Banned      []int32 `json:"banned"`
		} `json:"cases"`
	}
	if err := json.Unmarshal([]byte(f.Metadata()["golden"]), &golden); err != nil {
		t.Fatal(err)
	}
	read := func(name string, i int) []float32 {
		name = fmt.Sprintf("%s/%d", name, i)
		info, err := f.Info(name)
		if err != nil {
			t.Fatal(err)
		}
		x := make([]float32, info.Count)
		if err := f.Read(name, x); err != nil {
			t.Fatal(err)
		}
		return x
	}
	for i, c := range golden.Cases {
		if c.Temperature == 0 {
			c.Temperature = 1
		}
		logits, want, finite := read("logits", i), read("scores", i), read("left", i)
		var s sampler
		s.reset(Sampling{Temperature: c.Temperature, TopK: c.TopK, TopP: c.TopP, Penalty: c.Penalty}, c.Banned, len(logits))
		for _, id := range read("seen", i) {
			s.see(int32(id))
		}
		s.score(logits)
		s.filter()
		left := map[int32]bool{}
		for _, id := range s.ids {
			left[id] = true
		}
		for id, w := range want {
			if finite[id] == 1 != left[int32(id)] {
				t.Errorf("case %d %+v: token %d is left: %t, want %g", i, c, id, left[int32(id)], finite[id])
			} else if z := s.scores[id]; left[int32(id)] && !(math.Abs(float64(z-w)) <= scoreTolerance*math.Abs(float64(w))) {
				t.Errorf("case %d %+v: score of token %d: got %g, want %g", i, c, id, z, w)
			}
		}
	}
	if len(golden.Cases) != 16 {
		t.Errorf("got %d cases, want 16", len(golden.Cases))
	}
}

// TestFilter holds the filters to sorting, with scores that are often equal and some that can't come.
func TestFilter(t *testing.T) {
	draw := random.New(random.Key(1, "filter"))
	for i := range 400 {
		v := 1 + draw.IntN(60)
		logits := make([]float32, v)
		for j := range logits {
			logits[j] = float32(draw.IntN(12)) * 0.37
		}
		c := Sampling{Temperature: 1, TopK: draw.IntN(v + 2), TopP: float32(draw.IntN(9)) / 8}
		var banned []int32
		for id := range v {
			if draw.IntN(5) == 0 {
				banned = append(banned, int32(id))
			}
		}
		var s sampler
		s.reset(c, banned, v)
		s.score(logits)
		s.filter()
		want := filtered(logits, banned, c)
		got := slices.Sorted(slices.Values(s.ids))
		if want != nil && !slices.Equal(got, want) {
			t.Fatalf("case %d: %+v of %v without %v: got %v, want %v", i, c, logits, banned, got, want)
		}
		if len(s.probs) != len(s.ids) {
			t.Fatalf("case %d: %d probabilities for %d tokens", i, len(s.probs), len(s.ids))
		}
	}
}

// filtered is what TopK and TopP leave, by sorting, in ascending order; nil where rounding decides.
func filtered(logits []float32, banned []int32, c Sampling) []int32 {
	var ids []int32
	for id := range int32(len(logits)) {
		if !slices.Contains(banned, id) {
			ids = append(ids, id)
		}
	}
	slices.SortStableFunc(ids, func(a, b int32) int { return cmp.Compare(logits[b], logits[a]) })
	if c.TopK > 0 {
		n := min(c.TopK, len(ids))
		for n > 0 && n < len(ids) && logits[ids[n]] == logits[ids[n-1]] {
			n++
		}
		ids = ids[:n]
	}
	if c.TopP > 0 && c.TopP < 1 {
		p := make([]float32, len(ids))
		for i, id := range ids {
			p[i] = logits[id]
		}
		kernels.Softmax(p, p, 1, len(p))
		sum := 0.0
		for i := range p {
			if math.Abs(sum-float64(c.TopP)) < 1e-6 {
				return nil // too near to the edge to say
			}
			if sum >= float64(c.TopP) {
				ids = ids[:i]
				break
			}
			sum += float64(p[i])
		}
	}
	return slices.Sorted(slices.Values(ids))
}

// TestDraws: tokens come as often as their probabilities say, and by seed and place alone.
func TestDraws(t *testing.T) {
	logits := []float32{1, 0, 2, -1, 0.5, 9}
	var s sampler
	s.reset(Sampling{Temperature: 1, Seed: 5}, []int32{5}, len(logits))
	const n = 40000
	counts := make([]int, len(logits))
	var first []int32
	for i := range n {
		id, ok := s.choose(logits, i)
		if !ok {
			t.Fatal("no token")
		}
		counts[id]++
		if i < 20 {
			first = append(first, id)
		}
	}
	sum := 0.0
	for _, z := range logits[:5] {
		sum += math.Exp(float64(z))
	}
	for id, z := range logits[:5] {
		p := math.Exp(float64(z)) / sum
		if got, deviation := float64(counts[id]), math.Sqrt(n*p*(1-p)); math.Abs(got-n*p) > 4*deviation {
			t.Errorf("token %d: came %g times, want %g, give or take %.0f", id, got, n*p, deviation)
		}
	}
	if counts[5] != 0 {
		t.Errorf("a token that never comes came %d times", counts[5])
	}
	s.reset(Sampling{Temperature: 1, Seed: 6}, []int32{5}, len(logits))
	same := 0
	for i, id := range first {
		if other, _ := s.choose(logits, i); other == id {
			same++
		}
	}
	if same == len(first) {
		t.Error("another seed draws the same tokens")
	}
}

// TestDrawEdges: the ends of the unit interval give tokens that can come.
func TestDrawEdges(t *testing.T) {
	s := sampler{ids: []int32{7, 8, 9, 4}, probs: []float32{0, 0.25, 0.5, 0}}
	for u, want := range map[float64]int32{0: 8, 1.0 / 3: 9, 1 - 0x1p-53: 9, 1: 9} {
		if got, ok := s.draw(u); !ok || got != want {
			t.Errorf("at %g: got %d, %t, want %d", u, got, ok, want)
		}
	}
	s.probs = make([]float32, 4)
	if _, ok := s.draw(0.5); ok {
		t.Error("a token of no probability came")
	}
}

// TestNoToken: logits that leave nothing are told from those that do.
func TestNoToken(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	for _, c := range []Sampling{{}, {Temperature: 1}, {Temperature: 1, TopK: 2}, {Temperature: 1, TopP: 0.5}} {
		for _, logits := range [][]float32{{inf, inf, 3}, {nan, nan, 3}} {
			var s sampler
			s.reset(c, []int32{2}, 3)
			if id, ok := s.choose(logits, 0); ok {
				t.Errorf("%+v of %v: got token %d", c, logits, id)
			}
		}
	}
}

func TestSamplingLimits(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []Sampling{{Temperature: -1}, {Temperature: 1e-9}, {Temperature: 1e9}, {Temperature: nan}, {TopK: -1}, {TopP: -0.1}, {TopP: 1.1}, {TopP: nan}, {Penalty: -1}, {Penalty: 1e9}, {Penalty: nan}} {
		if c.Validate() == nil {
			t.Errorf("%+v passed", c)
		}
	}
	for _, c := range []Sampling{{}, {Temperature: 1, TopK: 1 << 40, TopP: 1, Penalty: 1}, {Temperature: 1e-3, TopP: 1e-9, Penalty: 1e-3}} {
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
	}
}

// BenchmarkSampler times the choice of one token of 8,192.
func BenchmarkSampler(b *testing.B) {
	const v = 8192
	logits := make([]float32, v)
	draw := random.New(1)
	for i := range logits {
		logits[i] = float32(2 * draw.Normal())
	}
	for _, c := range []Sampling{{}, {Temperature: 1}, {Temperature: 1, TopK: 50}, {Temperature: 1, TopP: 0.95}, {Temperature: 1, TopK: 50, TopP: 0.95, Penalty: 1.2}} {
		b.Run(fmt.Sprintf("T%gK%dP%g", c.Temperature, c.TopK, c.TopP), func(b *testing.B) {
			var s sampler
			s.reset(c, []int32{0, 1, 2, 4}, v)
			s.see(9, 10, 11)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, ok := s.choose(logits, i); !ok {
					b.Fatal("no token")
				}
			}
		})
	}
}
