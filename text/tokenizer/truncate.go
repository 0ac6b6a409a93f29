package tokenizer

import "fmt"

// A Truncation bounds the length of encodings. Lengths include special tokens.
type Truncation struct {
	MaxLength int
	Stride    int    // tokens by which successive windows overlap
	Strategy  string // "LongestFirst" (or ""), "OnlyFirst", "OnlySecond"
	Left      bool   // cut off the start instead of the end
}

func (tr *Truncation) check(t *Tokenizer) error {
	switch tr.Strategy {
	case "":
		tr.Strategy = "LongestFirst"
	case "LongestFirst", "OnlyFirst", "OnlySecond":
	default:
		return errorf("truncation.strategy", ErrField, "got %.40q, want LongestFirst, OnlyFirst or OnlySecond", tr.Strategy)
	}
	if tr.MaxLength < 0 || tr.MaxLength > maxPositions {
		return errorf("truncation.max_length", ErrLimit, "got %d, want 0 to %d", tr.MaxLength, maxPositions)
	}
	if tr.Stride < 0 || tr.Stride > maxPositions {
		return errorf("truncation.stride", ErrLimit, "got %d, want 0 to %d", tr.Stride, maxPositions)
	}
	if n := t.post.added(false); tr.MaxLength > n && tr.Stride >= tr.MaxLength-n {
		return errorf("truncation.stride", ErrLimit, "got %d, want less than the %d tokens of text that fit", tr.Stride, tr.MaxLength-n)
	}
	return nil
}

func parseTruncation(raw []byte) (*Truncation, error) {
	o := openObject("truncation", raw)
	tr := &Truncation{
		MaxLength: o.number("max_length", 0, maxPositions), Stride: o.number("stride", 0, maxPositions, 0),
		Strategy: o.text("strategy", "LongestFirst"),
	}
	switch d := o.text("direction", "Right"); d {
	case "Left":
		tr.Left = true
	case "Right":
	default:
		o.fail("direction", "Left or Right", []byte(d))
	}
	return tr, o.close()
}

// window is the range [from, to) of an encoding.
type window struct {
	from, to int
	over     bool // one that overflowed
}

// windows cuts n tokens into windows of at most size that overlap by stride. The first one is kept; the others overflow.
func (tr *Truncation) windows(n, size int) ([]window, error) {
	switch {
	case size >= n:
		return []window{{to: n}}, nil
	case size == 0:
		return []window{{}, {to: n, over: true}}, nil
	case tr.Stride >= size:
		return nil, fmt.Errorf("tokenizer: %w: stride %d, want less than the %d tokens of text that fit", ErrTruncation, tr.Stride, size)
	}
	var out []window
	for at := 0; ; at += size - tr.Stride {
		w := window{at, min(at+size, n), at > 0}
		if tr.Left {
			w.from, w.to = n-w.to, n-w.from
		}
		out = append(out, w)
		if at+size >= n {
			return out, nil
		}
	}
}

// lengths gives how many of na and nb tokens stay so that at most size do; nb is negative when there is no second text.
func (tr *Truncation) lengths(na, nb, size int) (int, int, error) {
	total := na + max(nb, 0)
	if size == 0 {
		return 0, min(nb, 0), nil
	}
	if total <= size {
		return na, nb, nil
	}
	cut := total - size
	switch {
	case tr.Strategy == "OnlySecond" && nb < 0:
		return 0, 0, fmt.Errorf("tokenizer: %w: strategy OnlySecond without a second text", ErrTruncation)
	case tr.Strategy == "OnlySecond":
		if nb <= cut {
			return 0, 0, fmt.Errorf("tokenizer: %w: second text has %d tokens, %d must go", ErrTruncation, nb, cut)
		}
		return na, nb - cut, nil
	case tr.Strategy == "OnlyFirst":
		if na <= cut {
			return 0, 0, fmt.Errorf("tokenizer: %w: first text has %d tokens, %d must go", ErrTruncation, na, cut)
		}
		return na - cut, nb, nil
	case nb < 0:
		return size, nb, nil
	}
	// LongestFirst: the shorter text stays whole while it takes at most half.
	if short := min(na, nb); short <= size-short {
		if na <= nb {
			return na, size - na, nil
		}
		return size - nb, nb, nil
	}
	if na <= nb {
		return size / 2, size - size/2, nil
	}
	return size - size/2, size / 2, nil
}
