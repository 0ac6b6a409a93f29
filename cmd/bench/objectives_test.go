package bench

import (
	"io"
	"os"
	"testing"
)

// tinySizes are enough for every part of a step.
func tinySizes() ObjectiveSizes {
	return ObjectiveSizes{Preset: "tiny", Teacher: "tiny", Vocab: 200, Batch: 2, Length: 16, Pairs: 4, Short: 10}
}

// TestObjectives holds that every objective takes steps and learns its batch.
func TestObjectives(t *testing.T) {
	for _, name := range ObjectiveNames() {
		t.Run(name, func(t *testing.T) {
			b, err := newObjective(t.Context(), name, tinySizes(), t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			first, err := b.Step()
			if err != nil {
				t.Fatal(err)
			}
			last := 0.0
			for range 5 {
				if last, err = b.Step(); err != nil {
					t.Fatal(err)
				}
			}
			if !(last < first) {
				t.Errorf("loss was %v, is %v after five steps: want less", first, last)
			}
		})
	}
}

// TestObjectivesBesidePeer holds that both sides compute the same loss from the same weights, which Objectives checks before it times them.
func TestObjectivesBesidePeer(t *testing.T) {
	if os.Getenv("FMKIT_PYTHON") == "" {
		t.Skip("FMKIT_PYTHON is unset")
	}
	o := ObjectiveOptions{Options: Options{Peer: "torch", Threads: []int{1}, Pairs: 1, Log: io.Discard}, Names: ObjectiveNames(), Sizes: tinySizes()}
	r, err := Objectives(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range r.Results {
		t.Logf("%s: losses differ by %.2g", x.Name, x.Difference)
		if !(x.Ratio > 0) {
			t.Errorf("%s: got ratio %v, want more than 0", x.Name, x.Ratio)
		}
	}
}

func TestUnknownObjective(t *testing.T) {
	if _, err := Objectives(t.Context(), ObjectiveOptions{Names: []string{"none"}}); err == nil {
		t.Error("an objective that there isn't: got no error")
	}
}

// TestAutoencoderBesidePeer holds the same of the masked autoencoder.
func TestAutoencoderBesidePeer(t *testing.T) {
	if os.Getenv("FMKIT_PYTHON") == "" {
		t.Skip("FMKIT_PYTHON is unset")
	}
	o := AutoencoderOptions{Options: Options{Peer: "torch", Threads: []int{1}, Pairs: 1, Log: io.Discard}}
	o.Sizes = []AutoencoderSize{{"tiny", 28, 4, 1, 3, "adamw"}, {"tiny", 32, 8, 3, 2, "muon"}}
	r, err := Autoencoder(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range r.Results {
		t.Logf("%s: losses differ by %.2g", x.Name, x.Difference)
	}
}

// TestTrajectoryBesidePeer holds the same of models of trajectories.
func TestTrajectoryBesidePeer(t *testing.T) {
	if os.Getenv("FMKIT_PYTHON") == "" {
		t.Skip("FMKIT_PYTHON is unset")
	}
	o := TrajectoryOptions{Options: Options{Peer: "torch", Threads: []int{1}, Pairs: 1, Log: io.Discard}}
	o.Sizes = []TrajectorySize{{"tiny", 4, 3, 2, 5}, {"tiny", 7, 4, 3, 3}}
	r, err := Trajectory(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range r.Results {
		t.Logf("%s: losses differ by %.2g", x.Name, x.Difference)
	}
}

// TestTrajectory holds that steps are timed without a peer too.
func TestTrajectory(t *testing.T) {
	r, err := Trajectory(t.Context(), TrajectoryOptions{Options: Options{Threads: []int{1}, Pairs: 1, Log: io.Discard}, Sizes: []TrajectorySize{{"tiny", 4, 3, 2, 5}}})
	if err != nil || len(r.Results) != 1 || !(r.Results[0].Ours > 0) {
		t.Errorf("got %+v, %v", r, err)
	}
}
