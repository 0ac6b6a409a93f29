package text

import (
	"context"
	"encoding/binary"

	"github.com/fmkit/fmkit/shared/nn"
)

// A Shared is several readers whose rows one Inference reads, each distinct row once. It is a Reader itself.
type Shared struct {
	Of []int // numbers of the readers, ascending, in what Together was given

	infer   *Inference
	readers []Reader // beside Of
	rows    []Row
	takes   [][]take // of each row, who gets its vectors
}

// A take is a row of one of a Shared's readers.
type take struct{ reader, row int }

// Together puts readers together by what reads them, in the order in which they come: those with the same Inference, as adapters that leave the weights of one frozen base alone
// have it, are one Shared, and rows of theirs with the same tokens are read once. What every reader gets is what it gets alone, to the bit: a row's vectors don't
// depend on the rows beside it. The readers have been read when every Shared has.
func Together(readers []Reader) []*Shared {
	var all []*Shared
	of := map[*Inference]*Shared{}
	seen := map[*Shared]map[string]int{}
	for i, r := range readers {
		s := of[r.Inference()]
		if s == nil {
			s = &Shared{infer: r.Inference()}
			of[s.infer], seen[s] = s, map[string]int{}
			all = append(all, s)
		}
		for j, row := range r.Rows() {
			key := row.key()
			at, ok := seen[s][key]
			if !ok {
				at = len(s.rows)
				seen[s][key] = at
				s.rows, s.takes = append(s.rows, row), append(s.takes, nil)
			}
			s.takes[at] = append(s.takes[at], take{len(s.readers), j})
		}
		s.Of, s.readers = append(s.Of, i), append(s.readers, r)
	}
	return all
}

// key is the same for rows that are read alike: those of the same tokens and segments.
func (r Row) key() string {
	b := make([]byte, 0, 8+4*len(r.IDs))
	b = binary.LittleEndian.AppendUint64(b, uint64(len(r.IDs)))
	for _, id := range r.IDs {
		b = binary.LittleEndian.AppendUint32(b, uint32(id))
	}
	for i, t := range r.Types {
		if t != 0 {
			b = binary.LittleEndian.AppendUint64(b, uint64(i)<<32|uint64(uint32(t)))
		}
	}
	return string(b)
}

// Inference implements Reader.
func (s *Shared) Inference() *Inference { return s.infer }

// Rows implements Reader.
func (s *Shared) Rows() []Row { return s.rows }

// Take implements Reader. It stops at the first reader that fails.
func (s *Shared) Take(i int, x []float32, b *nn.Batch) error {
	for _, t := range s.takes[i] {
		if err := s.readers[t.reader].Take(t.row, x, b); err != nil {
			return err
		}
	}
	return nil
}

// Groups lists who shares: numbers as in Of of readers with a row in common, or with one in common with another of the group. Numbers ascend, groups too, by their
// first; who shares no row is in none.
func (s *Shared) Groups() [][]int {
	first := make([]int, len(s.readers)) // a reader of the same group, the group's first in the end
	for i := range first {
		first[i] = i
	}
	root := func(i int) int {
		for first[i] != i {
			i = first[i]
		}
		return i
	}
	for _, takes := range s.takes {
		for _, t := range takes[1:] {
			a, b := root(takes[0].reader), root(t.reader)
			first[max(a, b)] = min(a, b)
		}
	}
	var groups [][]int
	for i := range first {
		g := []int{s.Of[i]}
		for j := i + 1; j < len(first) && root(i) == i; j++ {
			if root(j) == i {
				g = append(g, s.Of[j])
			}
		}
		if len(g) > 1 {
			groups = append(groups, g)
		}
	}
	return groups
}

// AskTogether answers questions whose rows are read together, at most size at once, and lists those that shared, as Shared.Groups does. Every answer is the one
// that Ask gives.
func AskTogether(ctx context.Context, questions []*Question, size int) (answers []any, shared [][]int, err error) {
	readers := make([]Reader, len(questions))
	for i, q := range questions {
		readers[i] = q
	}
	for _, s := range Together(readers) {
		if err := Read(ctx, s, size); err != nil {
			return nil, nil, err
		}
		shared = append(shared, s.Groups()...)
	}
	answers = make([]any, len(questions))
	for i, q := range questions {
		if answers[i], err = q.Answer(); err != nil {
			return nil, nil, err
		}
	}
	return answers, shared, nil
}
