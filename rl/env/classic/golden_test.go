package classic_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/classic"
)

// How far states may be after 200 steps: sines differ in the last bit, and MountainCarContinuous rounds its state to float32.
const (
	tolerance         = 1e-9
	toleranceOfNarrow = 1e-6
	toleranceOfChaos  = 1e-5 // Acrobot swung up by the scripted policy of odd seeds: the last bit grows tenfold in some ten steps
)

var version = regexp.MustCompile(`^.*-v\d`)

type stater interface{ State() []float64 }

// An episode of Gymnasium's, by testdata/golden.py.
type episode struct {
	Env            string
	Seed           int64
	Options        env.Options
	Float64Actions bool `json:"float64_actions"`
	Every          int
	Spaces         [2]string
	Initial        []float64
	InitialObs     []float32 `json:"initial_observation"`
	Actions        []float32
	States         [][]float64
	Observations   [][]float32
	Rewards        []float64
	Terminated     bool
}

func makeEnv(t testing.TB, name string, float64Actions bool) env.Env {
	t.Helper()
	switch name {
	case "CartPole-v1":
		return classic.NewCartPole(classic.CartPoleConfig{})
	case "MountainCar-v0":
		return classic.NewMountainCar(classic.MountainCarConfig{})
	case "MountainCarContinuous-v0":
		return classic.NewMountainCarContinuous(classic.MountainCarContinuousConfig{Float64Actions: float64Actions})
	case "Acrobot-v1":
		return classic.NewAcrobot()
	case "Pendulum-v1":
		return classic.NewPendulum(classic.PendulumConfig{Float64Actions: float64Actions})
	}
	t.Fatalf("no environment %q", name)
	return nil
}

// farthest gives the largest difference of two vectors, infinity where one isn't a number or the lengths differ.
func farthest[F float32 | float64](got, want []F) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	worst := 0.0
	for i := range got {
		d := math.Abs(float64(got[i]) - float64(want[i]))
		if !(d <= worst) {
			worst = d
		}
	}
	return worst
}

// replay runs an episode's actions and gives the largest difference of states. Initial states, flags and, but for the last bits, rewards are
// the same.
func replay(t *testing.T, c episode) float64 {
	t.Helper()
	e := makeEnv(t, c.Env, c.Float64Actions)
	if got := [2]string{e.ObservationSpace().String(), e.ActionSpace().String()}; got[1] != c.Spaces[1] {
		t.Errorf("%s: action space: got %s, want %s", c.Env, got[1], c.Spaces[1])
	}
	limit := tolerance
	switch {
	case c.Env == "MountainCarContinuous-v0":
		limit = toleranceOfNarrow
	case c.Env == "Acrobot-v1" && c.Seed%2 == 1:
		limit = toleranceOfChaos
	}
	observation := make([]float32, e.ObservationSpace().Size())
	if _, err := e.Reset(observation, c.Seed, c.Options); err != nil {
		t.Fatal(err)
	}
	if d := farthest(e.(stater).State(), c.Initial); d != 0 {
		t.Fatalf("%s, seed %d: the first state is %g off: got %v, want %v", c.Env, c.Seed, d, e.(stater).State(), c.Initial)
	}
	if d := farthest(observation, c.InitialObs); d > 6e-8 { // Acrobot's first sines are in float32 in Gymnasium
		t.Fatalf("%s, seed %d: the first observation is %g off", c.Env, c.Seed, d)
	}
	worst, seen := 0.0, 0
	for i, a := range c.Actions {
		o, err := e.Step(observation, []float32{a})
		if err != nil {
			t.Fatal(err)
		}
		last := i == len(c.Actions)-1
		if want := last && c.Terminated; o.Terminated != want || o.Truncated {
			t.Fatalf("%s, seed %d, step %d: got terminated %v and truncated %v, want %v and false", c.Env, c.Seed, i, o.Terminated, o.Truncated, want)
		}
		if i%c.Every != c.Every-1 && !(last && c.Terminated) {
			continue
		}
		if d := math.Abs(o.Reward - c.Rewards[seen]); !(d <= 100*limit) {
			t.Fatalf("%s, seed %d, step %d: got reward %v, want %v", c.Env, c.Seed, i, o.Reward, c.Rewards[seen])
		}
		d := farthest(e.(stater).State(), c.States[seen])
		if worst = max(worst, d); d > limit {
			t.Fatalf("%s, seed %d, step %d: the state is %g off: got %v, want %v", c.Env, c.Seed, i, d, e.(stater).State(), c.States[seen])
		}
		if d := farthest(observation, c.Observations[seen]); d > 2e-6+limit { // an ulp of velocities up to 28
			t.Fatalf("%s, seed %d, step %d: the observation is %g off", c.Env, c.Seed, i, d)
		}
		seen++
	}
	return worst
}

// TestAgainstGymnasium replays the committed episodes, and as many as asked for where the interpreter of FMKIT_PYTHON has Gymnasium.
func TestAgainstGymnasium(t *testing.T) {
	raw, err := os.ReadFile("testdata/golden.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	replayAll(t, raw, 4)
}

func TestTwoHundredSeeds(t *testing.T) {
	python := os.Getenv("FMKIT_PYTHON")
	if python == "" {
		t.Skip("FMKIT_PYTHON is unset")
	}
	const seeds = 200
	cmd := exec.Command(python, "testdata/golden.py", fmt.Sprint(seeds), "1")
	var words strings.Builder
	cmd.Stderr = &words
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, words.String())
	}
	replayAll(t, out, seeds)
}

func replayAll(t *testing.T, lines []byte, seeds int) {
	t.Helper()
	worst, count, beyond := map[string]float64{}, map[string]int{}, map[string]int{}
	s := bufio.NewScanner(bytes.NewReader(lines))
	for s.Buffer(nil, 1<<20); s.Scan(); {
		var c episode
		if err := json.Unmarshal(s.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("%s, float64 actions %v", c.Env, c.Float64Actions)
		d := replay(t, c)
		if worst[name] = max(worst[name], d); d > tolerance {
			beyond[name]++
		}
		count[name]++
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	if len(worst) != 7 {
		t.Errorf("got episodes of %d kinds, want 7", len(worst))
	}
	for name, d := range worst {
		t.Logf("%s: %d episodes, states differ by up to %g, in %d by more than %g", name, count[name], d, beyond[name], tolerance)
		if count[name] != seeds {
			t.Errorf("%s: got %d episodes, want %d", name, count[name], seeds)
		}
	}
}

// TestTrajectories replays traces of another Gymnasium under numpy 1, whose products are in float64.
func TestTrajectories(t *testing.T) {
	data := os.Getenv("FMKIT_DATA")
	if data == "" {
		t.Skip("FMKIT_DATA is unset")
	}
	files, err := filepath.Glob(filepath.Join(data, "rl-golden-trajectories", "*.json"))
	if err != nil || len(files) != 8 {
		t.Fatalf("got %d files, want 8: %v", len(files), err)
	}
	for _, path := range files {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var traces []struct {
			Env          string
			Seed         int64
			InitialState []float64 `json:"initial_state"`
			InitialObs   []float32 `json:"initial_obs"`
			Steps        []struct {
				Action     json.RawMessage
				State      []float64
				Obs        []float32
				Reward     float64
				Terminated bool
			}
		}
		if err := json.Unmarshal(raw, &traces); err != nil {
			t.Fatal(err)
		}
		for _, tr := range traces {
			name := version.FindString(tr.Env) // without the policy's name
			c := episode{
				Env: name, Seed: tr.Seed, Float64Actions: true, Every: 1,
				Initial: tr.InitialState, InitialObs: tr.InitialObs, Terminated: tr.Steps[len(tr.Steps)-1].Terminated,
			}
			c.Spaces[1] = makeEnv(t, name, true).ActionSpace().String()
			for _, s := range tr.Steps {
				var action float32
				if err := json.Unmarshal(bytes.Trim(s.Action, "[]"), &action); err != nil {
					t.Fatal(err)
				}
				c.Actions, c.States = append(c.Actions, action), append(c.States, s.State)
				c.Observations, c.Rewards = append(c.Observations, s.Obs), append(c.Rewards, s.Reward)
			}
			t.Logf("%s, seed %d: %d steps, states differ by up to %g", filepath.Base(path), tr.Seed, len(tr.Steps), replay(t, c))
		}
	}
}
