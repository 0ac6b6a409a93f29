package baseline

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/data"
)

// Options say how a Model answers.
type Options struct {
	Width int // words on each side of an answer that count, 0: 20
	Most  int // most words of an answer, 0: 6
}

// String names the options for a report.
func (o Options) String() string { return fmt.Sprintf("%d words on each side", o.filled().Width) }

func (o Options) filled() Options {
	if o.Width == 0 {
		o.Width = 20
	}
	if o.Most == 0 {
		o.Most = 6
	}
	return o
}

// A Model answers questions. It doesn't change, and is safe for concurrent use.
type Model struct {
	options   Options
	idf       map[string]float64
	rare      float64 // of a word that no context of the training questions has
	threshold float64 // a score below it means that there is no answer; 0 where every training question has one
}

// Fit learns how rare words are from the contexts of questions, and, where some have no answer, the score from which on there is one.
func Fit(ctx context.Context, questions []data.Question, o Options) (*Model, error) {
	if o.Width < 0 || o.Most < 0 {
		return nil, fmt.Errorf("baseline: width %d, most %d: want 0 or more", o.Width, o.Most)
	}
	if len(questions) == 0 {
		return nil, fmt.Errorf("baseline: %w", data.ErrEmpty)
	}
	m := &Model{options: o.filled(), idf: map[string]float64{}}
	seen, contexts, hard := map[string]bool{}, 0.0, false
	for _, q := range questions {
		hard = hard || q.Impossible
		if seen[q.Context] {
			continue
		}
		seen[q.Context], contexts = true, contexts+1
		once := map[string]bool{}
		for _, w := range words(q.Context) {
			once[w.low] = true
		}
		for w := range once {
			m.idf[w]++
		}
	}
	for w, n := range m.idf {
		m.idf[w] = math.Log(1 + contexts/n)
	}
	m.rare = math.Log(1 + 2*contexts)
	if !hard {
		return m, nil
	}
	type scored struct {
		score float64
		has   bool
	}
	var all []scored
	for _, q := range questions {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		_, s := m.best(q.Text, q.Context)
		all = append(all, scored{s, !q.Impossible})
	}
	slices.SortFunc(all, func(a, b scored) int {
		switch {
		case a.score < b.score:
			return -1
		case a.score > b.score:
			return 1
		}
		return 0
	})
	right, best := 0, 0 // by a threshold above the first i: those below without an answer are right; one with an answer is lost
	for i, s := range all {
		if s.has {
			right--
		} else {
			right++
		}
		if right > best && (i+1 == len(all) || all[i+1].score > s.score) {
			best, m.threshold = right, math.Nextafter(s.score, math.Inf(1))
		}
	}
	return m, nil
}

// Answer gives a part of the context, empty where the model says that there is no answer.
func (m *Model) Answer(question, context string) string {
	answer, score := m.best(question, context)
	if score < m.threshold {
		return ""
	}
	return answer
}

// best gives the best run of words and its score.
func (m *Model) best(question, context string) (answer string, score float64) {
	asked, all := map[string]bool{}, words(context)
	for _, w := range words(question) {
		if !w.function {
			asked[w.low] = true
		}
	}
	weight := make([]float64, len(all))
	for i, w := range all {
		if asked[w.low] {
			weight[i] = m.rarity(w.low)
		}
	}
	wants := kindOf(question)
	for i := 0; i < len(all); {
		if all[i].function || asked[all[i].low] {
			i++
			continue
		}
		j := i + 1
		for j < len(all) && j-i < m.options.Most && !all[j].breaks && !all[j].function && !asked[all[j].low] && all[j].number == all[i].number && all[j].capital == all[i].capital {
			j++
		}
		var near float64
		for k := max(0, i-m.options.Width); k < min(len(all), j+m.options.Width); k++ {
			if away := max(i-k, k-j+1, 1); weight[k] > 0 {
				near += float64(weight[k] / math.Sqrt(float64(away)))
			}
		}
		switch {
		case wants == number && !all[i].number, wants == name && !all[i].capital:
			near /= 4
		case wants == anything && all[i].number:
			near /= 2
		}
		if near > score || answer == "" {
			answer, score = context[all[i].start:all[j-1].end], near
		}
		i = j
	}
	return answer, score
}

func (m *Model) rarity(w string) float64 {
	if v, ok := m.idf[w]; ok {
		return v
	}
	return m.rare
}

// A kind is what a question asks for.
type kind int

const (
	anything kind = iota
	number
	name
)

func kindOf(question string) kind {
	q := strings.ToLower(question)
	for _, s := range []string{"when", "how many", "how much", "what year", "what date", "what percent", "how old", "how long", "how far"} {
		if strings.Contains(q, s) {
			return number
		}
	}
	for _, s := range []string{"who", "where", "which", "whose", "what city", "what country", "what is the name", "what was the name"} {
		if strings.Contains(q, s) {
			return name
		}
	}
	return anything
}
