package serve_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/adapters/serve"
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/backbone"
)

// savePolicy writes an untrained policy for CartPole-v1 that reads context steps, on a base of random weights: none's where there is none.
func savePolicy(t testing.TB, dir string, base *rl.Model, context int) {
	t.Helper()
	about := base.Config.Environments[0]
	raw, err := base.Config.JSON()
	if err != nil {
		t.Fatal(err)
	}
	s := policy.Settings{Environment: about, Context: context, Envelope: policy.Envelope{Margin: 0.5}}
	if base.Name == policy.NoBase {
		s.Model, s.ModelSeed = raw, 4
	}
	h := policy.NewHead(policy.Actions{About: &about}, base.Width(), 4)
	_, err = policy.Save(dir, adapter.Passport{Method: adapter.Head, Base: base.Identity(), Recipe: []byte("{}")}, s, draw(h.Params(), 4), nil)
	if err != nil {
		t.Fatal(err)
	}
}

func toyTrajectories(t testing.TB, name string) *rl.Model {
	t.Helper()
	e, err := rl.Make("CartPole-v1")
	if err != nil {
		t.Fatal(err)
	}
	about, err := rl.NewEnvironment("CartPole-v1", e.ObservationSpace(), e.ActionSpace())
	if err != nil {
		t.Fatal(err)
	}
	m, err := rl.New(rl.Config{Config: backbone.Config{Hidden: 16, Layers: 1, Heads: 2, Intermediate: 32}, Context: 4, Environments: []rl.Environment{about}}.Defaults(), 4)
	if err != nil {
		t.Fatal(err)
	}
	m.Name = name
	return m
}

// TestAct holds policies, on a base that was added and on none, to what their package answers, byte for byte.
func TestAct(t *testing.T) {
	s, dir := newServer(t, serve.Config{}, toyText(t)), t.TempDir()
	base := toyTrajectories(t, "toy-rl")
	if err := s.AddBase("toy-rl", serve.Base{Trajectories: base}); err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]*rl.Model{"based": base, "free": toyTrajectories(t, policy.NoBase)} {
		savePolicy(t, filepath.Join(dir, name), m, 3)
		if _, err := s.Load(t.Context(), name, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if name == "free" {
			m = nil
		}
		p, err := policy.Load(filepath.Join(dir, name), m)
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range []string{
			`{"adapter": "` + name + `", "id": "7", "observation": [0.1, 0, 0.02, 0]}`,
			`{"adapter": "` + name + `", "observation": [0.1, 0, 0.02, 0], "deterministic": false, "seed": 9, "target": 20}`,
			`{"adapter": "` + name + `", "observation": [0.1, 0, "NaN", 0]}`,
			`{"adapter": "` + name + `", "observation": [0.1, 0, 0.02, 0], "context": [{"observation": [0, 0, 0, 0], "action": 1, "reward": 1}]}`,
		} {
			var r struct {
				policy.Request
				ID, Adapter string
			}
			if err := json.Unmarshal([]byte(in), &r); err != nil {
				t.Fatal(err)
			}
			want, err := p.Act(&r.Request)
			if err != nil {
				t.Fatal(err)
			}
			want.ID = r.ID
			w := do(s, "POST", "/api/v1/act", in)
			if w.Code != 200 || w.Body.String() != jsonOf(t, want) || w.Header().Get("Fmkit-Adapter-Digest") != p.Passport().Digest {
				t.Errorf("%s: got %d %s, want %s", in, w.Code, w.Body, jsonOf(t, want))
			}
		}
	}
	for body, code := range map[string]int{
		`{"adapter": "free"}`: 400, `{"adapter": "free", "observation": [1]}`: 400, `{"adapter": "free", "observation": [0, 0, 0, 0], "speed": 1}`: 400,
		`{"adapter": "free", "observation": [0, 0, 0, 0], "context": [{"observation": [0, 0, 0, 0], "action": 7, "reward": 1}]}`: 400,
		`{"adapter": "free", "observation": "now"}`: 400, `{"adapter": "nobody", "observation": [0, 0, 0, 0]}`: 404, `{"adapter": "toy", "observation": [0, 0, 0, 0]}`: 400,
	} {
		if w := do(s, "POST", "/api/v1/act", body); w.Code != code || !strings.Contains(w.Body.String(), `"error"`) {
			t.Errorf("%s: got %d, want %d: %s", body, w.Code, code, w.Body)
		}
	}
	if w := do(s, "POST", "/api/v1/policy", `{"adapter": "free"}`); w.Code != 404 {
		t.Errorf("/api/v1/policy: got %d, want 404", w.Code)
	}
	if err := s.AddBase("both", serve.Base{Trajectories: base, Text: toyText(t)}); err == nil {
		t.Error("a base of two modalities was added")
	}
}
