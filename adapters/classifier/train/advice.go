package train

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/transfer"
)

// An Advice is what a Probe came to.
type Advice struct {
	Examples int      `json:"examples"`
	Sample   int      `json:"sample"`
	Classes  int      `json:"classes"` // of the sample
	Limits   Limits   `json:"-"`
	Baseline Probed   `json:"baseline"`
	Bases    []Probed `json:"bases"`

	Base    string  `json:"base,omitempty"`   // recommended; empty: the baseline is
	Method  string  `json:"method,omitempty"` // of adapt, for that base
	Says    string  `json:"says"`
	Seconds float64 `json:"seconds"`

	right []float64 // of the baseline, by example of the sample
}

// A Probed is a base or the baseline, cross-validated on the sample.
type Probed struct {
	Name     string            `json:"name"`
	Setting  string            `json:"setting,omitempty"`
	Accuracy float64           `json:"accuracy"`
	Gain     *transfer.Gain    `json:"gain,omitempty"`    // over the baseline, paired by example
	Latency  *transfer.Latency `json:"latency,omitempty"` // of one answer
	Memory   int64             `json:"memory,omitempty"`  // bytes of the weights when they are loaded to predict
	Sizes    Sizes             `json:"sizes,omitzero"`
	Within   []string          `json:"within,omitempty"`  // methods whose adapters keep the limits
	Without  string            `json:"without,omitempty"` // why it was not probed
}

// Sizes are bytes of files: of a base, and of it with an adapter by each method.
type Sizes struct {
	Base int64 `json:"base"`
	Head int64 `json:"head"`
	LoRA int64 `json:"lora"`
	Full int64 `json:"full"`
}

// hold lists the methods with which a base keeps the limits, the one that learns most first.
func (l Limits) hold(p *Probed) []string {
	if l.Latency > 0 && p.Latency.P99 > float64(l.Latency)/float64(time.Millisecond) || l.Memory > 0 && p.Memory > l.Memory {
		return nil
	}
	var all []string
	for _, m := range []struct {
		name string
		size int64
	}{{adapter.Full, p.Sizes.Full}, {adapter.LoRA, p.Sizes.LoRA}, {adapter.Head, p.Sizes.Head}} {
		if l.Size == 0 || m.size <= l.Size {
			all = append(all, m.name)
		}
	}
	return all
}

// recommend takes the best of the bases that keep the limits, if its vectors alone already beat the baseline. Of the methods it takes the one that learns
// most and keeps the limits, by rule: no method is tried.
func (a *Advice) recommend() {
	best := -1
	for i, b := range a.Bases {
		if len(b.Within) > 0 && (best < 0 || b.Accuracy > a.Bases[best].Accuracy) {
			best = i
		}
	}
	if best < 0 {
		a.Says = fmt.Sprintf("use the baseline, %s: no base was probed that keeps the limits", a.Baseline.Name)
		return
	}
	b := a.Bases[best]
	switch g := b.Gain; {
	case g.Interval[0] > 0:
		a.Base, a.Method = b.Name, b.Within[0]
		a.Says = fmt.Sprintf("use %s with method %s: its vectors as they are beat the baseline, %s", b.Name, a.Method, g)
		if !slices.Contains(b.Within, adapter.Full) {
			a.Says += "; method full would not keep the limit of size"
		}
	case g.Interval[1] < 0:
		a.Says = fmt.Sprintf("use the baseline, %s: the best base, %s as it is, is worse, %s; whether tuning makes up for it, report transfer tells", a.Baseline.Name, b.Name, g)
	default:
		a.Says = fmt.Sprintf("use the baseline, %s, which is cheaper: the sample shows no difference to the best base, %s as it is, %s; whether tuning pays, report transfer tells", a.Baseline.Name, b.Name, g)
	}
}

// WriteText writes the advice for a terminal.
func (a *Advice) WriteText(w io.Writer) error {
	fmt.Fprintf(w, "%d of %d examples of %d classes, %d-fold cross-validation\n\n", a.Sample, a.Examples, a.Classes, folds)
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(t, "model\taccuracy\tover the baseline\tan answer\tin memory\tfiles with head, lora, full\twithin the limits")
	for _, p := range append([]Probed{a.Baseline}, a.Bases...) {
		if p.Without != "" {
			fmt.Fprintf(t, "%s\tnot probed: %s\n", p.Name, p.Without)
			continue
		}
		fmt.Fprintf(t, "%s\t%.1f", p.Name, 100*p.Accuracy)
		if p.Gain == nil {
			fmt.Fprintf(t, "\t\t%s\n", p.Latency)
			continue
		}
		within := "none"
		if len(p.Within) > 0 {
			within = fmt.Sprint(p.Within)
		}
		fmt.Fprintf(t, "\t%+.1f (%+.1f to %+.1f)\t%s\t%s\t%s, %s, %s\t%s\n", 100*p.Gain.Mean, 100*p.Gain.Interval[0], 100*p.Gain.Interval[1], p.Latency,
			megabytes(p.Memory), megabytes(p.Sizes.Head), megabytes(p.Sizes.LoRA), megabytes(p.Sizes.Full), within)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n\nTook %.1f s; nothing was tuned.\n", a.Says, a.Seconds)
	return err
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
