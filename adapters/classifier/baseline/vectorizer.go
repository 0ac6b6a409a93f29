package baseline

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
)

// Features says what the columns of a TF-IDF matrix are. The zero value gives single words, as scikit-learn's defaults.
type Features struct {
	CharWB    bool `json:"char_wb"`   // n-grams of characters inside words (analyzer="char_wb") instead of words
	Min       int  `json:"min"`       // shortest n-gram, 0 means 1
	Max       int  `json:"max"`       // longest n-gram, 0 means Min
	Sublinear bool `json:"sublinear"` // 1 + ln(tf) instead of tf
	MinDF     int  `json:"min_df"`    // leave out n-grams of fewer texts, 0 means 1
}

// Validate reports what is out of range.
func (f Features) Validate() error {
	f = f.filled()
	if f.Min < 1 || f.Max < f.Min || f.Max > 10 || f.MinDF < 1 {
		return fmt.Errorf("baseline: features: n-grams %d to %d with min_df %d: want 1 <= min <= max <= 10 and min_df at least 1", f.Min, f.Max, f.MinDF)
	}
	return nil
}

func (f Features) filled() Features {
	if f.Min == 0 {
		f.Min = 1
	}
	if f.Max == 0 {
		f.Max = f.Min
	}
	if f.MinDF == 0 {
		f.MinDF = 1
	}
	return f
}

// A Vectorizer turns text into an l2-normalised TF-IDF vector.
type Vectorizer struct {
	features Features
	column   map[string]int32
	terms    []string  // [V], sorted
	idf      []float64 // [V]: ln((1+n)/(1+df)) + 1
}

// FitVectorizer learns vocabulary and document frequencies from texts.
func FitVectorizer(texts []string, f Features) (*Vectorizer, error) {
	f = f.filled()
	if err := f.Validate(); err != nil {
		return nil, err
	}
	df := map[string]int{}
	last := map[string]int{} // the last text an n-gram was counted for, plus one
	for i, text := range texts {
		f.each(text, func(gram string) {
			if last[gram] != i+1 {
				last[gram] = i + 1
				df[gram]++
			}
		})
	}
	v := &Vectorizer{features: f, column: map[string]int32{}}
	for gram, n := range df {
		if n >= f.MinDF {
			v.terms = append(v.terms, gram)
		}
	}
	if len(v.terms) == 0 {
		return nil, fmt.Errorf("baseline: %d texts have no words for a vocabulary", len(texts))
	}
	slices.Sort(v.terms)
	for j, gram := range v.terms {
		v.column[gram] = int32(j)
		v.idf = append(v.idf, math.Log(float64(1+len(texts))/float64(1+df[gram]))+1)
	}
	return v, nil
}

// Terms lists the n-grams, one for each column.
func (v *Vectorizer) Terms() []string { return v.terms }

// Transform makes the matrix of texts [N, V].
func (v *Vectorizer) Transform(texts []string) *Sparse {
	m := &Sparse{Cols: len(v.terms), Start: make([]int, 1, len(texts)+1)}
	for _, t := range texts {
		m.Col, m.Val = v.appendRow(m.Col, m.Val, t)
		m.Start = append(m.Start, len(m.Col))
	}
	return m
}

// appendRow adds the columns, ascending, and values of one text.
func (v *Vectorizer) appendRow(cols []int32, vals []float64, text string) ([]int32, []float64) {
	start := len(cols)
	v.features.each(text, func(gram string) {
		if j, ok := v.column[gram]; ok {
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
		if v.features.Sublinear {
			tf = 1 + math.Log(tf)
		}
		x := tf * v.idf[j]
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

// each gives every n-gram of text, repeats included.
func (f Features) each(text string, one func(gram string)) {
	if f.CharWB {
		f.eachChar(text, one)
		return
	}
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return r != '_' && !unicode.IsLetter(r) && !unicode.IsNumber(r)
	})
	words = slices.DeleteFunc(words, func(w string) bool { // words of one character don't count
		for i := range w {
			if i > 0 {
				return false
			}
		}
		return true
	})
	for n := f.Min; n <= f.Max; n++ {
		for i := 0; i+n <= len(words); i++ {
			if n == 1 {
				one(words[i])
			} else {
				one(strings.Join(words[i:i+n], " "))
			}
		}
	}
}

// eachChar gives the n-grams of every word between spaces; a word that is shorter than n counts once, whole.
func (f Features) eachChar(text string, one func(gram string)) {
	var at []int // byte offsets of the characters of a word, and its end
	for word := range strings.FieldsSeq(strings.ToLower(text)) {
		word = " " + word + " "
		at = at[:0]
		for i := range word {
			at = append(at, i)
		}
		at = append(at, len(word))
		length := len(at) - 1
		for n := f.Min; n <= f.Max; n++ {
			if n >= length {
				one(word)
				break
			}
			for i := 0; i+n <= length; i++ {
				one(word[at[i]:at[i+n]])
			}
		}
	}
}
