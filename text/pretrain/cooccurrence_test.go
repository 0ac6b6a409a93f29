package pretrain

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/random"
)

// tokens writes one document of ids and opens it.
func newTokens(t *testing.T, vocab int, ids []int32) *data.TokenFile {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tokens")
	w, err := data.CreateTokens(path, vocab)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	if err := w.Add(ids); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	f, err := data.OpenTokens(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// TestCount counts by hand: token 0 is special and ends a context.
func TestCount(t *testing.T) {
	c := &CoOccurrence{Window: 2}
	got, err := c.count(newTokens(t, 4, []int32{1, 2, 3, 1, 0, 2, 2}), []bool{true, false, false, false})
	if err != nil {
		t.Fatal(err)
	}
	want := []float32{
		0, 0, 0, 0,
		0, 0, 1.5, 1.5, // 1 beside 2 and two off it; beside 3 and two off it
		0, 1.5, 2, 1, // 2 beside itself: each is the other's context
		0, 1.5, 1, 0,
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}

// TestCountAcrossBuffers: a context goes on from one buffer of tokens to the next.
func TestCountAcrossBuffers(t *testing.T) {
	const v, window = 7, 5
	r := random.New(2)
	ids := make([]int32, 2<<15+100)
	for i := range ids {
		ids[i] = int32(r.IntN(v))
	}
	c := &CoOccurrence{Window: window}
	special := make([]bool, v)
	special[0] = true
	got, err := c.count(newTokens(t, v, ids), special)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]float64, v*v)
	for i, id := range ids {
		for j := i - 1; id != 0 && j >= 0 && j >= i-window && ids[j] != 0; j-- {
			want[int(id)*v+int(ids[j])] += 1 / float64(i-j)
			want[int(ids[j])*v+int(id)] += 1 / float64(i-j)
		}
	}
	for i := range want {
		if math.Abs(float64(got[i])-want[i]) > 1e-4*want[i] {
			t.Fatalf("count %d: got %g, want %g", i, got[i], want[i])
		}
	}
}

// TestInformation holds the positive pointwise mutual information of a small table to its definition.
func TestInformation(t *testing.T) {
	for _, smooth := range []float64{0.5, 0.75, 1} {
		const v = 4
		counts := []float32{0, 0, 0, 0, 0, 0, 6, 1, 0, 6, 2, 1, 0, 1, 1, 0} // token 0 never occurs
		table := append([]float32(nil), counts...)
		c := &CoOccurrence{Smooth: smooth}
		c.information(table, v)
		var rows, contexts [v]float64
		var total, smoothed float64
		for i, n := range counts {
			rows[i/v] += float64(n)
			total += float64(n)
		}
		for i := range rows {
			contexts[i] = math.Pow(rows[i], smooth)
			smoothed += contexts[i]
		}
		for i, n := range counts {
			want := 0.0
			if n > 0 {
				want = max(0, math.Log(float64(n)/total/(rows[i/v]/total*contexts[i%v]/smoothed)))
			}
			if math.Abs(float64(table[i])-want) > 1e-6 {
				t.Errorf("smoothing %g: entry %d is %g, want %g", smooth, i, table[i], want)
			}
		}
	}
}
