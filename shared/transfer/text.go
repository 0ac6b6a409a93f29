package transfer

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// WriteText writes the report for a terminal.
func (r *Report) WriteText(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintf(t, "labels\tmodel\t%s\t95 %% interval", r.Metric)
	for i := range r.Seeds {
		fmt.Fprintf(t, "\tseed %d", i+1)
	}
	fmt.Fprint(t, "\tover scratch\tover baseline\tseconds\tchosen\n")
	for i := range r.Budgets {
		for _, a := range r.Arms {
			p := a.Points[i]
			fmt.Fprintf(t, "%d\t%s\t%.1f\t%.1f to %.1f", p.Train, a.Name, r.Scale*p.Mean, r.Scale*p.Interval[0], r.Scale*p.Interval[1])
			for _, x := range p.Scores {
				fmt.Fprintf(t, "\t%.1f", r.Scale*x)
			}
			fmt.Fprintf(t, "\t%s\t%s\t%.1f\t%s\n", p.gain(Scratch, r.Scale), p.gain(Baseline, r.Scale), p.Seconds, p.Choice)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	for _, a := range r.Arms {
		fmt.Fprintf(w, "%s: %s", a.Name, a.About)
		if a.Params > 0 {
			fmt.Fprintf(w, ", %d numbers learnt", a.Params)
		}
		if a.Bytes > 0 {
			fmt.Fprintf(w, ", adapter of %d bytes", a.Bytes)
		}
		if a.Latency != nil {
			fmt.Fprintf(w, ", an answer takes %s", a.Latency)
		}
		fmt.Fprintln(w)
	}
	for _, s := range r.Saved {
		fmt.Fprintf(w, "labels saved, %s; a tenth is enough: %s\n", s.text(r.Scale), s.AtTenth)
	}
	for _, b := range r.Paying {
		fmt.Fprintf(w, "compute breaks even, %s: %s\n", b.Arm, b.Text)
	}
	if r.Verdict == "" {
		return nil
	}
	fmt.Fprintln(w)
	for _, v := range r.Verdicts {
		for _, g := range v.Gains {
			fmt.Fprintf(w, "%d labels, %s: %s\n", v.Train, v.Arm, g.text(r.Scale))
		}
	}
	_, err := fmt.Fprintf(w, "\n%s\n", r.Verdict)
	return err
}

// String gives both times.
func (l Latency) String() string { return fmt.Sprintf("%.3g ms (p99 %.3g)", l.P50, l.P99) }

// gain is a cell of the table, on the scale that scores are shown in.
func (p *Point) gain(over string, scale float64) string {
	for _, g := range p.Gains {
		if g.Over == over {
			return fmt.Sprintf("%+.1f (%+.1f to %+.1f)", scale*g.Mean, scale*g.Interval[0], scale*g.Interval[1])
		}
	}
	return ""
}
