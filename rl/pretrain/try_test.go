package pretrain_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/fmkit/fmkit/rl/pretrain"
	"github.com/fmkit/fmkit/rl/trajectory"
)

func TestTry(t *testing.T) {
	c, err := pretrain.Default("tiny")
	if err != nil {
		t.Fatal(err)
	}
	c.Model.Hidden, c.Model.Intermediate, c.Model.Heads = 64, 256, 4
	c.Train = c.Train.WithSteps(600)
	c.Train.EvalEvery = 200
	src := play(t, "CartPole-v1", 100, 100, 1, nil)
	r, err := pretrain.Run(context.Background(), c, pretrain.Options{Sources: []trajectory.Source{src}, Out: t.TempDir() + "/run", Log: os.Stderr})
	fmt.Println(r, err)
}
