package train

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// An Arm is one way to classify, run with several seeds.
type Arm struct {
	Name     string     `json:"name"`
	Choice   string     `json:"choice"`   // rate and epochs, or features, chosen on a development split
	Accuracy []float64  `json:"accuracy"` // by seed
	Mean     float64    `json:"mean"`
	Interval [2]float64 `json:"interval"` // of the mean, over seeds and examples
	Seconds  float64    `json:"seconds"`
}

// A Gain is a difference of accuracies with its interval, paired by seed and example.
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
	return "no difference that these examples can show"
}

// String gives the gain in points.
func (g Gain) String() string {
	return fmt.Sprintf("%+.1f points over %s (95 %% interval %+.1f to %+.1f): %s", 100*g.Mean, g.Over, 100*g.Interval[0], 100*g.Interval[1], g.Verdict())
}

// A TransferReport is what came of it: the arms, pretrained first, and how the first compares with the best of the others and with each.
type TransferReport struct {
	Train int    `json:"train"` // examples learnt from, by each seed
	Test  int    `json:"test"`
	Arms  []Arm  `json:"arms"`
	Gain  Gain   `json:"gain"`
	Gains []Gain `json:"gains"` // over each of the others
}

// WriteText writes a table for a terminal.
func (r TransferReport) WriteText(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprint(t, "model\taccuracy\t95 % interval")
	for i := range r.Arms[0].Accuracy {
		fmt.Fprintf(t, "\tseed %d", i+1)
	}
	fmt.Fprint(t, "\tseconds\tchosen\n")
	for _, a := range r.Arms {
		fmt.Fprintf(t, "%s\t%.1f\t%.1f to %.1f", a.Name, 100*a.Mean, 100*a.Interval[0], 100*a.Interval[1])
		for _, x := range a.Accuracy {
			fmt.Fprintf(t, "\t%.1f", 100*x)
		}
		fmt.Fprintf(t, "\t%.1f\t%s\n", a.Seconds, a.Choice)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	for _, g := range r.Gains {
		if _, err := fmt.Fprintf(w, "pretrained: %s\n", g); err != nil {
			return err
		}
	}
	return nil
}
