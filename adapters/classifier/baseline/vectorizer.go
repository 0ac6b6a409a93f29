package baseline

import (
	"fmt"
	"math"
	"slices"
)

// Features says what the columns of a TF-IDF matrix are: n-grams of words, of characters, or both side by side, each part normalised
// by itself (a FeatureUnion). The zero value gives single words, as scikit-learn's defaults.
type Features struct {
	WordMin   int  `json:"word_min"`  // shortest n-gram of words, 0: none, unless there are no characters either
	WordMax   int  `json:"word_max"`  // longest, 0 means WordMin
	CharMin   int  `json:"char_min"`  // shortest n-gram of characters inside words (analyzer="char_wb"), 0: none
	CharMax   int  `json:"char_max"`  // longest, 0 means CharMin
	Sublinear bool `json:"sublinear"` // 1 + ln(tf) instead of tf
	MinDF     int  `json:"min_df"`    // leave out n-grams of fewer texts, 0 means 1
}

// Validate reports what is out of range.
func (f Features) Validate() error {
	f = f.filled()
	ok := func(low, high int) bool { return low == 0 && high == 0 || low >= 1 && low <= high && high <= 10 }
	if !ok(f.WordMin, f.WordMax) || !ok(f.CharMin, f.CharMax) || f.MinDF < 1 {
		return fmt.Errorf("baseline: features: words %d to %d, characters %d to %d, min_df %d: want 1 <= min <= max <= 10 and min_df at least 1",
			f.WordMin, f.WordMax, f.CharMin, f.CharMax, f.MinDF)
	}
	return nil
}

func (f Features) filled() Features {
	if f.WordMin == 0 && f.CharMin == 0 {
		f.WordMin = 1
	}
	if f.WordMax == 0 {
		f.WordMax = f.WordMin
	}
	if f.CharMax == 0 {
		f.CharMax = f.CharMin
	}
	if f.MinDF == 0 {
		f.MinDF = 1
	}
	return f
}

// A Vectorizer turns text into a TF-IDF vector whose parts are l2-normalised.
type Vectorizer struct {
	parts []*part
	cols  int
}

// A part is the columns of one kind of n-gram.
type part struct {
	analyse   analyser
	sublinear bool
	first     int32 // its first column
	column    map[string]int32
	terms     []string  // sorted
	idf       []float64 // ln((1+n)/(1+df)) + 1 of each term
}

// FitVectorizer learns vocabulary and document frequencies from texts.
func FitVectorizer(texts []string, f Features) (*Vectorizer, error) {
	f = f.filled()
	if err := f.Validate(); err != nil {
		return nil, err
	}
	v := &Vectorizer{}
	if f.WordMin > 0 {
		v.fit(texts, wordGrams(f.WordMin, f.WordMax), f)
	}
	if f.CharMin > 0 {
		v.fit(texts, charGrams(f.CharMin, f.CharMax), f)
	}
	if v.cols == 0 {
		return nil, fmt.Errorf("baseline: %d texts have no words for a vocabulary", len(texts))
	}
	return v, nil
}

// fit adds a part.
func (v *Vectorizer) fit(texts []string, a analyser, f Features) {
	type seen struct{ texts, last int } // last: one more than the number of the last text
	df := map[string]seen{}
	for i, text := range texts {
		a(text, func(gram string) {
			if s := df[gram]; s.last != i+1 {
				df[gram] = seen{s.texts + 1, i + 1}
			}
		})
	}
	p := &part{analyse: a, sublinear: f.Sublinear, first: int32(v.cols), column: map[string]int32{}}
	for gram, s := range df {
		if s.texts >= f.MinDF {
			p.terms = append(p.terms, gram)
		}
	}
	slices.Sort(p.terms)
	for j, gram := range p.terms {
		p.column[gram] = p.first + int32(j)
		p.idf = append(p.idf, math.Log(float64(1+len(texts))/float64(1+df[gram].texts))+1)
	}
	v.parts = append(v.parts, p)
	v.cols += len(p.terms)
}

// Terms lists the n-grams, one for each column.
func (v *Vectorizer) Terms() []string {
	var all []string
	for _, p := range v.parts {
		all = append(all, p.terms...)
	}
	return all
}

// Transform makes the matrix of texts [N, V].
func (v *Vectorizer) Transform(texts []string) *Sparse {
	m := &Sparse{Cols: v.cols, Start: make([]int, 1, len(texts)+1)}
	for _, t := range texts {
		m.Col, m.Val = v.appendRow(m.Col, m.Val, t)
		m.Start = append(m.Start, len(m.Col))
	}
	return m
}

// appendRow adds the columns, ascending, and values of one text.
func (v *Vectorizer) appendRow(cols []int32, vals []float64, text string) ([]int32, []float64) {
	for _, p := range v.parts {
		cols, vals = p.appendRow(cols, vals, text)
	}
	return cols, vals
}

func (p *part) appendRow(cols []int32, vals []float64, text string) ([]int32, []float64) {
	start := len(cols)
	p.analyse(text, func(gram string) {
		if j, ok := p.column[gram]; ok {
			cols = append(cols, j)
		}
	})
	all := cols[start:]
	slices.Sort(all)
	n := 0
	var square float64
	for i := 0; i < len(all); {
		j, tf := all[i], 0.0
		for ; i < len(all) && all[i] == j; i++ {
			tf++
		}
		if p.sublinear {
			tf = 1 + math.Log(tf)
		}
		x := tf * p.idf[j-p.first]
		square += x * x
		all[n] = j
		vals = append(vals, x)
		n++
	}
	norm := math.Sqrt(square)
	for i := len(vals) - n; i < len(vals); i++ {
		vals[i] /= norm
	}
	return cols[:start+n], vals
}
