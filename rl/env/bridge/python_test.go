//go:build unix

package bridge

import (
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/classic"
	"github.com/fmkit/fmkit/rl/env/vector"
)

// python is a configuration of the interpreter that FMKIT_PYTHON names, which finds the environments of testdata.
func python(t testing.TB, id string) Config {
	t.Helper()
	interpreter := os.Getenv("FMKIT_PYTHON")
	if interpreter == "" {
		t.Skip("FMKIT_PYTHON names no Python with gymnasium")
	}
	dir, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PYTHONPATH", dir)
	t.Setenv("PYTHONDONTWRITEBYTECODE", "1")
	return Config{ID: id, Python: interpreter, Timeout: 20 * time.Second}
}

// TestCartPole holds the bridged CartPole to our own: everything equal over 200 steps from each of 20 seeds.
func TestCartPole(t *testing.T) {
	e := open(t, python(t, "CartPole-v1"))
	limited, err := env.NewTimeLimit(classic.NewCartPole(classic.CartPoleConfig{}), 500)
	if err != nil {
		t.Fatal(err)
	}
	own := env.Check(limited)
	if a, b := e.ObservationSpace().String(), own.ObservationSpace().String(); a != b || e.ActionSpace().String() != own.ActionSpace().String() {
		t.Errorf("got spaces %s and %s", a, e.ActionSpace())
	}
	x, y := make([]float32, 4), make([]float32, 4)
	ulps := 0
	for seed := range int64(20) {
		at, done := seed, true
		for i := range 200 {
			var o, p env.Outcome
			if done {
				_, err := e.Reset(x, at, nil)
				_, ownErr := own.Reset(y, at, nil)
				if err := errors.Join(err, ownErr); err != nil {
					t.Fatal(err)
				}
				at = env.Continue
			} else {
				action := []float32{float32((i*7 + int(seed)) / 3 % 2)}
				var ownErr error
				o, err = e.Step(x, action)
				p, ownErr = own.Step(y, action)
				if err := errors.Join(err, ownErr); err != nil {
					t.Fatal(err)
				}
			}
			done = o.Done()
			if o.Reward != p.Reward || o.Terminated != p.Terminated || o.Truncated != p.Truncated {
				t.Fatalf("seed %d, step %d: got %v, want %v", seed, i, o, p)
			}
			for k := range x {
				if x[k] != y[k] {
					ulps++
				}
				if math.Abs(float64(x[k]-y[k])) > 1e-7*max(1, math.Abs(float64(y[k]))) {
					t.Fatalf("seed %d, step %d: got %v, want %v", seed, i, x, y)
				}
			}
		}
	}
	t.Logf("%s: %d of %d numbers differ in the last bit", e.Versions(), ulps, 20*200*4)
}

// TestVectorOfPython holds children side by side to single ones.
func TestVectorOfPython(t *testing.T) {
	c := python(t, "Pendulum-v1")
	const n = 2
	v, err := NewVector(t.Context(), c, n, vector.NextStep)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	b := vector.NewBatch(v)
	if err := v.Reset(b, 3, nil); err != nil {
		t.Fatal(err)
	}
	e := open(t, c)
	var got, want [][]float32
	for range 20 {
		if err := v.Step(b, []float32{1, -0.5}); err != nil {
			t.Fatal(err)
		}
		got = append(got, slices.Clone(b.Observations))
	}
	want = make([][]float32, len(got))
	x := make([]float32, 3)
	for i := range n {
		if _, err := e.Reset(x, int64(3+i), nil); err != nil {
			t.Fatal(err)
		}
		for k := range want {
			if _, err := e.Step(x, []float32{[]float32{1, -0.5}[i]}); err != nil {
				t.Fatal(err)
			}
			want[k] = append(want[k], x...)
		}
	}
	for k := range want {
		if !slices.Equal(got[k], want[k]) {
			t.Fatalf("step %d: got %v, want %v", k, got[k], want[k])
		}
	}
}

// TestSpaces holds that every kind of space goes both ways: an environment that checks its action and gives it back.
func TestSpaces(t *testing.T) {
	for _, noisy := range []bool{false, true} {
		c := python(t, "fmkit_bridge_odd:Odd-v0")
		c.Kwargs, c.Options = map[string]any{"noisy": noisy}, []string{"a", "b"}
		e := open(t, c)
		const want = "Dict('bits': MultiDiscrete([2 2 2]), 'box': Box([-1 -2 -3 -inf], [1 2 inf 4], (2, 2), float32), 'multi': MultiDiscrete([2 3 4 5]), " +
			"'pixels': Box(0, 255, (2, 1, 3), uint8), 'tuple': Dict('00': Discrete(3, start=-1), "
		if got := strings.ReplaceAll(e.ActionSpace().String(), ".0", ""); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "'whole': Box(-5, 5, (2,), float32))") {
			t.Errorf("got %s, want %s", got, want)
		}
		x, a := make([]float32, e.ObservationSpace().Size()), make([]float32, e.ActionSpace().Size())
		info, err := e.Reset(x, 5, env.Options{"a": 2, "b": 0.5})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(info); got != "map[array:[0 1 2] nested:map[a:[1 0.5]] options:map[a:2 b:0.5]]" {
			t.Errorf("got %s", got)
		}
		if !e.ObservationSpace().Contains(x) {
			t.Errorf("the observation %v isn't in its space", x)
		}
		again := slices.Clone(x)
		if _, err := e.Reset(x, 5, nil); err != nil || !slices.Equal(x, again) {
			t.Errorf("the same seed: got %v, want %v (%v)", x, again, err)
		}
		for i := range 20 {
			e.ActionSpace().Sample(a)
			whole := a[len(a)-2:]
			for k := range whole {
				whole[k] = float32(math.Round(float64(whole[k])))
			}
			o, err := e.Step(x, a)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(x, a) || o.Reward != 0.5 || o.Info != nil {
				t.Fatalf("step %d: got %v and %v, want %v", i, x, o, a)
			}
		}
	}
}

// TestMisbehaviour holds faults of Python's environments to their errors.
func TestMisbehaviour(t *testing.T) {
	for how, c := range map[string]struct {
		want  error
		words string
	}{
		"raise":  {ErrEnvironment, "RuntimeError: the arm fell off"},
		"shape":  {ErrEnvironment, "shape (3,)"},
		"floats": {ErrEnvironment, "float64, want uint8"},
		"exit":   {ErrDied, "bye"},
		"kill":   {ErrDied, "signal: killed"},
		"sleep":  {ErrTimeout, "500ms"},
		"text":   {ErrMake, "Text"},
	} {
		t.Run(how, func(t *testing.T) {
			leaks(t, func() {
				config := python(t, "fmkit_bridge_odd:Bad-v0")
				config.Kwargs = map[string]any{"how": how}
				e, err := New(t.Context(), config)
				if err == nil {
					defer e.Close()
					if how == "sleep" {
						e.config.Timeout = 500 * time.Millisecond
					}
					x := make([]float32, e.ObservationSpace().Size())
					if _, err := e.Reset(x, 1, nil); err != nil {
						t.Fatal(err)
					}
					_, err = e.Step(x, []float32{1})
					if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.words) {
						t.Errorf("got %v, want %v with %q", err, c.want, c.words)
					}
					if c.want != ErrEnvironment {
						gone(t, e.child.cmd.Process.Pid)
					} else if _, err := e.Reset(x, 1, nil); err != nil {
						t.Errorf("after an exception: got %v", err)
					}
				} else if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.words) {
					t.Errorf("got %v, want %v with %q", err, c.want, c.words)
				}
			})
		})
	}
	for id, want := range map[string]error{"NoSuch-v0": ErrMake, "no_such_module:X-v0": ErrMake} {
		if _, err := New(t.Context(), python(t, id)); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", id, err, want)
		}
	}
	config := python(t, "CartPole-v1")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "gymnasium.py"), []byte("raise ImportError('no gymnasium here')\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PYTHONPATH", dir)
	if _, err := New(t.Context(), config); !errors.Is(err, ErrPython) || !strings.Contains(err.Error(), "no gymnasium here") {
		t.Errorf("without gymnasium: got %v, want %v", err, ErrPython)
	}
}

// TestOrphan holds that Python ends when its parent is killed in the midst of a step.
func TestOrphan(t *testing.T) {
	c := python(t, "")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), parentEnv+"="+c.Python)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	_, err = fmt.Fscan(out, &pid)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if err != nil {
		t.Fatal(err)
	}
	gone(t, pid)
}

// TestPicture holds that Python's picture comes.
func TestPicture(t *testing.T) {
	c := python(t, "CartPole-v1")
	c.Render = true
	e := open(t, c)
	if _, err := e.Reset(make([]float32, 4), 1, nil); err != nil {
		t.Fatal(err)
	}
	m, err := e.Render()
	if err != nil {
		t.Fatal(err)
	}
	if m.Rect.Dx() != 600 || m.Rect.Dy() != 400 || m.RGBAAt(0, 0).R != 255 || m.RGBAAt(300, 380) == m.RGBAAt(0, 0) && m.RGBAAt(300, 290) == m.RGBAAt(0, 0) {
		t.Errorf("got a picture of %v without a cart", m.Rect)
	}
}
