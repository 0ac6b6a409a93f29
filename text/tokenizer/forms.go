package tokenizer

import (
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Hangul syllables decompose and compose by arithmetic (Unicode, section 3.12).
const (
	hangulS, hangulL, hangulV, hangulT = 0xac00, 0x1100, 0x1161, 0x11a7
	hangulLs, hangulVs, hangulTs       = 19, 21, 28
)

// appendDecomposed appends the full canonical decomposition of r.
func appendDecomposed(dst []rune, r rune) []rune {
	if r < utf8.RuneSelf || class(r)&hasParts == 0 {
		return append(dst, r)
	}
	return appendParts(dst, r, norm.NFD)
}

func appendParts(dst []rune, r rune, form norm.Form) []rune {
	if isHangul(r) {
		s := int(r) - hangulS
		dst = append(dst, rune(hangulL+s/(hangulVs*hangulTs)), rune(hangulV+s/hangulTs%hangulVs))
		if t := s % hangulTs; t > 0 {
			dst = append(dst, rune(hangulT+t))
		}
		return dst
	}
	if class(r)&hasForm == 0 {
		return append(dst, r)
	}
	var b [utf8.UTFMax]byte
	n := utf8.EncodeRune(b[:], r)
	parts := form.Properties(b[:n]).Decomposition()
	if len(parts) == 0 {
		return append(dst, r)
	}
	for len(parts) > 0 {
		r, n := utf8.DecodeRune(parts)
		dst = append(dst, r)
		parts = parts[n:]
	}
	return dst
}

// combining gives the combining class of r.
func combining(r rune) uint8 {
	if class(r)&hasForm == 0 {
		return 0
	}
	var b [utf8.UTFMax]byte
	return norm.NFD.Properties(b[:utf8.EncodeRune(b[:], r)]).CCC()
}

// compose gives the one code point that a and b compose to, if any.
func compose(a, b rune) (rune, bool) {
	if l, v := int(a)-hangulL, int(b)-hangulV; l >= 0 && l < hangulLs && v >= 0 && v < hangulVs {
		return rune(hangulS + (l*hangulVs+v)*hangulTs), true
	}
	if s, t := int(a)-hangulS, int(b)-hangulT; isHangul(a) && s%hangulTs == 0 && t > 0 && t < hangulTs {
		return a + rune(t), true
	}
	if b < utf8.RuneSelf || class(b)&combines == 0 { // nearly all
		return 0, false
	}
	r, ok := composites()[[2]rune{a, b}]
	return r, ok
}

// composites has the one code point that a pair composes to, but for Hangul.
var composites = sync.OnceValue(func() map[[2]rune]rune {
	pairs := map[[2]rune]rune{}
	for i := 0; i < len(tableForm); i += 2 {
		for r := tableForm[i]; r <= tableForm[i+1]; r++ {
			parts := appendDecomposed(nil, r)
			n := len(parts) - 1
			if n < 1 {
				continue
			}
			pair := []rune(norm.NFC.String(string(parts[:n])))
			if pair = append(pair, parts[n]); len(pair) == 2 && norm.NFC.String(string(pair)) == string(r) {
				pairs[[2]rune(pair)] = r
			}
		}
	}
	return pairs
})

// formOf gives the form that a rule is named by.
func formOf(kind string) norm.Form {
	switch kind {
	case "NFC":
		return norm.NFC
	case "NFD":
		return norm.NFD
	case "NFKC":
		return norm.NFKC
	}
	return norm.NFKD
}

// A mark is a code point with its combining class. change is 0 for one that stands for one code point of the source, 1
// for a further part of the one before, -n for one that n more of the source went into.
type mark struct {
	r      rune
	change int32
	ccc    uint8
}

// forms holds the buffers of the Unicode normalisation forms. The package golang.org/x/text/unicode/norm can't be used whole, for it
// breaks long runs of marks with U+034F and knows a later version of Unicode than Hugging Face's library.
type forms struct {
	all, sorted []mark
	sources     []Span // of the code points before
}

// normalize writes src in form NFC, NFD, NFKC or NFKD to dst. A composed code point
// comes from where its first part does.
func (f *forms) normalize(dst, src *aligned, kind string, track bool) {
	form := norm.NFD
	if kind == "NFKC" || kind == "NFKD" {
		form = norm.NFKD
	}
	f.all, f.sources = f.all[:0], f.sources[:0]
	var buf [32]rune
	for i := 0; i < len(src.b); {
		r, n := utf8.DecodeRune(src.b[i:])
		start, end := src.span(i, n)
		i += n
		f.sources = append(f.sources, Span{int(start), int(end)})
		if r < utf8.RuneSelf {
			f.all = append(f.all, mark{r: r})
			continue
		}
		for k, r := range appendParts(buf[:0], r, form) {
			f.all = append(f.all, mark{r, int32(min(k, 1)), combining(r)})
		}
	}
	f.order()
	out := f.all
	if kind == "NFC" || kind == "NFKC" {
		out = composeAll(out)
	}
	// As in Hugging Face's library, sources go to code points in order, whatever their own was: only marks that change places can tell.
	next := 0
	for _, m := range out {
		if m.change <= 0 {
			next++
		}
		at := f.sources[min(max(next, 1), len(f.sources))-1]
		dst.add(m.r, int32(at.Start), int32(at.End), track)
		next -= int(min(m.change, 0))
	}
}

// order sorts every run of marks by combining class, stably, by counting: linear however long the run is.
func (f *forms) order() {
	for i := 0; i < len(f.all); {
		if f.all[i].ccc == 0 {
			i++
			continue
		}
		j, sorted := i+1, true
		for j < len(f.all) && f.all[j].ccc != 0 {
			sorted = sorted && f.all[j].ccc >= f.all[j-1].ccc
			j++
		}
		if !sorted {
			var at [257]int
			for _, m := range f.all[i:j] {
				at[int(m.ccc)+1]++
			}
			for c := range 256 {
				at[c+1] += at[c]
			}
			f.sorted = append(f.sorted[:0], f.all[i:j]...)
			for _, m := range f.sorted {
				f.all[i+at[m.ccc]] = m
				at[m.ccc]++
			}
		}
		i = j
	}
}

// composeAll composes in place (Unicode, definition D117).
func composeAll(all []mark) []mark {
	out := all[:0]
	starter, last := -1, uint8(0) // index in out of the last starter, class of what was put after it
	for _, m := range all {
		if starter >= 0 && (last < m.ccc || last == 0 && len(out) == starter+1) {
			if r, ok := compose(out[starter].r, m.r); ok {
				out[starter].r = r
				out[starter].change += m.change - 1
				continue
			}
		}
		last = m.ccc
		if m.ccc == 0 {
			starter = len(out)
		}
		out = append(out, m)
	}
	return out
}
