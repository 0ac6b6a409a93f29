package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCalibrated goes the whole way of a classifier that knows how sure it is: adapt by cross-fitting, eval with the curve, predict, verify.
func TestCalibrated(t *testing.T) {
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("text,label\n")
	for i, a := range animals {
		for j := range animal {
			for _, extra := range []string{"", " again", " today"} {
				fmt.Fprintf(&b, animal[j]+extra+",animal\n"+machine[j]+extra+",machine\n", a, machines[i])
			}
		}
	}
	base, data, test := smallBase(t, dir, 1), write(t, dir, "train.csv", b.String()), labelledCSV(t, dir, "test.csv")
	out := filepath.Join(dir, "adapter")
	adapt := []string{"adapt", "classify", "--base", base, "--data", data, "--out", out, "--eval", test, "--method", "head", "--json"}
	a := lastObject(t, mustFM(t, "", append(adapt, "--calibration-folds", "2", "--coverage", "0.8")...))
	if m := a["metrics"].(map[string]any); m["n"] != 36.0 || m["ece"] == nil || m["coverage"] == nil {
		t.Errorf("adapt says %v", a)
	}
	s := lastObject(t, mustFM(t, "", "eval", "classify", "--adapter", out, "--data", test, "--curve", filepath.Join(dir, "curve.json"), "--json"))
	raw, err := os.ReadFile(filepath.Join(dir, "curve.json"))
	var curve struct {
		AURC   float64
		Points []struct{ Coverage, Risk float64 }
	}
	if e := json.Unmarshal(raw, &curve); err != nil || e != nil || curve.AURC != s["aurc"] || curve.Points[len(curve.Points)-1].Coverage != 1 {
		t.Errorf("got the curve %s, %v, %v beside %v", raw, err, e, s)
	}
	mustFM(t, "", "eval", "classify", "--adapter", out, "--data", test, "--curve", filepath.Join(dir, "curve.html"))
	if page, err := os.ReadFile(filepath.Join(dir, "curve.html")); err != nil || !strings.Contains(string(page), "<svg") {
		t.Errorf("got the page %.100q, %v", page, err)
	}
	p := lastObject(t, mustFM(t, `{"text": "the horse sleeps in the hay"}`+"\n", "predict", "--adapter", out))
	if v := p["verdict"]; v != "answer" && v != "abstain" || p["confidence"] == nil || p["labels"] == nil || p["label"] == nil || p["score"] == nil {
		t.Errorf("predict says %v", p)
	}
	if v := lastObject(t, mustFM(t, "", "verify", out, "--json")); v["match"] != true {
		t.Errorf("verify says %v", v)
	}
	if p := mustFM(t, "", append(adapt, "--calibration-folds", "2", "--no-calibration")...); strings.Contains(p, "coverage\"") {
		t.Errorf("adapt says %s, want no calibration", p)
	}
	for _, bad := range [][]string{{"--coverage=2"}, {"--calibration-folds=1"}, {"--confidence-level=0"}, {"--calibration-share=1"}} {
		if _, code, err := fm(t, "", append(adapt, bad...)...); code != exitUsage {
			t.Errorf("%q: code %d, %v, want %d", bad, code, err, exitUsage)
		}
	}
	if _, code, err := fm(t, "", "eval", "qa", "--adapter", out, "--data", test, "--curve", "x"); code != exitUsage {
		t.Errorf("eval qa --curve: code %d, %v, want %d", code, err, exitUsage)
	}
}
