package trajectory_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/fmkit/fmkit/rl/trajectory"
)

// A golden says what testdata/make_goldens.py put into a data set.
type golden struct {
	Episodes []struct {
		Observations []float32 `json:"observations"`
		Actions      []float32 `json:"actions"`
		Rewards      []float64 `json:"rewards"`
		Terminated   bool      `json:"terminated"`
		Truncated    bool      `json:"truncated"`
		Seed         int64     `json:"seed"`
	} `json:"episodes"`
}

func (g golden) source(m trajectory.Meta) *trajectory.Memory {
	all := &trajectory.Memory{About: m}
	for _, e := range g.Episodes {
		all.Episodes = append(all.Episodes, trajectory.Episode{
			Seed: e.Seed, Observations: e.Observations, Actions: e.Actions, Rewards: e.Rewards, Terminated: e.Terminated, Truncated: e.Truncated,
		})
	}
	return all
}

// TestForeign reads what minari and lerobot themselves wrote, and again after we have written it.
func TestForeign(t *testing.T) {
	for name, want := range map[string]string{
		"minari-cartpole": "CartPole-v1 Box([-4.8 -inf -0.41887903 -inf], [4.8 inf 0.41887903 inf], (4,), float32) Discrete(2)",
		"minari-parts":    " Dict('camera': Box(0, 255, (4, 6, 3), uint8), 'mode': Discrete(3), 'where': Box(-inf, inf, (2,), float32)) MultiDiscrete([2 3])",
		"minari-camera":   " Box(0, 255, (32, 40, 3), uint8) Discrete(2, start=-1)",
		"lerobot-state":   " Box(-inf, inf, (5,), float32) Box(-inf, inf, (3,), float32)",
		"lerobot-parts":   " Dict('images.top': Box(0, 255, (6, 4, 3), uint8), 'state': Box(-inf, inf, (2,), float32)) Discrete(4)",
	} {
		t.Run(name, func(t *testing.T) {
			f, err := trajectory.Open(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			m := f.Meta()
			if got := fmt.Sprint(m.Environment, " ", m.Observation, " ", m.Action); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			b, err := os.ReadFile(filepath.Join("testdata", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			var g golden
			if err := json.Unmarshal(b, &g); err != nil {
				t.Fatal(err)
			}
			same(t, f, g.source(m))
			dir := filepath.Join(t.TempDir(), "ours")
			if err := trajectory.Write(t.Context(), dir, f, trajectory.StoreConfig{}); err != nil {
				t.Fatal(err)
			}
			again, err := trajectory.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer again.Close()
			same(t, again, g.source(m))
		})
	}
}
