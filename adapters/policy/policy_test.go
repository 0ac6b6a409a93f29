package policy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// parts are a model and a head with random weights for an environment, and settings without a base.
func parts(t testing.TB, id string, context int) (*rl.Model, *Head, Settings) {
	t.Helper()
	e, err := rl.Make(id)
	if err != nil {
		t.Fatal(err)
	}
	about, err := rl.NewEnvironment(id, e.ObservationSpace(), e.ActionSpace())
	if err != nil {
		t.Fatal(err)
	}
	c := rl.Config{Config: backbone.Config{Hidden: 16, Layers: 1, Heads: 2, Intermediate: 32}, Context: 4, Environments: []rl.Environment{about}}.Defaults()
	raw, err := c.JSON()
	if err != nil {
		t.Fatal(err)
	}
	s := Settings{Environment: about, Context: context, Target: 10, Envelope: Envelope{Margin: 0.5}, Model: raw, ModelSeed: 4}
	m, err := s.Random()
	if err != nil {
		t.Fatal(err)
	}
	h := NewHead(Actions{&s.Environment}, m.Width(), 4)
	for _, p := range h.Params() { // an opinion
		for i, r := 0, random.New(random.Key(4, p.Name)); i < len(p.Value); i++ {
			p.Value[i] = float32(0.3 * r.Normal())
		}
	}
	return m, h, s
}

func newPolicy(t testing.TB, id string, context int) *Policy {
	t.Helper()
	m, h, s := parts(t, id, context)
	p, err := New(m, h, s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestSessionWindow holds that a step in a context gets, to the bit, what the whole window gets at once, across two cuts of the older half.
func TestSessionWindow(t *testing.T) {
	p, n := newPolicy(t, "CartPole-v1", 3), 0
	s := p.NewSession(1)
	r := random.New(2)
	action := make([]float32, 1)
	var returns, observations, actions []float32
	for step := range 9 {
		o := []float32{float32(r.Normal()), float32(r.Normal()), float32(r.Normal()), float32(r.Normal())}
		d, err := s.Predict(action, o, false)
		if err != nil {
			t.Fatal(err)
		}
		returns, observations = append(returns, float32(10-step)), append(observations, o...)
		if n++; n > 3 {
			n = 2 // the half of 3 that stays, and this one
		}
		from, k := step+1-n, n
		w := rl.Window{Parts: rl.Returns | rl.Observations | rl.Actions, K: k, Returns: returns[from:], Observations: observations[from*4:], Actions: append(slices.Clone(actions[from:]), 0)}
		y := make([]float32, 3*k*16)
		if err := p.infer.Encode(y, 0, &w, &nn.Batch{B: 1, T: 3 * k, Causal: true}); err != nil { // a token to come changes nothing
			t.Fatal(err)
		}
		outputs, value := make([]float32, 2), make([]float32, 1)
		if err := p.answer(outputs, value, y[(3*k-2)*16:][:16], &nn.Batch{B: 1, T: 1}); err != nil {
			t.Fatal(err)
		}
		Probabilities(outputs, outputs)
		if !slices.Equal(outputs, d.Probabilities) || value[0] != d.Value || d.Step != step || d.ToGo != float64(10-step) {
			t.Errorf("step %d: got %+v, want %v and %v", step, d, outputs, value)
		}
		actions = append(actions, action[0])
		s.Reward(1)
	}
}

func TestPredictNoGarbage(t *testing.T) {
	if raced {
		t.Skip("the race detector makes garbage")
	}
	for _, id := range []string{"CartPole-v1", "Pendulum-v1"} {
		for _, context := range []int{0, 3} {
			p := newPolicy(t, id, context)
			s := p.NewSession(1)
			o, action := make([]float32, p.settings.Environment.Size()), make([]float32, 1)
			step := func() {
				for _, deterministic := range []bool{true, false} {
					if _, err := s.Predict(action, o, deterministic); err != nil {
						t.Fatal(err)
					}
					s.Reward(1)
				}
			}
			for range 10 {
				step()
			}
			if n := testing.AllocsPerRun(100, step); n > 0 {
				t.Errorf("%s, context %d: got %g allocations a step, want none", id, context, n)
			}
		}
	}
}

// TestActionLimits holds that no output leads to an action beyond the limits, and that they are reached.
func TestActionLimits(t *testing.T) {
	e := rl.Environment{ID: "x", Observation: []int{1}, Low: []float32{-2, 1}, High: []float32{2, 1.5}}
	a := Actions{&e}
	action := make([]float32, 2)
	for _, u := range []float32{0, 0.3, -0.3, 9, -9, 1e30, -1e30, float32(math.Inf(1))} {
		a.Action(action, []float32{u, u})
		for i, v := range action {
			if !(v >= e.Low[i] && v <= e.High[i]) {
				t.Errorf("u %g: got %v", u, action)
			}
		}
		if u > 100 && (action[0] != 2 || action[1] != 1.5) {
			t.Errorf("u %g: got %v, want the upper limits", u, action)
		}
	}
}

// TestSample holds that choices are as often as they are likely.
func TestSample(t *testing.T) {
	discrete, vectors := Actions{&rl.Environment{Actions: 3}}, Actions{&rl.Environment{Low: []float32{-1}, High: []float32{1}}}
	outputs, p, counts := []float32{0.5, -1, 0.2}, make([]float32, 3), make([]float64, 3)
	Probabilities(p, outputs)
	choice := make([]float32, 1)
	const n = 20000
	sum, squares := 0.0, 0.0
	for i := range n {
		discrete.Sample(choice, outputs, nil, random.New(random.Mix(1, uint64(i))))
		counts[int(choice[0])] += 1.0 / n
		vectors.Sample(choice, []float32{0.7}, []float32{0.5}, random.New(random.Mix(2, uint64(i))))
		sum, squares = sum+float64(choice[0])/n, squares+math.Pow(float64(choice[0]), 2)/n
	}
	for i, c := range counts {
		if math.Abs(c-float64(p[i])) > 0.012 { // 3.4 deviations
			t.Errorf("choice %d: got %g of the draws, want %g", i, c, p[i])
		}
		if lp := discrete.LogProb([]float32{float32(i)}, outputs, nil); math.Abs(math.Exp(float64(lp))-float64(p[i])) > 1e-6 {
			t.Errorf("choice %d: logarithm %g of probability %g", i, lp, p[i])
		}
	}
	if sd := math.Sqrt(squares - sum*sum); math.Abs(sum-0.7) > 0.012 || math.Abs(sd-0.5) > 0.009 {
		t.Errorf("got mean %g and deviation %g, want 0.7 and 0.5", sum, sd)
	}
}

func TestFallback(t *testing.T) {
	m, h, s := parts(t, "Pendulum-v1", 0)
	s.Envelope.Widen([]float32{-1, -1, -8, 1, 1, 8}, 3)
	s.Envelope.Fallback = []float32{0.25}
	p, err := New(m, h, s)
	if err != nil {
		t.Fatal(err)
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		o    []float32
		want bool
	}{
		{[]float32{0, 0, 0}, false},
		{[]float32{1.9, 0, 0}, false},
		{[]float32{2.1, 0, 0}, true},
		{[]float32{0, 0, -15.9}, false},
		{[]float32{0, 0, -16.1}, true},
		{[]float32{nan, 0, 0}, true},
		{[]float32{0, inf, 0}, true},
	} {
		action := []float32{9}
		d, err := p.NewSession(1).Predict(action, c.o, true)
		if err != nil || d.Fallback != c.want || (action[0] == 0.25) != c.want {
			t.Errorf("%v: got %+v, %v, want fallback %v", c.o, d, err, c.want)
		}
	}
	s.Envelope, h.Action.B.Value[0] = Envelope{}, inf
	if p, err = New(m, h, s); err != nil {
		t.Fatal(err)
	}
	action := []float32{9}
	if d, err := p.NewSession(1).Predict(action, []float32{0, 0, 0}, false); err != nil || !d.Fallback || action[0] != 0 {
		t.Errorf("a policy without an answer: got %+v, %v, want the fallback", d, err)
	}
	for name, e := range map[string]Envelope{
		"bounds": {Low: []float32{1}, High: []float32{2}}, "crossed": {Low: []float32{1, 1, 1}, High: []float32{2, 2, 0}},
		"not finite": {Low: []float32{0, 0, 0}, High: []float32{0, 0, inf}}, "margin": {Margin: -1}, "limits": {Fallback: []float32{2.5}}, "size": {Fallback: []float32{1, 1}},
	} {
		s.Envelope = e
		if _, err := New(m, h, s); !errors.Is(err, ErrSettings) {
			t.Errorf("%s: got %v, want %v", name, err, ErrSettings)
		}
	}
}

func TestReplay(t *testing.T) {
	for _, context := range []int{0, 3} {
		p := newPolicy(t, "CartPole-v1", context)
		var b bytes.Buffer
		log, err := NewLog(&b, p, 3)
		if err != nil {
			t.Fatal(err)
		}
		scores, err := Evaluate(t.Context(), []*Policy{p}, "CartPole-v1", EvaluateOptions{Episodes: 4, Seed: 3, Sample: true, Log: log})
		if err != nil {
			t.Fatal(err)
		}
		text := b.String()
		n, err := p.Replay(strings.NewReader(text))
		if want := int(scores.MeanLength*4 + 0.5); err != nil || n != want {
			t.Errorf("context %d: got %d decisions, %v, want %d", context, n, err, want)
		}
		lines := strings.SplitAfter(text, "\n")
		for name, bad := range map[string]string{
			"empty": "", "another policy": strings.Replace(text, `"policy":""`, `"policy":"x"`, 1), "another seed": strings.Replace(text, `"seed":3`, `"seed":4`, 1),
			"another observation": strings.Replace(text, `"observation":[`, `"observation":[1`, 1), "a step less": lines[0] + strings.Join(lines[2:], ""), "cut": text[:len(text)-9],
			"an unknown key": strings.Replace(text, `"step"`, `"stop"`, 1),
		} {
			if _, err := p.Replay(strings.NewReader(bad)); !errors.Is(err, ErrReplay) {
				t.Errorf("context %d: %s: got %v, want %v", context, name, err, ErrReplay)
			}
		}
	}
}

func TestNumbers(t *testing.T) {
	want := Numbers{0.1, -3e-45, 3.4e38, float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))}
	raw, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Numbers
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) && got[i] == got[i] {
			t.Errorf("number %d: got %g, want %g", i, got[i], want[i])
		}
	}
	for _, bad := range []string{`["nan"]`, `[[1]]`, `[null]`, `{}`} {
		if err := json.Unmarshal([]byte(bad), &got); err == nil {
			t.Errorf("%s: got no error", bad)
		}
	}
}

func TestPredictJSON(t *testing.T) {
	s := newPolicy(t, "CartPole-v1", 3).NewSession(1)
	for _, c := range []struct {
		line          string
		episode, step int
		toGo          float64
	}{
		{`{"observation": [0, 0, 0, 0], "begin": true}`, 0, 0, 10},
		{`{"observation": [0, 0, 0, 0], "reward": 1, "id": "x"}`, 0, 1, 9},
		{`{"observation": ["NaN", 0, 0, 0]}`, 0, 2, 9},
		{`{"observation": [0, 0, 0, 0], "begin": true, "target": 5}`, 1, 0, 5},
	} {
		a, err := s.PredictJSON(t.Context(), []byte(c.line), true)
		if err != nil || a.Episode != c.episode || a.Step != c.step || a.Decision.ToGo != c.toGo || a.Fallback != strings.Contains(c.line, "NaN") || (a.ID == "x") != strings.Contains(c.line, "id") {
			t.Errorf("%s: got %+v, %v", c.line, a, err)
		}
	}
	for _, bad := range []string{`{}`, `{"observation": [1]}`, `{"observation": [0, 0, 0, 0], "target": 1}`, `{"observations": [0, 0, 0, 0]}`, `[]`} {
		if _, err := s.PredictJSON(t.Context(), []byte(bad), false); err == nil {
			t.Errorf("%s: got no error", bad)
		}
	}
}

// save writes the folder of a policy without a base.
func save(t *testing.T, id string) (string, *Policy) {
	t.Helper()
	m, h, s := parts(t, id, 0)
	dir := filepath.Join(t.TempDir(), "policy")
	_, err := Save(dir, adapter.Passport{Method: adapter.Scratch, Base: m.Identity(), Recipe: json.RawMessage(`{}`), Seed: 1}, s, append(m.Params(), h.Params()...), nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(m, h, s)
	if err != nil {
		t.Fatal(err)
	}
	return dir, p
}

func TestLoad(t *testing.T) {
	for _, id := range []string{"CartPole-v1", "Pendulum-v1"} {
		dir, p := save(t, id)
		loaded, err := Load(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		o := make([]float32, p.settings.Environment.Size())
		a, b := make([]float32, 1), make([]float32, 1)
		one, err1 := p.NewSession(1).Predict(a, o, false)
		two, err2 := loaded.NewSession(1).Predict(b, o, false)
		if err1 != nil || err2 != nil || a[0] != b[0] || one.Value != two.Value {
			t.Errorf("%s: got %v and %v, %v, %v", id, a, b, err1, err2)
		}
		other, _, _ := parts(t, id, 0)
		other.Params()[0].Value[0]++
		if _, err := Load(dir, other); !errors.Is(err, adapter.ErrBaseMismatch) {
			t.Errorf("%s: got %v, want %v", id, err, adapter.ErrBaseMismatch)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	dir, _ := save(t, "CartPole-v1")
	raw, err := os.ReadFile(filepath.Join(dir, "fmkit.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, old, now string
		want           error
	}{
		{"another task", `"task": "policy"`, `"task": "qa"`, adapter.ErrTask},
		{"another method", `"method": "scratch"`, `"method": "head"`, adapter.ErrPassport}, // adapter_config.json says otherwise
		{"another digest", `"digest": "sha256:`, `"digest": "sha256:00`, adapter.ErrPassport},
		{"an unknown setting", `"margin"`, `"margins"`, adapter.ErrPassport},
		{"no base", `"model_seed": 4`, `"model_seed": 5`, adapter.ErrBaseMismatch},
		{"a base too large", `"hidden_size": 16`, `"hidden_size": 16384`, adapter.ErrPassport},
		{"a base that can't be", `"num_attention_heads": 2`, `"num_attention_heads": 3`, adapter.ErrPassport},
		{"other actions", `"actions": 2`, `"actions": 3`, nil}, // of settings and base alike: the weights don't fit
		{"another environment", `"id": "CartPole-v1",
      "observation"`, `"id": "CartPole-v2",
      "observation"`, nil},
	} {
		text := strings.Replace(string(raw), c.old, c.now, 1)
		if text == string(raw) {
			t.Fatalf("%s: %s isn't there", c.name, c.old)
		}
		if err := os.WriteFile(filepath.Join(dir, "fmkit.json"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(dir, nil); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}

// TestConcurrent plays with one policy from many goroutines.
func TestConcurrent(t *testing.T) {
	p := newPolicy(t, "CartPole-v1", 3)
	var wg sync.WaitGroup
	all := make([]float64, 4)
	for i := range all {
		wg.Go(func() {
			s, err := Evaluate(context.Background(), []*Policy{p}, "CartPole-v1", EvaluateOptions{Episodes: 2, Sample: true})
			if err == nil {
				all[i] = s.MeanReturn
			}
		})
	}
	wg.Wait()
	if slices.Min(all) != slices.Max(all) || all[0] == 0 {
		t.Errorf("got mean returns %v, want the same", all)
	}
}

func TestEvaluate(t *testing.T) {
	p := newPolicy(t, "CartPole-v1", 0)
	s, err := Evaluate(t.Context(), []*Policy{p, p, p}, "CartPole-v0", EvaluateOptions{Episodes: 5, Sample: true})
	if err != nil || s.Seeds != 3 || s.Episodes != 5 || len(s.Returns) != 3 || s.Interval["iqm"][0] != s.Interval["iqm"][1] {
		t.Errorf("got %+v, %v, want three times the same", s, err)
	}
	for name, f := range map[string]func() error{
		"another environment": func() error {
			_, err := Evaluate(t.Context(), []*Policy{p}, "Pendulum-v1", EvaluateOptions{})
			return err
		},
		"an unknown one": func() error {
			_, err := Evaluate(t.Context(), []*Policy{p}, "Nothing-v0", EvaluateOptions{})
			return err
		},
		"no policy": func() error { _, err := Evaluate(t.Context(), nil, "CartPole-v1", EvaluateOptions{}); return err },
		"a negative seed": func() error {
			_, err := Evaluate(t.Context(), []*Policy{p}, "CartPole-v1", EvaluateOptions{Seed: -1})
			return err
		},
	} {
		if f() == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}
