package serve

import (
	"context"
	"io/fs"

	"github.com/fmkit/fmkit/adapters/search"
	"github.com/fmkit/fmkit/shared/adapter"
)

// defaultK is how many passages a request gets that doesn't say.
const defaultK = 10

// loadSearch serves passages: {"adapter", "query", "k"}. A request is computed by itself.
func loadSearch(m *model, fsys fs.FS, _ *adapter.Passport) error {
	if m.base.Text == nil {
		return errWrongKind
	}
	x, err := search.LoadFS(fsys, m.base.Text)
	if err != nil {
		return err
	}
	m.Digest = x.Passport().Digest
	m.tasks[search.Task] = func(ctx context.Context, b *batcher, raw []byte) (any, error) {
		in := struct {
			address
			Query string `json:"query"`
			K     int    `json:"k"`
		}{K: defaultK}
		if err := parse(raw, &in); err != nil {
			return nil, err
		}
		switch {
		case in.Query == "":
			return nil, missing("query")
		case in.K < 1 || in.K > search.MaxK:
			return nil, badf("k: got %d, want 1 to %d", in.K, search.MaxK)
		}
		var hits [][]search.Hit
		err := b.do(ctx, func() (err error) {
			hits, err = x.Search(ctx, []string{in.Query}, in.K)
			return err
		})
		if err != nil {
			return nil, err
		}
		return adapter.WithID(in.ID, hits[0]), nil
	}
	return m.addEmbed(m.base)
}
