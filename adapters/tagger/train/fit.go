package train

import (
	"context"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// fit trains the head, and the model under it unless the method is head. The tags that occur, sorted, are the classes.
func fit(ctx context.Context, base *text.Model, examples []data.Tagged, c Config, o finetune.Options) (*finetune.Fitted[*text.Model], *tagger.Predictor, error) {
	labels := tags(examples)
	if len(labels) < 2 {
		return nil, nil, fmt.Errorf("tagger: got the tags %q, want at least 2", labels)
	}
	length := base.Length(c.MaxLength)
	rows, at, targets, err := lay(base, examples, labels, length)
	if err != nil {
		return nil, nil, err
	}
	loss := tagger.NewTokenLoss(base.Width(), len(labels), c.Seed)
	head := finetune.Head{
		Layers: []nn.Sublayer{loss},
		Target: func(rows []int32) {
			loss.At, loss.Tags = loss.At[:0], loss.Tags[:0]
			for _, r := range rows {
				loss.At, loss.Tags = append(loss.At, at[r]), append(loss.Tags, targets[r])
			}
		},
	}
	f, err := finetune.Fit(ctx, base, head, base.TuningRows(rows), c.Config, o)
	if err != nil {
		return nil, nil, err
	}
	f.Labels = labels
	p, err := tagger.New(f.Model, loss.Linear, labels, tagger.Settings{MaxLength: length})
	return f, p, err
}

// tags lists those that occur, sorted.
func tags(examples []data.Tagged) []string {
	seen := map[string]bool{}
	var all []string
	for _, e := range examples {
		for _, t := range e.Tags {
			if !seen[t] {
				seen[t], all = true, append(all, t)
			}
		}
	}
	slices.Sort(all)
	return all
}

// lay gives the rows of all sentences, where each word's first token stands in them, and its tag's number.
func lay(base *text.Model, examples []data.Tagged, labels []string, length int) (rows []text.Row, at [][]int, targets [][]int32, err error) {
	for _, e := range examples {
		s, err := tagger.JoinWords(base, e.Tokens)
		if err != nil {
			return nil, nil, nil, err
		}
		for _, r := range s.Rows(base, length) {
			numbers := make([]int32, len(r.Words))
			for i, w := range r.Words {
				n, _ := slices.BinarySearch(labels, e.Tags[w])
				numbers[i] = int32(n)
			}
			rows, at, targets = append(rows, r.Row), append(at, r.At), append(targets, numbers)
		}
	}
	if len(rows) == 0 {
		return nil, nil, nil, fmt.Errorf("tagger: %w: no word of %d sentences has tokens", data.ErrEmpty, len(examples))
	}
	return rows, at, targets, nil
}
