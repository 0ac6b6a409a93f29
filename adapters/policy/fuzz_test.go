package policy

import (
	"bytes"
	"testing"
)

// FuzzReplay holds that no log makes a policy panic, and that none of other numbers is taken for its own.
func FuzzReplay(f *testing.F) {
	p := newPolicy(f, "CartPole-v1", 3)
	var b bytes.Buffer
	log, err := NewLog(&b, p, 3)
	if err != nil {
		f.Fatal(err)
	}
	if _, err := Evaluate(f.Context(), []*Policy{p}, "CartPole-v1", EvaluateOptions{Episodes: 1, Log: log}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"policy":"","environment":"CartPole-v1","seed":3}` + "\n" + `{"observation":["NaN",0,0,0]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if n, err := p.Replay(bytes.NewReader(raw)); err == nil && n > bytes.Count(raw, []byte("\n")) {
			t.Errorf("got %d decisions of %d lines", n, bytes.Count(raw, []byte("\n")))
		}
	})
}

// FuzzLine holds that no line makes a policy panic or act outside its actions.
func FuzzLine(f *testing.F) {
	p := newPolicy(f, "CartPole-v1", 3)
	for _, line := range []string{`{"observation": [0, 1, 2, 3], "begin": true, "target": 1e300}`, `{"observation": ["NaN", 0, 0, 0], "reward": -1e308, "sample": true}`, `{"observation": [1e39, 0, 0, 0]}`} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		s := p.NewSession(1)
		for range 2 {
			a, err := s.PredictJSON(t.Context(), raw, false)
			if err != nil {
				continue
			}
			if k, ok := a.Action.(int); !ok || k < 0 || k > 1 {
				t.Errorf("got action %v", a.Action)
			}
		}
	})
}
