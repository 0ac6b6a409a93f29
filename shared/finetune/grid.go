package finetune

import "fmt"

// Choose tries every point of the grid, in order, and returns c set to the one with the highest score (the first of equals), with
// all trials on record and no grid. try gets the point's number and c with the point's rate and epochs in place of c's own. Without a grid
// it returns c.
func Choose(c Config, try func(i int, at Config) (score float64, err error)) (Config, error) {
	if len(c.Grid) == 0 {
		return c, nil
	}
	var trials []Trial
	best := 0
	for i, g := range c.Grid {
		at := c
		at.Grid, at.Steps = nil, 0
		at.LR, at.Epochs = g.LR, g.Epochs
		score, err := try(i, at)
		if err != nil {
			return c, fmt.Errorf("finetune: lr %g, %g epochs: %w", g.LR, g.Epochs, err)
		}
		trials = append(trials, Trial{g, score})
		if score > trials[best].Score {
			best = i
		}
	}
	c.Steps, c.LR, c.Epochs, c.Grid, c.Trials = 0, trials[best].LR, trials[best].Epochs, nil, trials
	return c, nil
}
