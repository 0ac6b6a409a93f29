package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
)

var faults = map[string]func(p *points){
	"NaN loss":               func(p *points) { p.loss = float32(math.NaN()) },
	"infinite loss":          func(p *points) { p.loss = float32(math.Inf(1)) },
	"minus infinite loss":    func(p *points) { p.loss = float32(math.Inf(-1)) },
	"NaN gradient":           func(p *points) { p.grad = float32(math.NaN()) },
	"infinite gradient":      func(p *points) { p.grad = float32(math.Inf(1)) },
	"NaN data":               func(p *points) { p.x[3][1] = float32(math.NaN()) },
	"overflowing activation": func(p *points) { p.x[0][0] = math.MaxFloat32 },
}

// bits returns all weights and moments.
func bits(r *run[points]) []checkpoint.Tensor {
	var all []checkpoint.Tensor
	for _, t := range append(weights(r.params), moments(r.opt)...) {
		t.Data = slices.Clone(t.Data)
		all = append(all, t)
	}
	return all
}

// TestNonFinite poisons one of three micro-batches of a step in every way: weights and optimizer keep their bits over that
// step, it is counted and logged, and the run goes on.
func TestNonFinite(t *testing.T) {
	const at = 5
	for about, fault := range faults {
		for micro := range 3 {
			c := shortConfig()
			c.Accumulate = 3
			task := newRegression()
			task.poison = func(step, m int, p *points) {
				if step == at && m == micro {
					fault(p)
				}
			}
			var log bytes.Buffer
			dir := t.TempDir()
			r, err := start(c, task, Options{Log: &log, Dir: dir, FS: quick()})
			if err != nil {
				t.Fatal(err)
			}
			batches := prefetch(r.task, 0, c)
			for range at {
				if err := r.step(t.Context(), batches); err != nil {
					t.Fatal(err)
				}
			}
			before := bits(r)
			if err := r.step(t.Context(), batches); err != nil {
				t.Fatalf("%s: %v", about, err)
			}
			if !cmp.Equal(before, bits(r)) {
				t.Errorf("%s in micro-batch %d: weights or optimizer changed", about, micro)
			}
			if r.st.Step != at+1 || r.st.Updates != at || r.st.Skipped != 1 {
				t.Errorf("%s: got %+v", about, r.st)
			}
			if !strings.Contains(log.String(), "step 6: ") || !strings.Contains(log.String(), "skipped") {
				t.Errorf("%s: log %q", about, log.String())
			}
			for range 3 {
				if err := r.step(t.Context(), batches); err != nil {
					t.Fatal(err)
				}
			}
			if cmp.Equal(before, bits(r)) || r.st.InARow != 0 {
				t.Errorf("%s: training did not go on", about)
			}
			batches.stop()
			if _, err := r.finish(nil); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestNonFiniteMatters: the same update without the guard would change weights or optimizer, so TestNonFinite tests it.
func TestNonFiniteMatters(t *testing.T) {
	r, err := start(shortConfig(), newRegression(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	before := bits(r)
	r.params[0].Grad[2] = float32(math.NaN())
	if err := r.opt.Update(0.01, 1); err != nil {
		t.Fatal(err)
	}
	after := bits(r)
	if v := after[0].Data[2]; v == before[0].Data[2] {
		t.Errorf("a NaN gradient leaves the weight at %v", v)
	}
}

// TestTenInARow: nine bad steps in a row are survived, the tenth ends the run with the last good state on disk, from which
// a run with good data goes on as if nothing had happened.
func TestTenInARow(t *testing.T) {
	c := shortConfig()
	bad := func(from, n int) func(step, micro int, p *points) {
		return func(step, micro int, p *points) {
			if step >= from && step < from+n {
				p.loss = float32(math.NaN())
			}
		}
	}
	nine := newRegression()
	nine.poison = bad(16, 9)
	if res := mustRun(t, c, nine, Options{}); res.Skipped != 9 || res.Steps != 40 {
		t.Errorf("nine: got %+v", res)
	}

	whole := t.TempDir()
	mustRun(t, c, newRegression(), Options{Dir: whole, FS: quick()})
	want := outcomeOf(t, whole, c.Steps)
	dir := t.TempDir()
	task := newRegression()
	task.poison = bad(16, 10)
	res, err := Run(context.Background(), c, task, Options{Dir: dir, FS: quick()})
	if !errors.Is(err, ErrNonFinite) || res.Skipped != 10 {
		t.Fatalf("ten: got %v, %+v, want %v", err, res, ErrNonFinite)
	}
	if got := checkpoints(t, dir); len(got) == 0 || got[0] != 16 {
		t.Fatalf("got checkpoints %v, want the newest at 16", got)
	}
	mustRun(t, c, newRegression(), Options{Dir: dir, FS: quick(), Resume: true})
	if d := cmp.Diff(want, outcomeOf(t, dir, c.Steps), cmp.AllowUnexported(outcome{})); d != "" {
		t.Error(d)
	}
}

// TestSpike: a loss of more than ten times the average is logged.
func TestSpike(t *testing.T) {
	for _, factor := range []float32{5, 1000} {
		task := newRegression()
		task.poison = func(step, _ int, p *points) {
			if step == 30 {
				p.loss = factor
			}
		}
		c := shortConfig()
		var log bytes.Buffer
		mustRun(t, c, task, Options{Log: &log})
		if got := strings.Contains(log.String(), "times the average"); got != (factor == 1000) {
			t.Errorf("factor %v: logged %v\n%s", factor, got, log.String())
		}
	}
}

// TestCorruption damages a checkpoint by 10,000 single-bit flips, by cutting every file at every 4 KiB and to nothing, and
// by appending: all of it is detected.
func TestCorruption(t *testing.T) {
	dir := t.TempDir()
	c := shortConfig()
	task := newRegression()
	task.frozen.Frozen = false // fills the files up to several pages
	*task.frozen = *nn.NewParam("large", 3000)
	mustRun(t, c, task, Options{Dir: dir, FS: quick()})
	f := &folder{fs: checkpoint.OS, dir: dir}
	if _, err := f.verify(c.Steps); err != nil {
		t.Fatal(err)
	}
	names := []string{modelFile, optimizerFile, stateFile}
	content := map[string][]byte{}
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(f.path(c.Steps), name))
		if err != nil {
			t.Fatal(err)
		}
		content[name] = data
	}
	tried := 0
	damaged := func(name string, data []byte) {
		t.Helper()
		path := filepath.Join(f.path(c.Steps), name)
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		tried++
		if _, err := f.verify(c.Steps); err == nil {
			t.Fatalf("damage %d to %s was not detected", tried, name)
		}
		if err := os.WriteFile(path, content[name], 0o644); err != nil {
			t.Fatal(err)
		}
	}
	flips := 10_000
	if testing.Short() {
		flips = 1_000
	}
	r := rand.New(rand.NewPCG(15, 16))
	for i := range flips {
		name := names[i%3]
		data := slices.Clone(content[name])
		data[r.IntN(len(data))] ^= 1 << r.IntN(8)
		damaged(name, data)
	}
	for _, name := range names {
		for at := 0; at < len(content[name]); at += 4096 {
			damaged(name, content[name][:at])
		}
		damaged(name, content[name][:len(content[name])-1])
		damaged(name, append(slices.Clone(content[name]), 0))
	}
	for _, name := range names {
		if err := os.Rename(filepath.Join(f.path(c.Steps), name), filepath.Join(dir, "away")); err != nil {
			t.Fatal(err)
		}
		if _, err := f.verify(c.Steps); err == nil {
			t.Errorf("missing %s was not detected", name)
		}
		if err := os.Rename(filepath.Join(dir, "away"), filepath.Join(f.path(c.Steps), name)); err != nil {
			t.Fatal(err)
		}
	}
	// Without the hashes, a flipped bit of a weight would be loaded: the format itself cannot tell.
	data := slices.Clone(content[modelFile])
	data[len(data)-2] ^= 1
	path := filepath.Join(f.path(c.Steps), modelFile)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := checkpoint.ReadFile(path); err != nil {
		t.Errorf("a flipped bit is refused without a hash, %v: the test tests nothing", err)
	}
	t.Logf("%d kinds of damage", tried)
}

// TestFallBack damages the newest checkpoint: the run resumes from the one before, says so, and ends in the same bits.
func TestFallBack(t *testing.T) {
	c := shortConfig()
	c.EvalEvery = 0
	whole := t.TempDir()
	mustRun(t, c, newRegression(), Options{Dir: whole, FS: quick()})
	want := outcomeOf(t, whole, c.Steps)
	for about, damage := range map[string]func(dir string) error{
		"weights":     func(dir string) error { return flip(filepath.Join(dir, modelFile)) },
		"state":       func(dir string) error { return flip(filepath.Join(dir, stateFile)) },
		"no moments":  func(dir string) error { return os.Remove(filepath.Join(dir, optimizerFile)) },
		"empty state": func(dir string) error { return os.Truncate(filepath.Join(dir, stateFile), 0) },
		"empty folder": func(dir string) error {
			return errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o755))
		},
		"newer version": func(dir string) error {
			s := &state{Version: stateVersion + 1, Step: 24}
			data, err := s.encode()
			return errors.Join(err, os.WriteFile(filepath.Join(dir, stateFile), data, 0o644))
		},
		"another step": func(dir string) error {
			return errors.Join(os.RemoveAll(dir), os.CopyFS(dir, os.DirFS(filepath.Join(filepath.Dir(dir), "checkpoint-21"))))
		},
	} {
		dir := t.TempDir()
		first := newRegression()
		ctx, cancel := stopAt(first, 23)
		_, err := Run(ctx, c, first, Options{Dir: dir, FS: quick()})
		cancel()
		if !errors.Is(err, ErrStopped) {
			t.Fatal(err)
		}
		if got := checkpoints(t, dir); !cmp.Equal(got, []int{24, 21}) {
			t.Fatalf("got checkpoints %v", got)
		}
		if err := damage(filepath.Join(dir, "checkpoint-24")); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		mustRun(t, c, newRegression(), Options{Dir: dir, FS: quick(), Resume: true, Log: &log})
		if d := cmp.Diff(want, outcomeOf(t, dir, c.Steps), cmp.AllowUnexported(outcome{})); d != "" {
			t.Errorf("%s: %s", about, d)
		}
		if !strings.Contains(log.String(), "checkpoint-24 is damaged") || !strings.Contains(log.String(), "from step 21") {
			t.Errorf("%s: log %q", about, log.String())
		}
		if got := checkpoints(t, dir); !cmp.Equal(got, []int{40, 35}) {
			t.Errorf("%s: got checkpoints %v", about, got)
		}
	}
	// All damaged: an error, not a silent start from the beginning.
	for _, step := range checkpoints(t, whole) {
		if err := flip(filepath.Join(whole, fmt.Sprint("checkpoint-", step), modelFile)); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Run(context.Background(), c, newRegression(), Options{Dir: whole, FS: quick(), Resume: true})
	if !errors.Is(err, ErrNoCheckpoint) {
		t.Errorf("all damaged: got %v, want %v", err, ErrNoCheckpoint)
	}
}

// flip changes one bit in the middle of a file.
func flip(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	data[len(data)/2] ^= 4
	return os.WriteFile(path, data, 0o644)
}

// TestTwoTrainers: the second one on a folder is refused at once and disturbs nothing.
func TestTwoTrainers(t *testing.T) {
	dir := t.TempDir()
	c := shortConfig()
	first := newRegression()
	var second error
	first.onStep = func(step int) {
		if step == 20 {
			_, second = Run(context.Background(), c, newRegression(), Options{Dir: dir, FS: quick(), Resume: true})
		}
	}
	mustRun(t, c, first, Options{Dir: dir, FS: quick()})
	if !errors.Is(second, checkpoint.ErrLocked) || !strings.Contains(fmt.Sprint(second), dir) {
		t.Errorf("second trainer: got %v, want %v", second, checkpoint.ErrLocked)
	}
	alone := t.TempDir()
	mustRun(t, c, newRegression(), Options{Dir: alone, FS: quick()})
	if d := cmp.Diff(outcomeOf(t, alone, 40), outcomeOf(t, dir, 40), cmp.AllowUnexported(outcome{})); d != "" {
		t.Error(d)
	}
}

// TestClockGoesBack: rates and times come from the clock, nothing else does.
func TestClockGoesBack(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { now = now.Add(-time.Hour); return now }
	r, plain := newRegression(), newRegression()
	var log bytes.Buffer
	mustRun(t, shortConfig(), r, Options{Now: clock, Log: &log, Dir: t.TempDir(), FS: quick()})
	mustRun(t, shortConfig(), plain, Options{})
	if r.digest() != plain.digest() {
		t.Error("the clock changes the weights")
	}
}

// TestHugeGradient: a gradient whose square is no float32 is a fault without clipping, and clipped otherwise: no moment is ever infinite.
func TestHugeGradient(t *testing.T) {
	for clip, skipped := range map[float64]int{0: 1, 1: 0} {
		c := shortConfig()
		c.ClipNorm = clip
		task := newRegression()
		task.poison = func(step, _ int, p *points) {
			if step == 5 {
				p.grad = 1e25
			}
		}
		r, err := start(c, task, Options{})
		if err != nil {
			t.Fatal(err)
		}
		batches := prefetch(r.task, 0, c)
		for range 8 {
			if err := r.step(t.Context(), batches); err != nil {
				t.Fatal(err)
			}
		}
		batches.stop()
		if r.st.Skipped != skipped {
			t.Errorf("clip %g: got %d steps skipped, want %d", clip, r.st.Skipped, skipped)
		}
		for _, x := range moments(r.opt) {
			for _, v := range x.Data {
				if !finite(float64(v)) {
					t.Fatalf("clip %g: %s holds %v", clip, x.Name, v)
				}
			}
		}
	}
}

// TestBestWhileSkipping: an evaluation that is the best, among steps that change nothing, is kept as that of the weights it was made with.
func TestBestWhileSkipping(t *testing.T) {
	c := shortConfig()
	c.Steps, c.EvalEvery, c.SaveEvery, c.Patience, c.Monitor = 100, 4, 0, 50, "score"
	task := newRegression()
	task.poison = func(step, _ int, p *points) {
		if step >= 12 {
			p.loss = float32(math.NaN())
		}
	}
	n := 0.0
	scored := scoring{task, func() float64 { n++; return n }}
	dir := t.TempDir()
	if _, err := Run(t.Context(), c, scored, Options{Dir: dir, FS: quick()}); !errors.Is(err, ErrNonFinite) {
		t.Fatalf("got %v, want %v", err, ErrNonFinite)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "checkpoint-12", stateFile))
	if err != nil {
		t.Fatal(err)
	}
	st, err := decodeState(raw)
	if err != nil || st.BestStep != 12 {
		t.Errorf("got best step %d, %v, want 12", st.BestStep, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "checkpoint-12", bestFile)); err == nil {
		t.Error("the checkpoint has other best weights than its own")
	}
}

// scoring is a task with another evaluation.
type scoring struct {
	*regression
	score func() float64
}

func (s scoring) Evaluate(context.Context) (map[string]float64, error) {
	return map[string]float64{"score": s.score()}, nil
}

// TestForeignFolder: what a save of somebody else's has under way in a folder without a run stays.
func TestForeignFolder(t *testing.T) {
	for name, stays := range map[string]bool{"": true, recipeFile: false} {
		dir := t.TempDir()
		stray := filepath.Join(dir, ".adapter.0123456789ab.saving")
		if err := os.Mkdir(stray, 0o755); err != nil {
			t.Fatal(err)
		}
		if name != "" {
			if err := os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		c := shortConfig()
		c.Steps, c.Warmup = 2, 0
		_, _ = Run(t.Context(), c, newRegression(), Options{Dir: dir, FS: quick(), Resume: name != "", Force: true})
		if _, err := os.Stat(stray); (err == nil) != stays {
			t.Errorf("folder with %q: the stray stays: %t, want %t", name, err == nil, stays)
		}
	}
}

// TestMeasurePanics: a panic of the task is an error there too.
func TestMeasurePanics(t *testing.T) {
	task := newRegression()
	task.poison = func(int, int, *points) { panic("broken") }
	if _, err := MeasureSteps(t.Context(), shortConfig(), panicsInStep{task}, time.Minute, nil); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("got %v, want the panic", err)
	}
}

// panicsInStep is a task whose steps panic.
type panicsInStep struct{ *regression }

func (panicsInStep) Batch(int, int) (points, error) { return points{}, nil }
func (panicsInStep) Step(points) (float64, error)   { panic("broken") }
