package demo

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"text/tabwriter"
)

// A Report is what the demo found.
type Report struct {
	From      string      `json:"from"`     // where the text comes from
	Words     int         `json:"words"`    // of the text to pretrain on
	Packages  []string    `json:"packages"` // the classes
	Labels    int         `json:"labels"`   // sentences to learn from, a class
	Test      int         `json:"test"`     // sentences scored on
	Vocab     int         `json:"vocab"`
	Params    int         `json:"params"` // of the encoder
	Pretrain  Pretraining `json:"pretrain"`
	Arms      []Arm       `json:"arms"`
	Gain      *Gain       `json:"gain"` // of pretraining over the best other arm
	Page      string      `json:"page"`
	Sentences int         `json:"sentences"` // of the page
	Summary   []string    `json:"summary"`
	Folder    string      `json:"folder"`
	Seconds   float64     `json:"seconds"`
}

// Pretraining is what the masked language model came to.
type Pretraining struct {
	Steps       int     `json:"steps"`
	Loss        float64 `json:"eval_loss"`     // on held-back text
	Accuracy    float64 `json:"eval_accuracy"` // of masked tokens
	UnigramLoss float64 `json:"unigram_loss"`  // of guessing by frequency alone
	Seconds     float64 `json:"seconds"`
}

// An Arm is one way to classify, run with several seeds.
type Arm struct {
	Name     string     `json:"name"`
	Choice   string     `json:"choice"`   // rate and epochs, or features, chosen on a development split
	Accuracy []float64  `json:"accuracy"` // by seed
	Mean     float64    `json:"mean"`
	Interval [2]float64 `json:"interval"` // of the mean, over seeds and sentences
	Seconds  float64    `json:"seconds"`
}

// A Gain is a difference of accuracies with its interval.
type Gain struct {
	Over     string     `json:"over"`
	Mean     float64    `json:"mean"`
	Interval [2]float64 `json:"interval"`
}

// Verdict says in words what the gain means.
func (g Gain) Verdict() string {
	switch {
	case g.Interval[0] > 0:
		return "pretraining pays here"
	case g.Interval[1] < 0:
		return "pretraining hurts here"
	}
	return "no difference that these sentences can show"
}

// String gives the gain in points.
func (g Gain) String() string {
	return fmt.Sprintf("%+.1f points over %s (95 %% interval %+.1f to %+.1f): %s", 100*g.Mean, g.Over, 100*g.Interval[0], 100*g.Interval[1], g.Verdict())
}

// WriteText writes the report for a terminal.
func (r Report) WriteText(w io.Writer) error {
	fmt.Fprintf(w, "\nWhich of %d packages does a sentence document? %d labelled sentences each, names masked, %d sentences to score.\n\n", len(r.Packages), r.Labels, r.Test)
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprint(t, "model\taccuracy\t95 % interval")
	for i := range r.Arms[0].Accuracy {
		fmt.Fprintf(t, "\tseed %d", i+1)
	}
	fmt.Fprint(t, "\tseconds\tchosen\n")
	for _, a := range r.Arms {
		fmt.Fprintf(t, "%s\t%s\t%s to %s", a.Name, percent(a.Mean), percent(a.Interval[0]), percent(a.Interval[1]))
		for _, x := range a.Accuracy {
			fmt.Fprintf(t, "\t%s", percent(x))
		}
		fmt.Fprintf(t, "\t%.1f\t%s\n", a.Seconds, a.Choice)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if r.Gain != nil {
		fmt.Fprintf(w, "\npretrained: %s\n", r.Gain)
	}
	if r.Page != "" {
		fmt.Fprintf(w, "\n%s in %d of its %d sentences:\n", r.Page, len(r.Summary), r.Sentences)
		for _, s := range r.Summary {
			fmt.Fprintf(w, "  - %s\n", s)
		}
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
