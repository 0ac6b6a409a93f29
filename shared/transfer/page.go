package transfer

import (
	"fmt"
	"io"
	"strconv"

	"github.com/fmkit/fmkit/shared/train"
)

// WriteHTML writes the report as one page that needs nothing else.
func (r *Report) WriteHTML(w io.Writer) error {
	page := train.Report{
		Title: fmt.Sprintf("Does pretraining pay? %s with %s", r.Task, r.Base), Intro: r.Verdict,
		Facts: []train.Fact{
			{Name: "examples to learn from", Value: strconv.Itoa(r.Pool)},
			{Name: "examples to test on", Value: strconv.Itoa(r.Test)},
			{Name: "seeds", Value: strconv.Itoa(r.Seeds)},
			{Name: "budgets count", Value: r.Unit},
			{Name: "score", Value: r.Metric},
			{Name: "seconds of all fits and scores", Value: fmt.Sprintf("%.0f", r.Seconds)},
		},
		Curves: []train.Curve{r.curve()},
		Tables: append([]train.Table{r.arms()}, r.budgets()...),
	}
	if len(r.Saved) > 0 {
		page.Tables = append(page.Tables, r.saved())
	}
	if len(r.Verdicts) > 0 {
		page.Tables = append(page.Tables, r.verdicts())
	}
	return train.WriteReport(w, page)
}

// curve is the score over labels, a line an arm.
func (r *Report) curve() train.Curve {
	c := train.Curve{Title: r.Metric + " by labels, with 95 % intervals", X: "labelled examples", Log: true}
	for _, a := range r.Arms {
		l := train.Line{Name: a.Name}
		for _, p := range a.Points {
			l.X, l.Y = append(l.X, float64(p.Train)), append(l.Y, p.Mean)
			l.Low, l.High = append(l.Low, p.Interval[0]), append(l.High, p.Interval[1])
		}
		c.Lines = append(c.Lines, l)
	}
	return c
}

func (r *Report) arms() train.Table {
	t := train.Table{Title: "Arms", Head: []string{"arm", "what it is", "numbers learnt", "bytes of the adapter", "an answer, ms", "p99, ms"}}
	number := func(n int64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	for _, a := range r.Arms {
		row := []string{a.Name, a.About, number(int64(a.Params)), number(a.Bytes), "", ""}
		if l := a.Latency; l != nil {
			row[4], row[5] = fmt.Sprintf("%.3g", l.P50), fmt.Sprintf("%.3g", l.P99)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// budgets is a table for every budget.
func (r *Report) budgets() (all []train.Table) {
	for i, b := range r.Budgets {
		title := fmt.Sprintf("%d %s", b, r.Unit)
		if b == All {
			title = "All examples"
		}
		t := train.Table{
			Title: title, Head: []string{"arm", "labels", r.Metric, "95 % interval", "over scratch", "over the baseline", "by seed", "seconds of a fit", "chosen"},
			Note: r.note(),
		}
		for _, a := range r.Arms {
			p := a.Points[i]
			seeds := ""
			for _, x := range p.Scores {
				seeds += fmt.Sprintf("%.1f ", r.Scale*x)
			}
			t.Rows = append(t.Rows, []string{
				a.Name, strconv.Itoa(p.Train), fmt.Sprintf("%.1f", r.Scale*p.Mean), fmt.Sprintf("%.1f to %.1f", r.Scale*p.Interval[0], r.Scale*p.Interval[1]),
				p.gain(Scratch, r.Scale), p.gain(Baseline, r.Scale), seeds, fmt.Sprintf("%.2f", p.Fit), p.Choice,
			})
		}
		all = append(all, t)
	}
	return all
}

// note says how to read the tables of budgets.
func (r *Report) note() string {
	if r.Scale != percent {
		return "Differences are paired by seed and test example. Settings are chosen on examples of their own."
	}
	return "Scores and differences are in points; differences are paired by seed and test example. Settings are chosen on examples of their own, as many as an arm learns from or, of all, a tenth."
}

func (r *Report) saved() train.Table {
	t := train.Table{
		Title: "Labels and compute saved", Head: []string{"arm", "labels", "is a tenth of the labels enough?", "compute breaks even"},
		Note: "Labels are those with which an arm is as good as scratch with the most, its score taken as linear in the logarithm of the labels between budgets.",
	}
	for i, s := range r.Saved {
		t.Rows = append(t.Rows, []string{s.Arm, s.text(r.Scale), s.AtTenth, r.Paying[i].Text})
	}
	return t
}

func (r *Report) verdicts() train.Table {
	t := train.Table{
		Title: "Verdicts", Head: []string{"labels", "arm", "over scratch", "over the baseline", "verdict"},
		Note: "Pretraining pays where the base beats both the same model from scratch and the cheap baseline, by intervals that exclude zero. The arm is the one that does best on the development examples.",
	}
	for _, v := range r.Verdicts {
		p := Point{Gains: v.Gains}
		t.Rows = append(t.Rows, []string{strconv.Itoa(v.Train), v.Arm, p.gain(Scratch, r.Scale), p.gain(Baseline, r.Scale), v.Says})
	}
	return t
}
