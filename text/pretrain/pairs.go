package pretrain

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/text"
)

// A pairKind deals pairs of texts of one kind, framed as rows. Sample i of the run is always the same pair.
type pairKind interface {
	name() string
	size() int64 // pairs of an epoch
	pair(i int64) (a, b []int32, err error)
	held() int // held-back pairs
	heldPair(i int) (a, b []int32, err error)
}

// pairTexts are pairs that were read from files.
type pairTexts struct {
	kind   string
	seed   uint64
	tokens []int32
	ends   []int64 // of the texts in tokens, two to a pair
	keep   []int64 // pairs to train on
	back   []int64 // held-back pairs
}

func (p *pairTexts) name() string { return p.kind }
func (p *pairTexts) size() int64  { return int64(len(p.keep)) }
func (p *pairTexts) held() int    { return len(p.back) }

func (p *pairTexts) pair(i int64) (a, b []int32, err error) {
	n := p.size()
	order := data.NewOrder(n, p.seed, i/n)
	at := p.keep[order.At(i%n)]
	return p.text(2 * at), p.text(2*at + 1), nil
}

func (p *pairTexts) heldPair(i int) (a, b []int32, err error) {
	return p.text(2 * p.back[i]), p.text(2*p.back[i] + 1), nil
}

func (p *pairTexts) text(i int64) []int32 {
	from := int64(0)
	if i > 0 {
		from = p.ends[i-1]
	}
	return p.tokens[from:p.ends[i]]
}

// A pairRow is a line of a file of pairs.
type pairRow struct {
	A      string `json:"a"`
	B      string `json:"b"`
	Kind   string `json:"kind"`
	Source string `json:"source"`
}

// heldPairs is one of how many pairs is held back, drawn by what they say: the same pair twice lies on one side.
const heldPairs = 50

// pairs reads the pair files, by kind in order of their names.
func (s *source) pairs(length int) ([]pairKind, error) {
	kinds := map[string]*pairTexts{}
	m := s.model
	for _, path := range s.texts.pairs {
		err := eachPair(path, func(r pairRow) {
			p := kinds[r.Kind]
			if p == nil {
				p = &pairTexts{kind: r.Kind, seed: random.Key(s.config.Train.Seed, "pretrain.pairs."+r.Kind)}
				kinds[r.Kind] = p
			}
			number := int64(len(p.ends) / 2)
			for _, t := range []string{r.A, r.B} {
				p.tokens = append(p.tokens, m.Row(t, length).IDs...)
				p.ends = append(p.ends, int64(len(p.tokens)))
			}
			if random.Key(heldSeed, r.A+"\x00"+r.B)%heldPairs == 0 {
				p.back = append(p.back, number)
			} else {
				p.keep = append(p.keep, number)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	var all []pairKind
	for _, p := range kinds {
		if len(p.keep) > 0 {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b pairKind) int { return strings.Compare(a.name(), b.name()) })
	return all, nil
}

// eachPair reads a file of one {"a", "b", "kind", "source"} a line.
func eachPair(path string, each func(pairRow)) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("pretrain: pairs: %w", err)
	}
	defer f.Close()
	return readPairs(f, path, each)
}

// readPairs reads the lines of a file called name. An error says which one is wrong.
func readPairs(r io.Reader, name string, each func(pairRow)) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	n := 0
	for lines.Scan() {
		n++
		if len(lines.Bytes()) == 0 {
			continue
		}
		var r pairRow
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return fmt.Errorf("pretrain: %s:%d: %w", name, n, err)
		}
		switch {
		case r.A == "" || r.B == "" || r.Kind == "":
			return fmt.Errorf("pretrain: %s:%d: got a %.40q, b %.40q and kind %.40q, want all three", name, n, r.A, r.B, r.Kind)
		case r.Kind == cropKind || r.Kind == twinKind:
			return fmt.Errorf("pretrain: %s:%d: got kind %q, want a name other than that of the pairs made here", name, n, r.Kind)
		}
		each(r)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("pretrain: %s:%d: %w", name, n+1, err)
	}
	return nil
}

// longest is the length of the longest row on the grid of lengths.
func longest(rows [][]int32, most int) int {
	n := 0
	for _, r := range rows {
		n = max(n, len(r))
	}
	return text.RoundLength(n, most)
}
