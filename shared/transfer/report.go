package transfer

import (
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/metrics"
)

// A Report is what a comparison came to.
type Report struct {
	Task    string  `json:"task"`
	Base    string  `json:"base"`
	Metric  string  `json:"metric"`
	Unit    string  `json:"unit"` // what a budget counts
	Pool    int     `json:"pool"` // examples that there are to learn from
	Test    int     `json:"test"`
	Seeds   int     `json:"seeds"`
	Budgets []int   `json:"budgets"` // 0: all
	Scale   float64 `json:"scale"`   // what scores are shown in: 100, or of returns 1

	Arms     []ArmReport `json:"arms"`
	Saved    []Saved     `json:"labels_saved,omitempty"` // by arm that starts from the base
	Paying   []BreakEven `json:"break_even,omitempty"`   // by arm that starts from the base
	Verdicts []Verdict   `json:"verdicts,omitempty"`     // by budget
	Verdict  string      `json:"verdict,omitempty"`      // in words
	Seconds  float64     `json:"seconds"`                // of all fits and scores
}

// An ArmReport is one arm at every budget.
type ArmReport struct {
	Name    string   `json:"name"`
	About   string   `json:"about"`
	Params  int      `json:"params,omitempty"` // numbers that are learnt
	Bytes   int64    `json:"bytes,omitempty"`  // of the file that keeps them
	Latency *Latency `json:"latency,omitempty"`
	Points  []Point  `json:"points"`
}

// A Point is an arm at one budget.
type Point struct {
	Budget   int        `json:"budget"` // 0: all
	Train    int        `json:"train"`  // examples learnt from, by each seed
	Choice   string     `json:"choice"` // chosen on development examples
	Dev      float64    `json:"dev,omitempty"`
	Scores   []float64  `json:"scores"` // by seed
	Mean     float64    `json:"mean"`
	Interval [2]float64 `json:"interval"`    // of the mean, over seeds and items
	Fit      float64    `json:"fit_seconds"` // of one fit, the median over seeds
	Seconds  float64    `json:"seconds"`     // of all fits and scores, those to choose by included
	Gains    []Gain     `json:"gains,omitempty"`
}

// A Gain is a difference of scores at one budget with its interval, paired by seed and item.
type Gain struct {
	Over     string     `json:"over"`
	Mean     float64    `json:"mean"`
	Interval [2]float64 `json:"interval"`
}

// String gives the gain of a fraction, in points.
func (g Gain) String() string { return g.text(percent) }

func (g Gain) text(scale float64) string {
	points := ""
	if scale == percent {
		points = " points"
	}
	return fmt.Sprintf("%+.1f%s over %s (95 %% interval %+.1f to %+.1f)", scale*g.Mean, points, g.Over, scale*g.Interval[0], scale*g.Interval[1])
}

// Arm finds an arm's report; nil where there is none.
func (r *Report) Arm(name string) *ArmReport {
	i := slices.IndexFunc(r.Arms, func(a ArmReport) bool { return a.Name == name })
	if i < 0 {
		return nil
	}
	return &r.Arms[i]
}

// bootstrapSeed is that of every interval.
const bootstrapSeed = 1

// report computes from the points.
func (r *run[E]) report() (*Report, error) {
	out := &Report{Task: r.Task, Base: r.Base, Metric: r.Metric, Unit: r.Unit, Pool: r.Labels(r.Pool), Test: len(r.Test), Seeds: r.Seeds, Budgets: r.Budgets, Scale: r.Scale}
	b := newBoard()
	for _, p := range r.points {
		s, err := metrics.Resample(p.items(), bootstrapSeed)
		if err != nil {
			return nil, fmt.Errorf("transfer: %s, %s: %w", p.arm, budgetText(p.budget), err)
		}
		b.put(p.arm, p.budget, s)
	}
	for _, p := range r.points {
		if out.Arm(p.arm) == nil {
			out.Arms = append(out.Arms, ArmReport{Name: p.arm, About: p.about})
		}
		a := out.Arm(p.arm)
		last := p.seeds[0]
		a.Params, a.Bytes = last.Params, last.Bytes // those of the largest budget in the end
		if last.Latency != nil {
			a.Latency = last.Latency
		}
		at, err := b.point(p)
		if err != nil {
			return nil, err
		}
		a.Points = append(a.Points, at)
		out.Seconds += at.Seconds
	}
	var err error
	for _, a := range out.Arms {
		if !pretrained(a.Name) || out.Arm(Scratch) == nil {
			continue
		}
		var s Saved
		if s, err = b.saved(out, a); err != nil {
			return nil, err
		}
		out.Saved, out.Paying = append(out.Saved, s), append(out.Paying, breakEven(out, a, s, r.Pretraining))
	}
	out.judge()
	return out, nil
}

// A board has what every arm came to at every budget.
type board map[string]map[int]metrics.Resampled

func newBoard() board { return board{} }

func (b board) put(arm string, budget int, s metrics.Resampled) {
	if b[arm] == nil {
		b[arm] = map[int]metrics.Resampled{}
	}
	b[arm][budget] = s
}

// point describes a point, with its gains over scratch and the baseline.
func (b board) point(p *point) (Point, error) {
	own := b[p.arm][p.budget]
	i, err := own.Interval()
	if err != nil {
		return Point{}, err
	}
	out := Point{Budget: p.budget, Train: p.train, Choice: p.choice, Dev: p.dev, Mean: i.Mean, Interval: [2]float64{i.Low, i.High}, Seconds: p.seconds}
	var fits []float64
	for _, c := range p.seeds {
		out.Scores = append(out.Scores, metrics.Score(c.ratios()))
		fits = append(fits, c.Fit)
	}
	slices.Sort(fits)
	out.Fit = fits[len(fits)/2]
	for _, over := range []string{Scratch, Baseline} {
		other, ok := b[over][p.budget]
		if !ok || over == p.arm || p.arm == Baseline {
			continue
		}
		d, err := own.Minus(other).Interval()
		if err != nil {
			return Point{}, err
		}
		out.Gains = append(out.Gains, Gain{Over: over, Mean: d.Mean, Interval: [2]float64{d.Low, d.High}})
	}
	return out, nil
}
