package pretrain

import (
	"fmt"
	"strings"
)

// card is the README of the model folder.
func card(rec recipe, e *episodes, r Result) string {
	c := rec.Config
	var b strings.Builder
	fmt.Fprintf(&b, `---
library_name: fmkit
pipeline_tag: reinforcement-learning
---
# Model of trajectories, %d layers of width %d

Pretrained on windows of %d steps by hiding parts of them and by reading on: %d windows a step, %d steps, seed %d.

| held back | loss | accuracy of discrete actions |
|---|---|---|
| all questions | %.4f | %.4f |
`, c.Model.Layers, c.Model.Hidden, c.Model.Context, c.Batch*c.Train.Accumulate, r.Steps, c.Train.Seed, r.EvalLoss, r.EvalAccuracy)
	for _, name := range names {
		loss, ok := r.Eval["loss_"+name]
		if !ok {
			continue
		}
		accuracy := "none asked for"
		if v, ok := r.Eval["accuracy_"+name]; ok {
			accuracy = fmt.Sprintf("%.4f", v)
		}
		fmt.Fprintf(&b, "| %s | %.4f | %s |\n", name, loss, accuracy)
	}
	fmt.Fprintf(&b, `
Digest of the weights: %s

`+"`fm verify`"+` on the run folder trains it again from recipe.json and compares.

## Data

| environment | observations | actions | episodes | held back | steps to train on |
|---|---|---|---|---|---|
`, r.Digest)
	for _, x := range e.environments {
		fmt.Fprintf(&b, "| %s | %v | %v | %d | %d | %d |\n", x.about.ID, x.meta.Observation, x.meta.Action, len(x.places), len(x.held.list), x.train.total())
	}
	fmt.Fprintf(&b, "\nSHA-256 of the episodes: %s\n", rec.Source)
	return b.String()
}
