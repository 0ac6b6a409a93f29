package bench

import (
	"io"
	"os"
	"testing"

	"github.com/fmkit/fmkit/shared/backbone"
)

func tinyAdapt() AdaptSizes {
	return AdaptSizes{Encoder: backbone.Config{Hidden: 32, Layers: 2, Heads: 2, MaxPositions: 16, Types: 2}, Vocab: 100, Batch: 4, Length: 8, Classes: 3}
}

// TestAdapt holds that every method takes steps.
func TestAdapt(t *testing.T) {
	r, err := Adapt(t.Context(), AdaptOptions{Options: Options{Threads: []int{1}, Pairs: 1, Log: io.Discard}, Names: AdaptNames(), Sizes: tinyAdapt()})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Results) != len(AdaptNames()) || len(r.Costs) != len(AdaptNames())-1 {
		t.Errorf("got %d results and %d shares, want one for each of %q", len(r.Results), len(r.Costs), AdaptNames())
	}
	if _, err := Adapt(t.Context(), AdaptOptions{Names: []string{"none"}}); err == nil {
		t.Error("a method that there isn't: got no error")
	}
}

// TestAdaptBesidePeer holds that both sides compute the same loss, which Adapt checks before it times them.
func TestAdaptBesidePeer(t *testing.T) {
	if os.Getenv("FMKIT_PYTHON") == "" {
		t.Skip("FMKIT_PYTHON is unset")
	}
	o := AdaptOptions{Options: Options{Peer: "torch", Threads: []int{1}, Pairs: 1, Log: io.Discard}, Names: []string{"full", "lora", "head"}, Sizes: tinyAdapt()}
	r, err := Adapt(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range r.Results {
		t.Logf("%s: losses differ by %.2g, ratio %.2f", x.Name, x.Difference, x.Ratio)
	}
}
