package demo

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/transfer"
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
		if p := a.Points[0]; len(p.Scores) != 2 || p.Interval[0] > p.Mean || p.Interval[1] < p.Mean || p.Choice == "" {
			t.Errorf("arm %+v, want two seeds, and the mean in its interval", a)
		}
	}
	if p := r.Arms[2].Points[0]; p.Mean < 0.25 {
		t.Errorf("TF-IDF tells six topics apart with accuracy %v, want better than chance", p.Mean)
	}
	if len(r.Verdicts) != 1 || len(r.Verdicts[0].Gains) != 2 {
		t.Fatalf("verdicts %+v, want one with gains over both", r.Verdicts)
	}
	for _, g := range r.Verdicts[0].Gains {
		if g.Interval[0] > g.Mean || g.Interval[1] < g.Mean {
			t.Errorf("gain %+v", g)
		}
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
		for _, part := range []string{"TF-IDF", percent(r.Arms[0].Points[0].Mean), r.Verdicts[0].Says, r.Page} {
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
	r := Report{Report: &transfer.Report{Arms: []transfer.ArmReport{{Name: "<b>", Points: make([]transfer.Point, 1)}}}, Page: "p", Summary: []string{"<script>alert(1)</script>"}}
	page, err := r.HTML()
	if err != nil || strings.Contains(string(page), "<script>") || strings.Contains(string(page), "<b>") {
		t.Errorf("%v\n%s", err, page)
	}
}
