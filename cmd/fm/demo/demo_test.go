package demo

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/classifier/train"
)

// TestRun goes the whole way on the small text, with two seeds.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	r, err := Run(t.Context(), Options{Dir: dir, GOROOT: "none", Seeds: 2})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Arms) != 3 || len(r.Packages) != 6 || len(r.Summary) != summarySentences || r.Test == 0 {
		t.Errorf("report %+v", r)
	}
	for _, a := range r.Arms {
		if len(a.Accuracy) != 2 || a.Interval[0] > a.Mean || a.Interval[1] < a.Mean || a.Choice == "" {
			t.Errorf("arm %+v, want two seeds, and the mean in its interval", a)
		}
	}
	if a := r.Arms[2]; a.Mean < 0.25 {
		t.Errorf("TF-IDF tells six topics apart with accuracy %v, want better than chance", a.Mean)
	}
	if r.Gain.Interval[0] > r.Gain.Mean || r.Gain.Interval[1] < r.Gain.Mean {
		t.Errorf("gain %+v", r.Gain)
	}
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{string(page), text.String()} {
		for _, part := range []string{"TF-IDF", percent(r.Arms[0].Mean), r.Gain.Verdict(), r.Page} {
			if !strings.Contains(out, part) {
				t.Errorf("report lacks %q:\n%s", part, out)
			}
		}
	}
	if s := string(page); strings.Contains(s, "http://") || strings.Contains(s, "https://") || strings.Contains(s, "<script") {
		t.Error("the page needs something from elsewhere")
	}
}

// TestHTMLEscapes holds that documentation can't become markup.
func TestHTMLEscapes(t *testing.T) {
	r := Report{TransferReport: train.TransferReport{Arms: []train.Arm{{Name: "<b>"}}}, Page: "p", Summary: []string{"<script>alert(1)</script>"}}
	page, err := r.HTML()
	if err != nil || strings.Contains(string(page), "<script>") || strings.Contains(string(page), "<b>") {
		t.Errorf("%v\n%s", err, page)
	}
}
