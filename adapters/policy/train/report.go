package train

import (
	"bytes"
	"fmt"

	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/train"
)

// reportFile lies beside the adapter.
const reportFile = "report.html"

// A point is what a rollout came to.
type point struct {
	Rollout int     `json:"rollout"`
	Loss    float64 `json:"loss"`
	Ended   int     `json:"ended"`  // episodes
	Return  float64 `json:"return"` // their mean
}

// note keeps what rollout i came to.
func (l *learner) note(i int, loss float64) {
	p := point{Rollout: i, Loss: loss, Ended: len(l.rollout.finished)}
	if p.Ended > 0 {
		p.Return = metrics.Mean(l.rollout.finished)
	}
	l.history = append(l.history, p)
}

// report draws the curves of a run whose rollouts have per steps.
func (l *learner) report(per int) ([]byte, error) {
	returns, losses := train.Line{Name: "mean of a rollout"}, train.Line{Name: "mean of a rollout"}
	for _, p := range l.history {
		x := float64((p.Rollout + 1) * per)
		losses.X, losses.Y = append(losses.X, x), append(losses.Y, p.Loss)
		if p.Ended > 0 {
			returns.X, returns.Y = append(returns.X, x), append(returns.Y, p.Return)
		}
	}
	var b bytes.Buffer
	err := train.WriteReport(&b, train.Report{
		Title: "Policy: " + l.about.ID,
		Facts: []train.Fact{{Name: "steps", Value: fmt.Sprint(len(l.history) * per)}, {Name: "environments", Value: fmt.Sprint(l.c.Envs)}, {Name: "seed", Value: fmt.Sprint(l.seed)}},
		Curves: []train.Curve{
			{Title: "Returns of the episodes that ended", X: "steps", Lines: []train.Line{returns}}, {Title: "Loss", X: "steps", Lines: []train.Line{losses}},
		},
	})
	return b.Bytes(), err
}
