package demo

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/fmkit/fmkit/shared/transfer"
)

// A Report is what the demo found.
type Report struct {
	*transfer.Report

	From      string   `json:"from"`     // where the text comes from
	Packages  []string `json:"packages"` // the classes
	Labels    int      `json:"labels"`   // sentences to learn from, a class
	Params    int      `json:"params"`   // of the encoder
	Page      string   `json:"page"`
	Sentences int      `json:"sentences"` // of the page
	Summary   []string `json:"summary"`

	Inspection *Inspection `json:"inspection,omitempty"`
	Balance    *Balance    `json:"balance,omitempty"`

	Folder  string  `json:"folder"`
	Seconds float64 `json:"seconds"`
}

// WriteText writes the report for a terminal.
func (r Report) WriteText(w io.Writer) error {
	fmt.Fprintf(w, "\nWhich of %d packages does a sentence document? %d labelled sentences each, names masked, %d sentences to score.\n\n", len(r.Packages), r.Labels, r.Test)
	if err := r.Report.WriteText(w); err != nil {
		return err
	}
	if r.Page != "" {
		fmt.Fprintf(w, "\n%s in %d of its %d sentences:\n", r.Page, len(r.Summary), r.Sentences)
		for _, s := range r.Summary {
			fmt.Fprintf(w, "  - %s\n", s)
		}
	}
	if i := r.Inspection; i != nil {
		fmt.Fprintf(w, "\nIs this cloth scratched? %d good pictures to learn from, %d to judge, seen by %s.\n\n", i.Good, i.Test, i.Base)
		for _, a := range i.Arms {
			fmt.Fprintf(w, "  %-24s image_AUROC %.3f\n", a.Name, a.AUROC)
		}
		fmt.Fprintf(w, "\n%d of %d scratched ones found, %d of %d good ones called defective; heat map: %s\n", i.Found, i.Test/2, i.False, i.Test/2, i.Heat)
	}
	if b := r.Balance; b != nil {
		fmt.Fprintf(w, "\n%s after %d steps of play: mean return %.0f of %d episodes (untrained %.0f); film: %s\n", b.Environment, b.Steps, b.MeanReturn, b.Episodes, b.Untrained, b.Film)
	}
	_, err := fmt.Fprintf(w, "\nreport: %s\ntook %.0f s\n", r.Folder+"/report.html", r.Seconds)
	return err
}

func percent(x float64) string { return fmt.Sprintf("%.1f", 100*x) }

//go:embed report.html.tmpl
var page string

// HTML is the report as one page that needs nothing else.
func (r Report) HTML() ([]byte, error) {
	t, err := template.New("report").Funcs(template.FuncMap{
		"percent": percent,
		"join":    strings.Join,
		"width":   func(x float64) string { return fmt.Sprintf("%.1f%%", 100*x) },
	}).Parse(page)
	if err != nil {
		return nil, fmt.Errorf("demo: report: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, r); err != nil {
		return nil, fmt.Errorf("demo: report: %w", err)
	}
	return b.Bytes(), nil
}
