package text

import (
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// A Row is what the encoder reads at once: token ids with special tokens, and the segment of each token.
type Row struct {
	IDs   []int32
	Types []int32 // beside IDs; nil means all 0
}

// Row puts the tokens of a text between those that the tokenizer frames one with, [CLS] and [SEP] for BERT, in a row of at most length tokens; what is longer is cut at
// the end.
func (m *Model) Row(text string, length int) Row {
	return Row{IDs: appendRow(make([]int32, 0, 2+len(text)/4), m.Tokenizer, &m.single, text, length)}
}

func appendRow(ids []int32, t *tokenizer.Tokenizer, f *tokenizer.Frame, text string, length int) []int32 {
	ids = append(ids, f.Before...)
	ids = t.AppendIDs(ids, text)
	return append(ids[:min(len(ids), length-len(f.After))], f.After...)
}

// Length bounds a wished row length by what the model can read: 0 and less mean the longest.
func (m *Model) Length(wish int) int {
	most := m.Config.MaxPositions
	if wish > 0 {
		return min(wish, most)
	}
	return most
}

// RoundLength rounds the length of a batch's longest row up to the grid that batches are padded to, which keeps the
// number of different shapes small. Padding changes no result.
func RoundLength(n, most int) int {
	return min((n+data.BucketStep-1)/data.BucketStep*data.BucketStep, most)
}
