package corpus

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/fmkit/fmkit/shared/data"
)

// ErrOverlap is wrapped by the error of a strict run that meets text of an evaluation set.
var ErrOverlap = errors.New("text of an evaluation set")

// minWhole is the number of words from which an evaluation text shorter than data.OverlapWords counts wherever it occurs; a shorter one counts as a
// whole line only.
const minWhole = 5

// An evaluation looks for the texts of evaluation sets.
type evaluation struct {
	files []location
	first []int // number of each file's first text
	scan  *data.Scan
	index *data.OverlapIndex
}

// newEvaluation indexes files; with none it finds nothing.
func newEvaluation(files []location) (*evaluation, error) {
	e := &evaluation{files: files}
	var failed error
	n := 0
	e.index = data.NewOverlapIndex(func(yield func(string) bool) {
		for _, f := range files {
			e.first = append(e.first, n)
			for text, err := range EvaluationTexts(f.real) {
				if err != nil {
					failed = err
					return
				}
				n++
				if !yield(text) {
					return
				}
			}
			if n == e.first[len(e.first)-1] {
				failed = fmt.Errorf("corpus: %s: evaluation texts: %w", f.real, data.ErrEmpty)
				return
			}
		}
	}, data.OverlapWords)
	if failed != nil {
		return nil, failed
	}
	e.scan = e.index.Scan()
	return e, nil
}

// file gives the number of the file that a text comes from.
func (e *evaluation) file(text int) int { return sort.SearchInts(e.first, text+1) - 1 }

// read reads the evaluation texts with the given numbers again, shortened.
func (e *evaluation) read(numbers map[int]string) {
	for f, first := range e.first {
		i := first
		for s, err := range EvaluationTexts(e.files[f].real) {
			if err != nil {
				break
			}
			if _, ok := numbers[i]; ok {
				numbers[i] = shorten(s)
			}
			i++
		}
	}
}

// A found n-gram of an evaluation text touches the lines from first to last.
type touch struct {
	hit         data.Hit
	first, last int
}

// search gives what lines, which follow each other, share with evaluation texts.
func (e *evaluation) search(lines []line) []touch {
	e.scan.Reset()
	ends := make([]int64, 0, len(lines)) // words up to the end of each line
	var all []touch
	var whole []touch // short texts that begin with the current line
	for i, l := range lines {
		start := e.scan.Words()
		whole = whole[:0]
		e.scan.Each(l.text, func(h data.Hit) {
			from := h.At - int64(h.Words) + 1
			if h.Words < minWhole {
				if from == start {
					whole = append(whole, touch{h, i, i})
				}
				return
			}
			first := i
			if from < start {
				first = sort.Search(i, func(j int) bool { return ends[j] > from })
			}
			all = append(all, touch{h, first, i})
		})
		for _, t := range whole {
			if t.hit.At+1 == e.scan.Words() {
				all = append(all, t)
			}
		}
		ends = append(ends, e.scan.Words())
	}
	return all
}

// found is the error of a strict run.
func (e *evaluation) found(source, line string, t touch) error {
	text := map[int]string{t.hit.Text: ""}
	e.read(text)
	return fmt.Errorf("corpus: source %q: %w: line %q shares %d words with %q of %s", source, ErrOverlap, shorten(line), t.hit.Words,
		text[t.hit.Text], e.files[e.file(t.hit.Text)].written)
}

// shorten keeps a text that goes into a message short.
func shorten(s string) string {
	if r := []rune(s); len(r) > 100 {
		return strings.TrimSpace(string(r[:100])) + "..."
	}
	return s
}
