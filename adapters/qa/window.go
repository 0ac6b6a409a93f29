package qa

import (
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/text/tokenizer"
)

// A Window is one row for the encoder, a question and a part of the context as the tokenizer frames a pair: [CLS] question [SEP] part [SEP] for BERT.
type Window struct {
	IDs, Types   []int32 // [T]
	First        int     // position in IDs of the first context token
	Offset       int     // number, in the whole context, of that token
	Tokens       int     // context tokens in this window
	Start, End   int     // positions of the answer's first and last token, 0 and 0 where the window doesn't hold it all
	HoldsAnswer  bool
	ContextIndex int // which context the window belongs to, for the caller
}

// A span is a range of bytes.
type span struct{ start, end int }

// A layout says how windows are cut.
type layout struct {
	length   int // most tokens of a row
	stride   int // context tokens that two neighbouring windows share
	question int // most tokens of the question
	frame    tokenizer.Frame
	types    bool // the model tells question and context apart
}

// windows cuts one context [N tokens] into rows. An empty context has no rows.
func (l *layout) windows(question, context []int32) ([]Window, error) {
	question = question[:min(len(question), l.question)]
	f := &l.frame
	if f.Swapped {
		return nil, fmt.Errorf("qa: the tokenizer puts the second text of a pair first, want question and then context")
	}
	first := len(f.Before) + len(question) + len(f.Between)
	room := l.length - first - len(f.After)
	if room <= l.stride {
		return nil, fmt.Errorf("qa: length %d leaves %d tokens for the context, want more than the stride of %d", l.length, room, l.stride)
	}
	var all []Window
	for at := 0; at < len(context); at += room - l.stride {
		n := min(room, len(context)-at)
		w := Window{First: first, Offset: at, Tokens: n}
		w.IDs = slices.Concat(f.Before, question, f.Between, context[at:at+n], f.After)
		w.Types = make([]int32, len(w.IDs))
		if l.types {
			types := slices.Concat(f.BeforeTypes, slices.Repeat([]int32{f.FirstType}, len(question)), f.BetweenTypes,
				slices.Repeat([]int32{f.SecondType}, n), f.AfterTypes)
			copy(w.Types, types)
		}
		all = append(all, w)
		if at+n == len(context) {
			break
		}
	}
	return all, nil
}

// mark finds the answer, bytes of the context, among the window's tokens, whose bytes are offsets (of the whole context).
func (w *Window) mark(answer span, offsets []span) {
	w.Start, w.End, w.HoldsAnswer = 0, 0, false
	first, last := -1, -1
	for i, o := range offsets {
		if first < 0 && o.end > answer.start && o.start < answer.end {
			first = i
		}
		if o.start < answer.end && o.end > answer.start {
			last = i
		}
	}
	if first < w.Offset || last >= w.Offset+w.Tokens || first < 0 {
		return
	}
	w.Start, w.End, w.HoldsAnswer = w.First+first-w.Offset, w.First+last-w.Offset, true
}
