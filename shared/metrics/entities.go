package metrics

import (
	"maps"
	"slices"
	"strings"
)

// An Entity is a run of words, Start to End-1, of one type.
type Entity struct {
	Type       string
	Start, End int
}

// Entities finds the entities in the tags of one sentence as conlleval and seqeval's get_entities do: B-TYPE begins one, I-TYPE goes on with it, and
// begins one where none of its type stands before it; E- and S- are the ends and single words of IOBES; O is outside. A tag without a type
// has the type "_".
func Entities(tags []string) []Entity {
	var all []Entity
	last, lastType, start := byte('O'), "", 0
	for i := 0; i <= len(tags); i++ {
		tag, kind := byte('O'), "_"
		if i < len(tags) {
			tag, kind = splitTag(tags[i])
		}
		if endsEntity(last, tag, lastType, kind) {
			all = append(all, Entity{lastType, start, i})
		}
		if startsEntity(last, tag, lastType, kind) {
			start = i
		}
		last, lastType = tag, kind
	}
	return all
}

// splitTag divides B-PER into B and PER.
func splitTag(s string) (tag byte, kind string) {
	if s == "" {
		return 'O', "_"
	}
	kind = s[1:]
	if i := strings.IndexByte(kind, '-'); i >= 0 {
		kind = kind[i+1:]
	}
	if kind == "" {
		kind = "_"
	}
	return s[0], kind
}

func endsEntity(last, tag byte, lastType, kind string) bool {
	switch last {
	case 'E', 'S':
		return true
	case 'B', 'I':
		if tag == 'B' || tag == 'S' || tag == 'O' {
			return true
		}
	}
	return last != 'O' && last != '.' && lastType != kind
}

func startsEntity(last, tag byte, lastType, kind string) bool {
	switch tag {
	case 'B', 'S':
		return true
	case 'E', 'I':
		if last == 'E' || last == 'S' || last == 'O' {
			return true
		}
	}
	return tag != 'O' && tag != '.' && lastType != kind
}

// EntityCounts are numbers of entities.
type EntityCounts struct {
	Right, Want, Got int // found with both ends and type, in the truth, in the prediction
}

// Precision is the share of the entities in the prediction that are right, 0 where there are none.
func (c EntityCounts) Precision() float64 { return ratio(c.Right, c.Got) }

// Recall is the share of the entities in the truth that are found, 0 where there are none.
func (c EntityCounts) Recall() float64 { return ratio(c.Right, c.Want) }

// F1 is the harmonic mean of precision and recall.
func (c EntityCounts) F1() float64 { return ratio(2*c.Right, c.Want+c.Got) }

// Add adds the numbers of o.
func (c *EntityCounts) Add(o EntityCounts) {
	c.Right += o.Right
	c.Want += o.Want
	c.Got += o.Got
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// EntityScores compare tags as seqeval does without its strict mode.
type EntityScores struct {
	Sentences    []EntityCounts          // one a sentence
	Types        map[string]EntityCounts // by type
	All          EntityCounts            // whose scores are the micro averages
	Words, Equal int                     // words, and those with the right tag
	EqualWords   []int                   // of each sentence
}

// Accuracy is the share of the words whose tag is right.
func (s *EntityScores) Accuracy() float64 { return ratio(s.Equal, s.Words) }

// ScoreEntities compares the tags of sentences, the truth first.
func ScoreEntities(want, got [][]string) (*EntityScores, error) {
	if err := sameLength("entities", len(want), len(got)); err != nil {
		return nil, err
	}
	s := &EntityScores{Types: map[string]EntityCounts{}}
	for i, w := range want {
		if err := sameLength("entities: words of a sentence", len(w), len(got[i])); err != nil {
			return nil, err
		}
		equal := 0
		for j, tag := range w {
			if tag == got[i][j] {
				equal++
			}
		}
		types := map[string]EntityCounts{}
		truth := map[Entity]bool{}
		for _, e := range Entities(w) {
			truth[e] = true
			c := types[e.Type]
			c.Want++
			types[e.Type] = c
		}
		for _, e := range Entities(got[i]) {
			c := types[e.Type]
			c.Got++
			if truth[e] {
				c.Right++
			}
			types[e.Type] = c
		}
		var sum EntityCounts
		for _, kind := range slices.Sorted(maps.Keys(types)) {
			sum.Add(types[kind])
			c := s.Types[kind]
			c.Add(types[kind])
			s.Types[kind] = c
		}
		s.Sentences, s.EqualWords = append(s.Sentences, sum), append(s.EqualWords, equal)
		s.All.Add(sum)
		s.Words, s.Equal = s.Words+len(w), s.Equal+equal
	}
	return s, nil
}
