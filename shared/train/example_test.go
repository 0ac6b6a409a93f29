package train_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/shared/train"
)

// line fits y = slope x + offset to noisy points.
type line struct{ slope, offset *nn.Param }

type batch struct{ x, y [16]float32 }

func (l line) Params() []*nn.Param { return []*nn.Param{l.slope, l.offset} }

// Batch draws 16 points of y = 2x - 1 by step.
func (l line) Batch(step, micro int) (batch, error) {
	var b batch
	s := random.New(random.Mix(1, uint64(step)))
	for i := range b.x {
		b.x[i] = float32(s.Normal())
		b.y[i] = 2*b.x[i] - 1 + 0.1*float32(s.Normal())
	}
	return b, nil
}

// Step adds the gradient of the mean squared error.
func (l line) Step(b batch) (float64, error) {
	var loss float64
	for i, x := range b.x {
		e := l.slope.Value[0]*x + l.offset.Value[0] - b.y[i]
		loss += float64(e*e) / 16
		l.slope.Grad[0] += e * x / 8
		l.offset.Grad[0] += e / 8
	}
	return loss, nil
}

func (l line) Evaluate(context.Context) (map[string]float64, error) { return nil, nil }

func ExampleRun() {
	dir, err := os.MkdirTemp("", "train")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	c := train.DefaultConfig()
	c.Steps, c.Warmup, c.LR, c.WeightDecay = 300, 20, 0.1, 0
	task := line{nn.NewParam("slope", 1), nn.NewParam("offset", 1)}
	res, err := train.Run(context.Background(), c, task, train.Options{Dir: filepath.Join(dir, "run")})
	fmt.Println(res.Steps, err)
	fmt.Printf("y = %.1f x %+.1f\n", task.slope.Value[0], task.offset.Value[0])

	// A run that is complete resumes to the same weights without a step.
	again := line{nn.NewParam("slope", 1), nn.NewParam("offset", 1)}
	res2, err := train.Run(context.Background(), c, again, train.Options{Dir: filepath.Join(dir, "run"), Resume: true})
	fmt.Println(res2.Digest == res.Digest, err)
	// Output:
	// 300 <nil>
	// y = 2.0 x -1.0
	// true <nil>
}

func ExampleParseConfig() {
	_, err := train.ParseConfig([]byte(`{"steps": 100, "shedule": "linear"}`))
	fmt.Println(err)
	c, err := train.ParseConfig([]byte(`{"steps": 100, "warmup": 10, "schedule": "linear", "lr": 1}`))
	fmt.Println(c.Rate(0), c.Rate(10), c.Rate(55), err)
	// Output:
	// train: config: json: unknown field "shedule"
	// 0.1 1 0.5 <nil>
}

func ExampleWriteReport() {
	err := train.WriteReport(io.Discard, train.Report{
		Title: "Does pretraining pay?",
		Tables: []train.Table{{
			Title: "Accuracy", Head: []string{"arm", "mean of 5 seeds"},
			Rows: [][]string{{"pretrained", "0.612"}, {"scratch", "0.605"}},
		}},
	})
	fmt.Println(err)
	// Output: <nil>
}
