//go:build unix

package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/classic"
	"github.com/fmkit/fmkit/rl/env/envtest"
	"github.com/fmkit/fmkit/rl/env/vector"
)

// faked is a configuration whose child is this test program with a fault.
func faked(t testing.TB, fault string) Config {
	t.Setenv(fakeEnv, fault)
	return Config{ID: "CartPole-v1", Python: os.Args[0], StartTimeout: 20 * time.Second, Timeout: 20 * time.Second}
}

// open is New where it has to succeed; the test closes it.
func open(t testing.TB, c Config) *Env {
	t.Helper()
	e, err := New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// drive resets and steps n times, up to an error.
func drive(e env.Env, n int) error {
	x := make([]float32, 4)
	if _, err := e.Reset(x, 1, nil); err != nil {
		return err
	}
	for i := range n {
		if _, err := e.Step(x, []float32{float32(i % 2)}); err != nil {
			return err
		}
	}
	return nil
}

// leaks fails the test if it leaves goroutines or the process behind.
func leaks(t *testing.T, f func()) {
	t.Helper()
	before := runtime.NumGoroutine()
	f()
	for try := 0; runtime.NumGoroutine() > before; try++ {
		if try == 100 {
			b := make([]byte, 1<<16)
			t.Fatalf("got %d goroutines, had %d:\n%s", runtime.NumGoroutine(), before, b[:runtime.Stack(b, true)])
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// gone fails the test unless there's no such process within some seconds.
func gone(t *testing.T, pid int) {
	t.Helper()
	for range 500 {
		if err := syscall.Kill(pid, 0); errors.Is(err, syscall.ESRCH) || zombie(pid) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %d is still there", pid)
}

// zombie tells whether a process ended and only waits for its parent, which may be one that doesn't care.
func zombie(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(stat), ") Z ")
}

func TestContract(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of exchanges")
	}
	c := faked(t, "")
	envtest.Run(t, func() (env.Env, error) { return env.Check(open(t, c)), nil })
}

// TestFaults holds that every fault of a child is the error that it should be, soon, for good, and leaves nothing behind.
func TestFaults(t *testing.T) {
	for fault, c := range map[string]struct {
		want  error
		words string
		start bool // New fails
	}{
		"death":                     {ErrDied, "exit status 3", false},
		"half a reply":              {ErrDied, "unexpected EOF", false},
		"silence":                   {ErrTimeout, "within 200ms", false},
		"silence with a grandchild": {ErrTimeout, "grandchild", false},
		"a grandchild that stays":   {ErrDied, "grandchild", false},
		"garbage":                   {ErrProtocol, "Segmentation", false},
		"an oversized reply":        {ErrProtocol, "4294967295", false},
		"an oversized info":         {ErrProtocol, "4294967295", false},
		"another kind":              {ErrProtocol, `want 's'`, false},
		"a short observation":       {ErrProtocol, "22 bytes", false},
		"a flag of 7":               {ErrProtocol, "two flags", false},
		"an info that is none":      {ErrProtocol, "info", false},
		"an error without words":    {ErrProtocol, "error", false},
		"silent start":              {ErrTimeout, "within 200ms", true},
		"garbage at the start":      {ErrProtocol, "Python 2.7", true},
		"an early end":              {ErrDied, "closed pipe", true},
		"no gymnasium":              {ErrPython, "No module named", true},
		"another protocol":          {ErrProtocol, "protocol 2", true},
		"a negative side":           {ErrMake, "-4", true},
		"a large side":              {ErrMake, "1099511627776", true},
		"missing bounds":            {ErrProtocol, "8 bytes", true},
		"more bounds":               {ErrProtocol, "1 bytes", true},
		"no actions":                {ErrMake, "n 0", true},
		"bounds that cross":         {ErrMake, "low <= high", true},
		"unknown words":             {ErrProtocol, "pickle", true},
	} {
		t.Run(fault, func(t *testing.T) {
			leaks(t, func() {
				config := faked(t, fault)
				if c.want == ErrTimeout && c.start {
					config.StartTimeout = 200 * time.Millisecond
				}
				begin := time.Now()
				e, err := New(t.Context(), config)
				if (err != nil) != c.start {
					t.Fatalf("New: got %v", err)
				}
				if err == nil {
					if c.want == ErrTimeout {
						e.config.Timeout = 200 * time.Millisecond
					}
					err = drive(e, 3)
				}
				if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.words) || !strings.HasPrefix(err.Error(), "bridge: ") {
					t.Errorf("got %v, want %v with %q", err, c.want, c.words)
				}
				if took := time.Since(begin); took > 10*time.Second {
					t.Errorf("it took %v", took)
				}
				if pid := regexp.MustCompile(`grandchild (\d+)`).FindStringSubmatch(fmt.Sprint(err)); pid != nil {
					n, _ := strconv.Atoi(pid[1])
					gone(t, n)
				}
				if e == nil {
					return
				}
				gone(t, e.child.cmd.Process.Pid)
				if err := drive(e, 1); !errors.Is(err, c.want) {
					t.Errorf("again: got %v, want %v", err, c.want)
				}
				if err := e.Close(); err != nil {
					t.Errorf("Close: got %v", err)
				}
			})
		})
	}
}

// TestLastWords holds that an error has the end of what the child wrote, and not all of it.
func TestLastWords(t *testing.T) {
	err := drive(open(t, faked(t, "death")), 3)
	if s := fmt.Sprint(err); !strings.Contains(s, "out of ammunition") || len(s) > maxTail+500 {
		t.Errorf("got %d bytes: %v", len(s), err)
	}
}

// TestSlowStart holds that the limit of a step isn't that of the start.
func TestSlowStart(t *testing.T) {
	c := faked(t, "slow start")
	c.Timeout = 100 * time.Millisecond
	e := open(t, c)
	e.config.Timeout = 20 * time.Second
	if err := drive(e, 3); err != nil {
		t.Error(err)
	}
}

// TestException holds that a child lives on after an exception.
func TestException(t *testing.T) {
	e := open(t, faked(t, "an exception"))
	if err := drive(e, 3); !errors.Is(err, ErrEnvironment) || !strings.Contains(err.Error(), "ValueError: no") {
		t.Errorf("got %v, want %v", err, ErrEnvironment)
	}
	if err := drive(e, 3); err != nil {
		t.Error(err)
	}
}

func TestClose(t *testing.T) {
	leaks(t, func() {
		e := open(t, faked(t, ""))
		if err := drive(e, 3); err != nil {
			t.Error(err)
		}
		for range 2 {
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		}
		gone(t, e.child.cmd.Process.Pid)
		if err := drive(e, 1); !errors.Is(err, ErrClosed) {
			t.Errorf("a reset after Close: got %v, want %v", err, ErrClosed)
		}
	})
	leaks(t, func() {
		e := open(t, faked(t, "no end"))
		e.config.Timeout = 100 * time.Millisecond
		if err := e.Close(); !errors.Is(err, ErrDied) {
			t.Errorf("a child that doesn't end: got %v, want %v", err, ErrDied)
		}
		gone(t, e.child.cmd.Process.Pid)
	})
	e := open(t, faked(t, "a bad end"))
	if err := e.Close(); !errors.Is(err, ErrDied) || !strings.Contains(err.Error(), "exit status 5") {
		t.Errorf("a child that ends badly: got %v, want %v", err, ErrDied)
	}
}

// TestContext holds that the end of the context ends a child in the midst of a step.
func TestContext(t *testing.T) {
	leaks(t, func() {
		cause := errors.New("lunch")
		ctx, cancel := context.WithCancelCause(t.Context())
		e, err := New(ctx, faked(t, "silence"))
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(100*time.Millisecond, func() { cancel(cause) })
		if err := drive(e, 3); !errors.Is(err, cause) {
			t.Errorf("got %v, want %v", err, cause)
		}
		gone(t, e.child.cmd.Process.Pid)
		if _, err := New(ctx, faked(t, "")); !errors.Is(err, cause) {
			t.Errorf("New: got %v, want %v", err, cause)
		}
	})
}

func TestRefused(t *testing.T) {
	for what, c := range map[string]struct {
		spoil func(*Config)
		want  error
	}{
		"no ID":              {func(c *Config) { c.ID = "" }, ErrConfig},
		"a negative limit":   {func(c *Config) { c.Timeout = -1 }, ErrConfig},
		"a mode by kwargs":   {func(c *Config) { c.Kwargs = map[string]any{"render_mode": "human"} }, ErrConfig},
		"kwargs beyond JSON": {func(c *Config) { c.Kwargs = map[string]any{"gravity": math.Inf(1)} }, ErrConfig},
		"no interpreter":     {func(c *Config) { c.Python = "/nowhere/python" }, ErrPython},
	} {
		config := faked(t, "")
		c.spoil(&config)
		if _, err := New(t.Context(), config); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", what, err, c.want)
		}
	}
	c := faked(t, "")
	c.Options = []string{"low"}
	e := open(t, c)
	x := make([]float32, 4)
	if _, err := e.Reset(x, 1, env.Options{"high": 1}); !errors.Is(err, env.ErrOption) {
		t.Errorf("an option without a name: got %v, want %v", err, env.ErrOption)
	}
	if _, err := e.Reset(x, 1, env.Options{"low": math.NaN()}); !errors.Is(err, env.ErrOption) {
		t.Errorf("an option of NaN: got %v, want %v", err, env.ErrOption)
	}
	if _, err := e.Render(); !errors.Is(err, ErrConfig) {
		t.Errorf("a picture of an environment without: got %v, want %v", err, ErrConfig)
	}
}

func TestRender(t *testing.T) {
	for fault, want := range map[string]error{"": nil, "a picture of another size": ErrProtocol, "a picture with an overflow": ErrProtocol} {
		c := faked(t, fault)
		c.Render = true
		e := open(t, c)
		if _, err := e.Render(); !errors.Is(err, env.ErrResetNeeded) {
			t.Errorf("before the first reset: got %v, want %v", err, env.ErrResetNeeded)
		}
		info, err := e.Reset(make([]float32, 4), 1, nil)
		if err != nil || info["lives"] != 3.0 {
			t.Fatalf("got %v and %v", info, err)
		}
		m, err := e.Render()
		if !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", fault, err, want)
		}
		if want == nil && (err != nil || m.Rect.Dx() != 1 || m.Rect.Dy() != 2 || !slices.Equal(m.Pix, []byte{1, 2, 3, 255, 4, 5, 6, 255})) {
			t.Errorf("got %v and %v", m, err)
		}
	}
}

// TestVector holds several children to several environments of our own, bit for bit.
func TestVector(t *testing.T) {
	const n = 3
	c := faked(t, "")
	for _, mode := range []vector.Autoreset{vector.NextStep, vector.SameStep} {
		leaks(t, func() {
			v, err := NewVector(t.Context(), c, n, mode)
			if err != nil {
				t.Fatal(err)
			}
			own, err := classic.NewCartPoleVector(n, 500, mode)
			if err != nil {
				t.Fatal(err)
			}
			got, want := vector.NewBatch(v), vector.NewBatch(own)
			if err := errors.Join(v.Reset(got, 7, nil), own.Reset(want, 7, nil)); err != nil {
				t.Fatal(err)
			}
			ends := 0
			for i := range 100 {
				actions := []float32{float32(i % 2), 1, float32(i / 2 % 2)}
				if err := errors.Join(v.Step(got, actions), own.Step(want, actions)); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got.Observations, want.Observations) || !slices.Equal(got.Terminated, want.Terminated) || !slices.Equal(got.Final, want.Final) {
					t.Fatalf("%v, step %d: got %v, want %v", mode, i, got, want)
				}
				if slices.Contains(got.Terminated, true) {
					ends++
				}
			}
			if ends == 0 {
				t.Error("no episode ended")
			}
			if err := v.Close(); err != nil {
				t.Error(err)
			}
			for _, e := range v.children {
				gone(t, e.child.cmd.Process.Pid)
			}
		})
	}
	leaks(t, func() {
		if _, err := NewVector(t.Context(), faked(t, "no gymnasium"), n, vector.NextStep); !errors.Is(err, ErrPython) {
			t.Errorf("got %v, want %v", err, ErrPython)
		}
	})
	leaks(t, func() {
		v, err := NewVector(t.Context(), faked(t, "death"), n, vector.NextStep)
		if err != nil {
			t.Fatal(err)
		}
		b := vector.NewBatch(v)
		err = v.Reset(b, 1, nil)
		for range 3 {
			err = errors.Join(err, v.Step(b, []float32{0, 1, 0}))
		}
		if !errors.Is(err, ErrDied) {
			t.Errorf("got %v, want %v", err, ErrDied)
		}
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
}

// FuzzReply holds that whatever a child sends is a frame and spaces, or an error.
func FuzzReply(f *testing.F) {
	text, bounds := fakeGreeting("", classic.NewCartPole(classic.CartPoleConfig{}))
	f.Add(frame{kind: hello, json: text, raw: bounds}.append(nil))
	f.Add(frame{kind: hello, json: []byte(`{"protocol":1,"gymnasium":"","python":"","observation":{"kind":"Dict","names":["a"],"spaces":[{"kind":"MultiDiscrete","counts":[2]}]},` +
		`"action":{"kind":"Box","shape":[1],"uint8":true}}`), raw: make([]byte, 8)}.append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		var reply frame
		if err := reply.read(strings.NewReader(string(b)), 1<<16); err != nil {
			if !errors.Is(err, ErrProtocol) && err != io.EOF && err != io.ErrUnexpectedEOF {
				t.Errorf("got %v", err)
			}
			return
		}
		_, observation, action, err := meet(&reply)
		if err != nil {
			if !errors.Is(err, ErrProtocol) && !errors.Is(err, ErrMake) {
				t.Errorf("got %v", err)
			}
			return
		}
		all, n := leaves(observation)
		decode(make([]float32, observation.Size()), all, make([]byte, n))
		action.Sample(make([]float32, action.Size()))
	})
}
