package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/inspector"
)

// tinyInspect is all of it in small: a model of 16x16 pixels, and as few good pictures as there must be.
func tinyInspect() InspectOptions {
	return InspectOptions{
		Options: Options{Threads: []int{1}, Pairs: 3}, Preset: "tiny", Image: 16, Patch: 4, Good: 100, Pictures: 8,
		Files: []PictureFile{{Width: 16, Height: 16}, {Width: 40, Height: 30, JPEG: true}},
	}
}

// TestInspect: every kind of file has its half and its 99 of 100.
func TestInspect(t *testing.T) {
	r, err := Inspect(t.Context(), tinyInspect())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, x := range r.Results {
		names = append(names, x.Name)
		if x.Threads != 1 || x.Unit != "ms" || !(x.Ours > 0) || x.Ours != 1e3*x.OursSeconds || x.Ratio != 0 {
			t.Errorf("got %+v", x)
		}
	}
	if got, want := strings.Join(names, "; "), "inspect 16x16 PNG, p50; inspect 16x16 PNG, p99; inspect 40x30 JPEG, p50; inspect 40x30 JPEG, p99"; got != want {
		t.Errorf("got results of %s, want %s", got, want)
	}
	o := tinyInspect()
	o.Files = []PictureFile{{Width: 40, Height: 16}}
	if _, err := Inspect(t.Context(), o); err == nil || !strings.Contains(err.Error(), "want the model's 16") {
		t.Errorf("pictures that are looked at in another size: got %v", err)
	}
}

// TestInspectBesidePeer holds that both sides come to the same verdicts, which Inspect checks before it times them.
func TestInspectBesidePeer(t *testing.T) {
	if os.Getenv("FMKIT_PYTHON") == "" {
		t.Skip("FMKIT_PYTHON is unset")
	}
	o := tinyInspect()
	o.Peer = "onnxruntime"
	r, err := Inspect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range r.Results {
		t.Logf("%s: scores differ by %.2g, ratio %.2f, %d ways", x.Name, x.Difference, x.Ratio, len(x.Tried))
		if !(x.Peer > 0 && x.Ratio > 0) || len(x.Tried) != 6 {
			t.Errorf("got %+v, want a ratio and 6 ways that work", x)
		}
	}
}

// TestInspectWays: each of the peer's ways comes to our verdicts, not only the one that is the fastest today.
func TestInspectWays(t *testing.T) {
	if os.Getenv("FMKIT_PYTHON") == "" {
		t.Skip("FMKIT_PYTHON is unset")
	}
	o, dir := tinyInspect().filledInspect(), t.TempDir()
	s, err := o.station(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	k := inspections{station: s, file: o.Files[0], folder: filepath.Join(dir, "pictures")}
	if k.raw, err = k.file.write(k.folder, "p", 4, true); err != nil {
		t.Fatal(err)
	}
	peer, err := StartPeer(t.Context(), "peer_inspect.py", 1, "1", dir, "pictures="+k.folder)
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	all, err := peer.Prepare("pictures")
	if err != nil || len(all.Tried) != 6 {
		t.Fatalf("got %d ways, %v and %v, want 6", len(all.Tried), all.Failed, err)
	}
	for way := range all.Tried {
		if _, err := peer.Prepare("pictures", way); err != nil {
			t.Fatal(err)
		}
		for i := range k.raw {
			x, err := peer.Output("pictures", i)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := k.compare(i, x); err != nil {
				t.Errorf("%s: picture %d: %v", way, i, err)
			}
		}
	}
	if taken, err := peer.Each("pictures", 1, 4); err != nil || len(taken) != 3 || !(taken[0] > 0) {
		t.Errorf("got %v, %v, want the seconds of 3 pictures", taken, err)
	}
}

// TestCompareVerdicts: another score, label or map is not the same work.
func TestCompareVerdicts(t *testing.T) {
	o, dir := tinyInspect().filledInspect(), t.TempDir()
	s, err := o.station(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	k := inspections{station: s, file: o.Files[0]}
	if k.raw, err = k.file.write(filepath.Join(dir, "pictures"), "p", 4, true); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{inspector.OK, inspector.OK, inspector.OK, inspector.Defect} {
		a, err := k.judge(i)
		if err != nil || a.Label != want {
			t.Errorf("picture %d: got %s with score %g, %v, want %s", i, a.Label, a.Score, err, want)
		}
	}
	a, err := k.judge(3)
	if err != nil {
		t.Fatal(err)
	}
	good := append(append([]float32(nil), a.Map.Values...), float32(a.Score), 1)
	if d, err := k.compare(3, good); err != nil || d > 1e-6*a.Score {
		t.Errorf("its own verdict: got a difference of %g, %v", d, err)
	}
	n := len(a.Map.Values)
	for name, change := range map[string]func(x []float32) []float32{
		"score: got": func(x []float32) []float32 { x[n] *= 1.002; return x },
		"label: got": func(x []float32) []float32 { x[n+1] = 0; return x },
		"map: value": func(x []float32) []float32 { x[7] += 0.1 * x[7]; return x },
		"want a map": func(x []float32) []float32 { return x[1:] },
	} {
		if _, err := k.compare(3, change(append([]float32(nil), good...))); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want an error that has %q", err, name)
		}
	}
}
