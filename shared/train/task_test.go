package train

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// regression fits y = w.x + b to points that are a pure function of the seed, by hand-written gradients.
type regression struct {
	w, b, frozen *nn.Param
	seed         uint64
	poison       func(step, micro int, p *points) // changes a batch on its way in
	onStep       func(step int)                   // called before each micro-batch
	evalFrom     func(step int, loss float64) float64
	steps        int // micro-batches worked on
	last         int // step of the last one
}

// points are a micro-batch: x [8, 4] and y [8].
type points struct {
	step, micro int
	x           [8][4]float32
	y           [8]float32
	loss        float32 // added to the loss
	grad        float32 // added to a gradient
}

func newRegression() *regression {
	r := &regression{w: nn.NewParam("w", 1, 4), b: nn.NewParam("b", 1), frozen: nn.NewParam("frozen", 2), seed: 1}
	r.frozen.Frozen, r.w.Hidden = true, true
	copy(r.w.Value, []float32{0.3, -0.2, 0.1, 0.05})
	return r
}

func (r *regression) Params() []*nn.Param { return []*nn.Param{r.w, r.frozen, r.b, r.w} } // one is shared

func (r *regression) make(step, micro int) points {
	p := points{step: step, micro: micro}
	s := random.New(random.Mix(random.Mix(r.seed, uint64(step)), uint64(micro)))
	for i := range p.x {
		for j := range p.x[i] {
			p.x[i][j] = float32(s.Normal())
		}
		p.y[i] = p.x[i][0] - 2*p.x[i][1] + 0.5*p.x[i][3] + 3 + 0.1*float32(s.Normal())
	}
	return p
}

func (r *regression) Batch(step, micro int) (points, error) {
	p := r.make(step, micro)
	if r.poison != nil {
		r.poison(step, micro, &p)
	}
	return p, nil
}

func (r *regression) Step(p points) (float64, error) {
	r.steps++
	r.last = p.step
	if r.onStep != nil {
		r.onStep(p.step)
	}
	loss := r.forward(p, true)
	r.w.Grad[2] += p.grad
	return float64(loss + p.loss), nil
}

func (r *regression) forward(p points, backward bool) float32 {
	var loss float32
	for i, x := range p.x {
		e := r.b.Value[0] - p.y[i]
		for j, v := range x {
			e += float32(v * r.w.Value[j])
		}
		loss += float32(e*e) / 8
		if !backward {
			continue
		}
		r.b.Grad[0] += e / 4
		for j, v := range x {
			r.w.Grad[j] += float32(e*v) / 4
		}
	}
	return loss
}

func (r *regression) Evaluate(ctx context.Context) (map[string]float64, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	loss := float64(r.forward(r.make(1<<30, 0), false))
	if r.evalFrom != nil {
		loss = r.evalFrom(r.last+1, loss)
	}
	return map[string]float64{"loss": loss, "accuracy": 1 / (1 + loss)}, nil
}

// digest is over the weights that are trained.
func (r *regression) digest() string {
	return checkpoint.Digest(weights([]*nn.Param{r.w, r.b}))
}

// shortConfig is a run of 40 steps.
func shortConfig() Config {
	c := DefaultConfig()
	c.Steps, c.Warmup, c.LR, c.EvalEvery, c.SaveEvery = 40, 5, 0.05, 8, 7
	return c
}

// quickFS is the real file system without syncs, which only cost time here.
type quickFS struct{ checkpoint.FS }

func quick() checkpoint.FS { return quickFS{checkpoint.OS} }

func (quickFS) SyncDir(string) error { return nil }

func (q quickFS) Create(path string) (checkpoint.SyncWriter, error) {
	w, err := q.FS.Create(path)
	if err != nil {
		return nil, err
	}
	return quickFile{w}, nil
}

type quickFile struct{ checkpoint.SyncWriter }

func (quickFile) Sync() error { return nil }

// outcome is everything that a run leaves: weights, moments, averages, state without its times, metrics.
type outcome struct {
	digest, optimizer, average, metrics string
	state                               state
}

// outcomeOf reads the checkpoint of step in a run folder.
func outcomeOf(t *testing.T, dir string, step int) outcome {
	t.Helper()
	f := &folder{fs: checkpoint.OS, dir: dir}
	st, err := f.verify(step)
	if err != nil {
		t.Fatal(err)
	}
	st.Seconds = 0
	o := outcome{state: *st, optimizer: st.Files[optimizerFile], digest: st.Files[modelFile], average: st.Files[averageFile]}
	o.state.Files = nil
	metrics, err := os.ReadFile(filepath.Join(dir, metricsFn))
	if err != nil {
		t.Fatal(err)
	}
	o.metrics = string(metrics)
	return o
}

// checkpoints lists the checkpoint folders of a run, and fails on strays.
func checkpoints(t *testing.T, dir string) []int {
	t.Helper()
	names, err := checkpoint.OS.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if strings.HasPrefix(n, ".") {
			t.Fatalf("stray %s in the run folder", n)
		}
	}
	steps, err := (&folder{fs: checkpoint.OS, dir: dir}).steps()
	if err != nil {
		t.Fatal(err)
	}
	return steps
}

func mustRun(t *testing.T, c Config, r *regression, o Options) Result {
	t.Helper()
	res, err := Run(context.Background(), c, r, o)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestRunLearns(t *testing.T) {
	c := shortConfig()
	c.Steps, c.LR = 400, 0.05
	r := newRegression()
	var log bytes.Buffer
	res := mustRun(t, c, r, Options{Log: &log})
	// The noise of 0.1 leaves a squared error of 0.01.
	if res.Eval["loss"] > 0.03 {
		t.Errorf("loss %v after %d steps, want at most 0.03", res.Eval["loss"], res.Steps)
	}
	for j, want := range []float32{1, -2, 0, 0.5} {
		if math.Abs(float64(r.w.Value[j]-want)) > 0.1 {
			t.Errorf("w[%d]: got %v, want %v", j, r.w.Value[j], want)
		}
	}
	if res.Steps != 400 || res.Digest != r.digest() || res.Skipped != 0 || res.BestStep == 0 {
		t.Errorf("got %+v", res)
	}
	if r.frozen.Grad != nil {
		t.Error("a frozen parameter got a gradient")
	}
	if !strings.Contains(log.String(), "step 400/400") {
		t.Errorf("log: %s", log.String())
	}
}

// TestAccumulate: three micro-batches a step are one gradient, their mean.
func TestAccumulate(t *testing.T) {
	c := shortConfig()
	c.Steps, c.Accumulate, c.ClipNorm = 1, 3, 0
	r := newRegression()
	want := newRegression()
	want.w.NeedGrad()
	want.b.NeedGrad()
	for micro := range 3 {
		want.forward(want.make(0, micro), true)
	}
	mustRun(t, c, r, Options{})
	if r.steps != 3 {
		t.Fatalf("%d micro-batches, want 3", r.steps)
	}
	for j := range want.w.Grad {
		if r.w.Grad[j] != want.w.Grad[j] {
			t.Errorf("gradient %d: got %v, want the sum %v", j, r.w.Grad[j], want.w.Grad[j])
		}
	}
	params := []*nn.Param{want.w, want.b}
	opt := NewOptimizer(params, c)
	if err := opt.Update(float32(c.Rate(0)), float32(1.0/3)); err != nil {
		t.Fatal(err)
	}
	if r.digest() != want.digest() {
		t.Error("weights differ from one update by the mean gradient")
	}
}

// TestClip: a gradient of norm n > ClipNorm acts as the one scaled by ClipNorm/n. AdamW hardly sees the
// scale in the weights, so the first moment is looked at: after one step it is (1-beta1) times the gradient.
func TestClip(t *testing.T) {
	for _, clip := range []float64{0, 1e-3, 1e6} {
		dir := t.TempDir()
		c := shortConfig()
		c.Steps, c.ClipNorm = 1, clip
		r := newRegression()
		mustRun(t, c, r, Options{Dir: dir, FS: quick()})
		tensors, _, err := checkpoint.ReadFile(filepath.Join(dir, "checkpoint-1", optimizerFile))
		if err != nil {
			t.Fatal(err)
		}
		var got float64
		for _, m := range tensors {
			if strings.HasPrefix(m.Name, "exp_avg.") {
				for _, v := range m.Data {
					got += float64(v) * float64(v)
				}
			}
		}
		got = math.Sqrt(got) / (1 - c.Beta1)
		want := nn.GradNorm([]*nn.Param{r.w, r.b})
		if clip > 0 {
			want = min(want, clip)
		}
		const tolerance = 1e-5 // float32 moments
		if math.Abs(got-want) > tolerance*want {
			t.Errorf("clip %v: norm %v, want %v", clip, got, want)
		}
	}
}
