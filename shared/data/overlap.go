package data

import (
	"fmt"
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/fmkit/fmkit/shared/random"
)

// OverlapWords is the length of the n-grams that count as overlap, as in the contamination checks of GPT-3 (Brown et al., 2020).
const OverlapWords = 13

// An OverlapIndex finds text of an evaluation set inside pretraining text. It holds 64-bit hashes of the evaluation set's n-grams, so
// its memory depends on that set only; the text streams through a Scan. Words are runs of letters, marks and digits after NFKC and lower-casing.
type OverlapIndex struct {
	n       int
	lengths []int              // the lengths of n-gram that occur
	owner   []map[uint64]int32 // by length: hash -> the first text that has it
	filter  []uint64           // a bit for the top bits of every hash: most n-grams of a scanned text need no look into owner
	texts   int
	words   []int // words of each text
}

// filterBits is the number of top bits that the filter goes by: 2 MiB, which stays in cache.
const filterBits = 24

// NewOverlapIndex indexes every n-gram of n words of texts (n < 1 means OverlapWords), and the whole of a text that is shorter. Texts
// with no words are left out.
func NewOverlapIndex(texts iter.Seq[string], n int) *OverlapIndex {
	if n < 1 {
		n = OverlapWords
	}
	x := &OverlapIndex{n: n, owner: make([]map[uint64]int32, n+1), filter: make([]uint64, 1<<filterBits/64)}
	var words []uint64
	for text := range texts {
		words = words[:0]
		eachWord(text, func(w uint64) { words = append(words, w) })
		m := min(n, len(words))
		if m > 0 {
			if x.owner[m] == nil {
				x.owner[m] = map[uint64]int32{}
			}
			for i := 0; i+m <= len(words); i++ {
				h := hashWords(words[i : i+m])
				if _, ok := x.owner[m][h]; !ok {
					x.owner[m][h] = int32(x.texts)
					bit := h >> (64 - filterBits)
					x.filter[bit/64] |= 1 << (bit % 64)
				}
			}
		}
		x.words = append(x.words, len(words))
		x.texts++
	}
	for m, o := range x.owner {
		if o != nil {
			x.lengths = append(x.lengths, m)
		}
	}
	return x
}

// A Hit is an n-gram of an evaluation text that the scanned text holds.
type Hit struct {
	Text  int   // the first evaluation text with this n-gram
	Words int   // its length: n, or the whole text when that is shorter
	At    int64 // number, from 0, of the n-gram's last word in the scanned text
}

// String says what was found where.
func (h Hit) String() string {
	return fmt.Sprintf("evaluation text %d: %d words found, ending at word %d", h.Text, h.Words, h.At)
}

// A Scan streams text past an OverlapIndex. N-grams run on from one Add to the next, so wrapped lines hide nothing.
type Scan struct {
	x     *OverlapIndex
	ring  []uint64 // hashes of the last n words
	roll  []uint64 // by length: hash of the last words of that length
	power []uint64 // base^length
	seen  int64
	found map[Hit]bool
}

// Scan starts a scan.
func (x *OverlapIndex) Scan() *Scan {
	s := &Scan{x: x, ring: make([]uint64, x.n), roll: make([]uint64, x.n+1), power: make([]uint64, x.n+1), found: map[Hit]bool{}}
	s.power[0] = 1
	for i := range x.n {
		s.power[i+1] = s.power[i] * overlapBase
	}
	return s
}

// Add scans text and calls hit for each evaluation text the first time that it is found.
func (s *Scan) Add(text string, hit func(Hit)) {
	s.Each(text, func(got Hit) {
		first := Hit{Text: got.Text, Words: got.Words}
		if !s.found[first] {
			s.found[first] = true
			hit(got)
		}
	})
}

// Each scans text and calls hit for every n-gram that it shares with an evaluation text, in the order of their last words, shorter ones first.
func (s *Scan) Each(text string, hit func(Hit)) {
	eachWord(text, func(w uint64) {
		n := int64(s.x.n)
		for _, m := range s.x.lengths {
			h := s.roll[m]*overlapBase + w
			if s.seen >= int64(m) {
				h -= s.power[m] * s.ring[(s.seen-int64(m))%n]
			}
			s.roll[m] = h
			if s.seen+1 < int64(m) {
				continue
			}
			if bit := h >> (64 - filterBits); s.x.filter[bit/64]>>(bit%64)&1 == 0 {
				continue
			}
			if i, ok := s.x.owner[m][h]; ok {
				hit(Hit{Text: int(i), Words: m, At: s.seen})
			}
		}
		s.ring[s.seen%n] = w
		s.seen++
	})
}

// Words gives the number of words scanned.
func (s *Scan) Words() int64 { return s.seen }

// Reset starts anew: no n-gram runs on from what was scanned before, and every text may be found again.
func (s *Scan) Reset() {
	s.seen = 0
	clear(s.roll)
	clear(s.found)
}

// Overlap reports which evaluation texts occur, by n-grams of n words (n < 1: OverlapWords), in text: one Hit for each text, in the order found.
func Overlap(evaluation iter.Seq[string], text iter.Seq2[string, error], n int) ([]Hit, error) {
	x := NewOverlapIndex(evaluation, n)
	if x.texts == 0 {
		return nil, fmt.Errorf("data: overlap: evaluation texts: %w", ErrEmpty)
	}
	var hits []Hit
	s := x.Scan()
	for t, err := range text {
		if err != nil {
			return hits, err
		}
		s.Add(t, func(h Hit) { hits = append(hits, h) })
	}
	return hits, nil
}

// overlapBase is an odd multiplier: a polynomial hash modulo 2^64 over words that are themselves mixed.
const overlapBase = 0x9e3779b97f4a7c15

func hashWords(words []uint64) uint64 {
	var h uint64
	for _, w := range words {
		h = h*overlapBase + w
	}
	return h
}

// AppendWords appends a hash of every word of text to dst, the words being those that an OverlapIndex sees.
func AppendWords(dst []uint64, text string) []uint64 {
	eachWord(text, func(w uint64) { dst = append(dst, w) })
	return dst
}

// eachWord gives a hash of every normalised word of text.
func eachWord(text string, one func(uint64)) {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			text = norm.NFKC.String(strings.ToLower(text))
			break
		}
	}
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	h, in := uint64(offset), false
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			if in {
				one(random.Mix(h, 0))
				h, in = offset, false
			}
			continue
		}
		in = true
		h = (h ^ uint64(unicode.ToLower(r))) * prime
	}
	if in {
		one(random.Mix(h, 0))
	}
}
