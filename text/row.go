package text

import "github.com/fmkit/fmkit/shared/data"

// A Row is what the encoder reads at once: token ids with special tokens, and the segment of each token.
type Row struct {
	IDs   []int32
	Types []int32 // beside IDs; nil means all 0
}

// Row turns a text into [CLS] tokens [SEP] of at most length tokens, cut at the end.
func (m *Model) Row(text string, length int) Row {
	ids := make([]int32, 1, 2+len(text)/4)
	ids[0] = m.cls
	ids = m.Tokenizer.AppendIDs(ids, text)
	ids = append(ids[:min(len(ids), length-1)], m.sep)
	return Row{IDs: ids}
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
