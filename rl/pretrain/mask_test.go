package pretrain

import (
	"slices"
	"testing"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/random"
)

const everything = rl.Returns | rl.Observations | rl.Actions

// drawn is what a question makes of n steps.
func drawn(t *testing.T, q question, parts rl.Parts, n int, key uint64) (*mask, int) {
	t.Helper()
	c, err := Default("tiny")
	if err != nil {
		t.Fatal(err)
	}
	m := &mask{parts: parts, hidden: make([]bool, n*parts.Len())}
	used := m.ask(q, n, &c, key)
	if used < 1 || used > n {
		t.Fatalf("%s: got %d steps of %d", names[q], used, n)
	}
	wanted := 0
	for kind, list := range m.targets {
		wanted += len(list)
		for _, x := range list {
			if x.at < 0 || int(x.at) >= used*parts.Len() || x.step < 0 || int(x.step) >= used {
				t.Fatalf("%s: got target %+v of %d steps", names[q], x, used)
			}
			if q < questions && (int(x.at) != m.token(kind, int(x.step)) || !m.hidden[x.at]) {
				t.Fatalf("%s: target %+v of part %d isn't a hidden token of its own", names[q], x, kind)
			}
		}
	}
	if wanted == 0 && !(q == askCausal && used == 1 && parts == rl.Observations) {
		t.Fatalf("%s: nothing is asked of %d steps", names[q], used)
	}
	return m, used
}

// hiddenSteps lists where a part is hidden.
func (m *mask) hiddenSteps(kind, n int) []int {
	var all []int
	for step := range n {
		if m.hidden[m.token(kind, step)] {
			all = append(all, step)
		}
	}
	return all
}

func upTo(n int) []int {
	var all []int
	for i := range n {
		all = append(all, i)
	}
	return all
}

// TestQuestions: each hides what its name says, for windows of all lengths.
func TestQuestions(t *testing.T) {
	for n := 1; n <= 6; n++ {
		for key := range uint64(50) {
			for q := range questionKinds {
				m, used := drawn(t, q, everything, n, key)
				r, o, a := m.hiddenSteps(ofReturn, used), m.hiddenSteps(ofObservation, used), m.hiddenSteps(ofAction, used)
				every, last := upTo(used), []int{used - 1}
				ok := true
				switch {
				case q == askPolicy:
					ok = slices.Equal(r, every) && len(o) == 0 && slices.Equal(a, last) && len(m.targets[ofAction]) == 1
				case q == askReturn:
					ok = len(r)+len(o) == 0 && slices.Equal(a, last)
				case q == askAlone:
					ok = used == 1 && len(r)+len(o)+len(a) == 0 && len(m.targets[ofObservation]) == 1 && len(m.targets[ofAction]) == 1
				case n == 1 && q != askCausal: // questions about two steps are about tokens
				case q == askForward:
					ok = slices.Equal(r, every) && slices.Equal(o, last) && slices.Equal(a, last) && len(m.targets[ofObservation]) == 1 && len(m.targets[ofAction]) == 0
				case q == askInverse:
					ok = slices.Equal(r, every) && len(o) == 0 && slices.Equal(a, every) && len(m.targets[ofAction]) == used-1
				case q == askStep:
					ok = slices.Equal(r, every) && len(o) == 1 && len(a) == 0 && len(m.targets[ofObservation]) == 1
				case q == askCausal:
					ok = used == n && len(o)+len(a) == 0 && len(m.targets[ofAction]) == n && len(m.targets[ofObservation]) == n-1
				}
				if !ok {
					t.Fatalf("%s, %d of %d steps, key %d: hides returns %v, observations %v, actions %v", names[q], used, n, key, r, o, a)
				}
				again, _ := drawn(t, q, everything, n, key)
				if !slices.Equal(again.hidden, m.hidden) {
					t.Fatalf("%s: the same key hides otherwise", names[q])
				}
				if q != askPolicy && q != askReturn && q != askInverse { // those ask for actions
					drawn(t, q, rl.Observations, n, key)
				}
			}
		}
	}
}

// TestRest: from some token on everything is hidden, and the rates are those of the recipe.
func TestRest(t *testing.T) {
	hidden, tokens := 0, 0
	for key := range uint64(2000) {
		m, used := drawn(t, askRest, everything, 8, key)
		if n := 3 * used; !m.hidden[n-1] {
			t.Fatalf("key %d: the last token isn't hidden", key)
		}
		m, used = drawn(t, askRandom, everything, 8, key)
		for _, yes := range m.hidden[:3*used] {
			tokens++
			if yes {
				hidden++
			}
		}
	}
	if rate := float64(hidden) / float64(tokens); rate < 0.55 || rate > 0.65 { // 0.57 is the mean of the rates, and one token is always hidden
		t.Errorf("got %.3f of the tokens hidden, want about 0.59", rate)
	}
}

// TestDraw: questions come as often as they weigh, and those that ask for actions never where there are none.
func TestDraw(t *testing.T) {
	c, err := Default("tiny")
	if err != nil {
		t.Fatal(err)
	}
	const n = 20000
	for _, bare := range []bool{false, true} {
		c.NoActions = bare
		counts := map[question]int{}
		for i := range uint64(n) {
			counts[c.draw(random.Mix(3, i))]++
		}
		w := c.weights()
		for q, v := range w {
			if got, want := float64(counts[question(q)])/n, v/sum(w); got < want-0.015 || got > want+0.015 || want == 0 && got > 0 {
				t.Errorf("without actions %v: %s: got a share of %.3f, want %.3f", bare, names[q], got, want)
			}
		}
	}
}
