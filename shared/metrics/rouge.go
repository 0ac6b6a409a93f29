package metrics

import (
	"fmt"
	"strings"
)

// A RougeScore compares a prediction with a reference.
type RougeScore struct{ Precision, Recall, F1 float64 }

// RougeScores are the scores of one prediction: unigrams, bigrams, longest common subsequence of the whole text, and of its sentences.
type RougeScores struct{ Rouge1, Rouge2, RougeL, RougeLsum RougeScore }

// ROUGE scores summaries as Google's rouge-score package does: lower-cased runs of ASCII letters and digits are the tokens, and sentences for
// Lsum are lines.
type ROUGE struct {
	Stem bool // Porter's stemmer for tokens of more than three letters (use_stemmer)
}

// Score compares a prediction with one reference; the reference comes first.
func (r ROUGE) Score(target, prediction string) RougeScores {
	t, p := r.Tokens(target), r.Tokens(prediction)
	return RougeScores{
		Rouge1:    rougeN(t, p, 1),
		Rouge2:    rougeN(t, p, 2),
		RougeL:    rougeL(t, p),
		RougeLsum: rougeLsum(r.lines(target), r.lines(prediction)),
	}
}

// ScoreMulti is the best score over several references, for each kind by itself the one with the highest F1.
func (r ROUGE) ScoreMulti(targets []string, prediction string) (RougeScores, error) {
	if len(targets) == 0 {
		return RougeScores{}, fmt.Errorf("metrics: ROUGE: references: %w", ErrEmpty)
	}
	best := r.Score(targets[0], prediction)
	for _, t := range targets[1:] {
		s := r.Score(t, prediction)
		best.Rouge1 = better(best.Rouge1, s.Rouge1)
		best.Rouge2 = better(best.Rouge2, s.Rouge2)
		best.RougeL = better(best.RougeL, s.RougeL)
		best.RougeLsum = better(best.RougeLsum, s.RougeLsum)
	}
	return best, nil
}

func better(a, b RougeScore) RougeScore {
	if b.F1 > a.F1 {
		return b
	}
	return a
}

// Tokens splits text as the scores do.
func (r ROUGE) Tokens(text string) []string {
	tokens := strings.FieldsFunc(lower(text), func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') })
	if r.Stem {
		for i, t := range tokens {
			if len(t) > 3 {
				tokens[i] = PorterStem(t)
			}
		}
	}
	return tokens
}

func (r ROUGE) lines(text string) [][]string {
	var all [][]string
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" {
			all = append(all, r.Tokens(line))
		}
	}
	return all
}

func rougeScore(hits, predicted, wanted int) RougeScore {
	var s RougeScore
	s.Precision = float64(hits) / float64(max(predicted, 1))
	s.Recall = float64(hits) / float64(max(wanted, 1))
	if s.Precision+s.Recall > 0 {
		s.F1 = 2 * s.Precision * s.Recall / (s.Precision + s.Recall)
	}
	return s
}

// rougeN counts common n-grams, each at most as often as it occurs in both.
func rougeN(target, prediction []string, n int) RougeScore {
	left := map[string]int{}
	wanted := 0
	for i := 0; i+n <= len(target); i++ {
		left[strings.Join(target[i:i+n], " ")]++
		wanted++
	}
	hits, predicted := 0, 0
	for i := 0; i+n <= len(prediction); i++ {
		predicted++
		g := strings.Join(prediction[i:i+n], " ")
		if left[g] > 0 {
			left[g]--
			hits++
		}
	}
	return rougeScore(hits, predicted, wanted)
}

func rougeL(target, prediction []string) RougeScore {
	if len(target) == 0 || len(prediction) == 0 {
		return RougeScore{}
	}
	return rougeScore(lcsLength(target, prediction), len(prediction), len(target))
}

// lcsLength is the length of the longest common subsequence, in memory of one row.
func lcsLength(a, b []string) int {
	row := make([]int, len(b)+1)
	for _, x := range a {
		diagonal := 0
		for j, y := range b {
			above := row[j+1]
			if x == y {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(above, row[j])
			}
			diagonal = above
		}
	}
	return row[len(b)]
}

// rougeLsum takes for each sentence of the target the union of its longest common subsequences with all sentences of the
// prediction, and counts the tokens of the unions, each at most as often as it occurs in both texts (Lin 2004, section 3.2).
func rougeLsum(target, prediction [][]string) RougeScore {
	leftT, wanted := countTokens(target)
	leftP, predicted := countTokens(prediction)
	if wanted == 0 || predicted == 0 {
		return RougeScore{}
	}
	hits := 0
	for _, t := range target {
		union := make([]bool, len(t))
		for _, p := range prediction {
			markLCS(union, t, p)
		}
		for i, in := range union {
			if in && leftT[t[i]] > 0 && leftP[t[i]] > 0 {
				leftT[t[i]]--
				leftP[t[i]]--
				hits++
			}
		}
	}
	return rougeScore(hits, predicted, wanted)
}

func countTokens(sentences [][]string) (map[string]int, int) {
	count, n := map[string]int{}, 0
	for _, s := range sentences {
		for _, t := range s {
			count[t]++
		}
		n += len(s)
	}
	return count, n
}

// markLCS marks the tokens of a in one longest common subsequence with b: of several the one found from the end, going back in b only where that is strictly better.
func markLCS(mark []bool, a, b []string) {
	width := len(b) + 1
	t := make([]int32, (len(a)+1)*width) // [len(a)+1, len(b)+1]
	for i, x := range a {
		for j, y := range b {
			if x == y {
				t[(i+1)*width+j+1] = t[i*width+j] + 1
			} else {
				t[(i+1)*width+j+1] = max(t[i*width+j+1], t[(i+1)*width+j])
			}
		}
	}
	for i, j := len(a), len(b); i > 0 && j > 0; {
		switch {
		case a[i-1] == b[j-1]:
			mark[i-1] = true
			i--
			j--
		case t[i*width+j-1] > t[(i-1)*width+j]:
			j--
		default:
			i--
		}
	}
}
