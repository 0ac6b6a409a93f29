//go:build mujoco

package mujoco

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/envtest"
)

// robots is the folder of Gymnasium's MJCF files.
func robots(t testing.TB) string {
	t.Helper()
	data := os.Getenv("FMKIT_DATA")
	if data == "" {
		t.Skip("FMKIT_DATA is unset")
	}
	return filepath.Join(data, "rl-mujoco", "xml")
}

// goldenVersion is that of the library that made the traces of FMKIT_DATA, and traceTolerance what the bar allows.
const (
	goldenVersion  = "2.2.2"
	traceTolerance = 1e-9
)

// TestTraces holds positions and velocities of simulations to those of the same library in C.
func TestTraces(t *testing.T) {
	dir := robots(t)
	for _, c := range []struct{ id, file string }{
		{"InvertedPendulum-v5", filepath.Join(dir, "inverted_pendulum.xml")},
		{"InvertedPendulum-v5", "inverted_pendulum.xml"}, // our own
		{"Reacher-v5", filepath.Join(dir, "reacher.xml")},
		{"Hopper-v5", filepath.Join(dir, "hopper.xml")},
	} {
		task, err := find(c.id)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(filepath.Join(dir, "..", strings.TrimSuffix(task.file, ".xml")+".trace.json"))
		if err != nil {
			t.Fatal(err)
		}
		var golden struct {
			QPos0     []float64 `json:"qpos0"`
			FrameSkip int       `json:"frame_skip"`
			Steps     []struct{ Ctrl, QPos, QVel []float64 }
		}
		if err := json.Unmarshal(raw, &golden); err != nil {
			t.Fatal(err)
		}
		rest := task.newState()
		sim, err := newSimulator(c.file, task, &rest, make([]float64, task.nu), make([]float64, task.nu))
		if err != nil {
			t.Fatal(err)
		}
		s := task.newState()
		copy(s.qpos, golden.QPos0)
		if err := sim.set(&s); err != nil {
			t.Fatal(err)
		}
		off := 0.0
		for _, want := range golden.Steps {
			if err := sim.step(&s, want.Ctrl, golden.FrameSkip); err != nil {
				t.Fatal(err)
			}
			off = max(off, furthest(s.qpos, want.QPos), furthest(s.qvel, want.QVel))
		}
		t.Logf("%s, MuJoCo %s: off by at most %.2g over %d steps", c.file, Version(), off, len(golden.Steps))
		if off > traceTolerance && Version() == goldenVersion || len(golden.Steps) == 0 {
			t.Errorf("%s: off by %g over %d steps, want at most %g", c.file, off, len(golden.Steps), traceTolerance)
		}
	}
}

// TestRests holds the states in which models rest, their time steps and the bounds of their controls to Gymnasium's.
func TestRests(t *testing.T) {
	dir := robots(t)
	for id, g := range goldens(t) {
		e, err := New(id, Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if dt := e.sim.timestep * float64(e.task.skip); furthest(e.rest.qpos, g.Rest) > 0 || math.Abs(dt-g.DT) > 1e-15 {
			t.Errorf("%s: got %v and %v, want %v and %v", id, e.rest.qpos, dt, g.Rest, g.DT)
		}
		x := make([]float32, e.task.size)
		if _, err := e.Reset(x, int64(g.Resets[1].Seed), nil); err != nil {
			t.Fatal(err)
		}
		if qpos, qvel := e.State(); max(furthest(qpos, g.Resets[1].QPos), furthest(qvel, g.Resets[1].QVel)) > 1e-12 {
			t.Errorf("%s: got %v %v, want %v", id, qpos, qvel, g.Resets[1])
		}
		for i, want := range g.Steps[:2] { // the way from the target to the fingertip is the library's
			s := state{qpos: slices.Clone(want.QPos), qvel: slices.Clone(want.QVel)}
			if err := e.sim.set(&s); err != nil {
				t.Fatal(err)
			}
			if d := furthest(s.reach[:], want.Reach[:]); d > 1e-15 {
				t.Errorf("%s, step %d: got %v, want %v", id, i, s.reach, want.Reach)
			}
		}
	}
}

// TestContract holds every environment to the contract, side by side and with the garbage collector at work.
func TestContract(t *testing.T) {
	envtest.Run(t, func() (env.Env, error) { return New("InvertedPendulum-v5", Config{}) })
	if os.Getenv("FMKIT_FULL") == "" {
		t.Skip("FMKIT_FULL is unset: no other robots")
	}
	dir := robots(t)
	for _, s := range Specs() {
		t.Run(s.ID, func(t *testing.T) {
			t.Parallel()
			envtest.Run(t, func() (env.Env, error) {
				runtime.GC()
				return Make(s.ID, Config{Dir: dir})
			})
		})
	}
}

// pendulum writes our own model, changed, as the pendulum's.
func pendulum(t *testing.T, old, replacement string) Config {
	t.Helper()
	text := strings.Replace(string(ownPendulum), old, replacement, 1)
	if old != "" && text == string(ownPendulum) {
		t.Fatalf("the model lacks %q", old)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "inverted_pendulum.xml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return Config{Dir: dir}
}

// TestModels holds unsuitable files to an error, and that the process lives.
func TestModels(t *testing.T) {
	for what, c := range map[string]struct{ old, replacement, words string }{
		"no XML":           {"<mujoco", "<", "XML"},
		"an unknown word":  {"<motor", "<rocket", "rocket"},
		"one joint more":   {`<geom name="box"`, `<joint type="slide" axis="0 0 1" range="0 1"/><geom name="box"`, "3 positions"},
		"no mass":          {`density="1000"`, `density="0"`, ""},
		"a long step back": {`timestep="0.02"`, `timestep="-0.02"`, ""},
		"crossed controls": {`ctrlrange="-3 3"`, `ctrlrange="3 -3"`, ""},
	} {
		_, err := New("InvertedPendulum-v5", pendulum(t, c.old, c.replacement))
		if !errors.Is(err, ErrModel) || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: got %v, want %v with %q", what, err, ErrModel, c.words)
		}
	}
	if _, err := New("Hopper-v5", Config{Dir: t.TempDir()}); !errors.Is(err, ErrModel) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: got %v, want %v", err, ErrModel)
	}
}

// TestUnstable holds that a simulation that breaks down says so, and is well after a reset.
func TestUnstable(t *testing.T) {
	t.Chdir(t.TempDir())
	e, err := New("InvertedPendulum-v5", pendulum(t, `ctrllimited="true" ctrlrange="-3 3"`, ""))
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, 4)
	for range 2 {
		if _, err := e.Reset(x, 1, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Step(x, []float32{1}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := e.Step(x, []float32{math.MaxFloat32}); !errors.Is(err, ErrUnstable) {
				t.Errorf("got %v, want %v", err, ErrUnstable)
			}
		}
	}
	if _, err := os.Stat("MUJOCO_LOG.TXT"); err == nil {
		t.Error("the library wrote its log")
	}
}

// TestLibraryError holds that an error inside the library, which would end the process, is an error here: a model with a stack
// that is too small for a step, or even for a reset.
func TestLibraryError(t *testing.T) {
	if Version() != goldenVersion {
		t.Skip("another version may size the stack in another way")
	}
	failed := 0
	for stack := 60; stack < 100; stack++ {
		e, err := New("InvertedPendulum-v5", pendulum(t, "<worldbody>", fmt.Sprintf(`<size nstack="%d"/><worldbody>`, stack)))
		if err != nil {
			if !errors.Is(err, ErrModel) || !strings.Contains(err.Error(), "tack overflow") {
				t.Errorf("a stack of %d: got %v, want %v", stack, err, ErrModel)
			}
			continue
		}
		x := make([]float32, 4)
		if _, err := e.Reset(x, 1, nil); err != nil {
			t.Fatal(err)
		}
		for range 50 { // up to the stop, which takes more of the stack
			if _, err = e.Step(x, []float32{3}); err != nil {
				break
			}
		}
		if err == nil {
			continue
		}
		failed++
		_, again := e.Step(x, []float32{1})
		_, reset := e.Reset(x, 1, nil)
		for _, err := range []error{err, again, reset} {
			if !errors.Is(err, ErrLibrary) || !strings.Contains(err.Error(), "tack overflow") {
				t.Errorf("a stack of %d: got %v, want %v", stack, err, ErrLibrary)
			}
		}
	}
	if failed == 0 {
		t.Error("no stack was too small for a step")
	}
}

// TestConcurrent holds that environments that are made and played at the same time do what each does alone.
func TestConcurrent(t *testing.T) {
	play := func() (x []float32, err error) {
		x = make([]float32, 4)
		e, err := Make("InvertedPendulum-v5", Config{})
		if err != nil {
			return nil, err
		}
		if _, err := e.Reset(x, 5, nil); err != nil {
			return nil, err
		}
		for range 10 {
			if _, err := e.Step(x, []float32{0.1}); err != nil {
				return nil, err
			}
		}
		return x, nil
	}
	want, err := play()
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if got, err := play(); err != nil || !slices.Equal(got, want) {
				t.Errorf("got %v and %v, want %v", got, err, want)
			}
		})
	}
	all.Wait()
}

func BenchmarkStep(b *testing.B) {
	e, err := New("InvertedPendulum-v5", Config{})
	if err != nil {
		b.Fatal(err)
	}
	x := make([]float32, 4)
	if _, err := e.Reset(x, 1, nil); err != nil {
		b.Fatal(err)
	}
	action := []float32{0}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Step(x, action); err != nil {
			b.Fatal(err)
		}
	}
}
