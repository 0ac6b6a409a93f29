package bench

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	r := Report{Peer: "Fake 1.0", Machine: ThisMachine(), Costs: map[string]float64{"graph": 0.012}}
	if r.add(); r.MinRatio != 0 {
		t.Errorf("lowest ratio of nothing is %v, want 0", r.MinRatio)
	}
	r.add(Result{Name: "alone", Threads: 1, Ours: 5, Unit: "GFLOP/s"})
	r.add(Result{Name: "a", Threads: 1, Ours: 2, Peer: 1, Unit: "GFLOP/s", Ratio: 2}, Result{Name: "b", Threads: 2, Ours: 9, Peer: 10, Unit: "GFLOP/s", Ratio: 0.9})
	r.Beside = []Result{{Name: "compiled", Ratio: 0.1}}
	if r.MinRatio != 0.9 {
		t.Errorf("lowest ratio is %v, want 0.9: results without a peer and those beside don't count", r.MinRatio)
	}
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{`"results":[{"name":"alone","threads":1,"ours":5,"peer":0,"unit":"GFLOP/s","ratio":0`, `"min_ratio":0.9`, `"peer":"Fake 1.0"`, `"machine":{"cpu":`} {
		if !strings.Contains(string(raw), key) {
			t.Errorf("JSON lacks %s: %s", key, raw)
		}
	}
	var text strings.Builder
	if err := r.WriteTable(&text); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"lowest ratio 0.900", "graph: +1.20 %", "compiled"} {
		if !strings.Contains(text.String(), part) {
			t.Errorf("table lacks %q:\n%s", part, text.String())
		}
	}
}
