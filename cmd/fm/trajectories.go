package main

import (
	"context"

	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/data"
)

// trajectoriesName is the name of fm data prepare for episodes.
const trajectoriesName = "trajectories"

const trajectoriesHelp = "trajectories: a folder of Minari (data_format parquet) or LeRobotDataset v3 becomes one of LeRobotDataset v3.0 in which reading an\n" +
	"episode is fast, and which has the observation after the last step and the spaces."

// prepareTrajectories writes the episodes of src anew.
func prepareTrajectories(ctx context.Context, c *console, src, out string) error {
	s, err := trajectory.Open(src)
	if err != nil {
		return badData(err)
	}
	defer s.Close()
	if err := trajectory.Write(ctx, out, s, trajectory.StoreConfig{}); err != nil {
		return err
	}
	return answerFiles(c, []data.Prepared{{Path: out, Rows: s.Len()}})
}
