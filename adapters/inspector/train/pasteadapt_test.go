package train_test

import (
	"context"
	"errors"
	"testing"

	"github.com/fmkit/fmkit/adapters/inspector/train"
	"github.com/fmkit/fmkit/shared/kernels"
)

// TestPasteWants: pictures with templates, to which the detector doesn't compare.
func TestPasteWants(t *testing.T) {
	c := config(true, 1)
	if c.Paste = 0.5; !errors.Is(c.Validate(), train.ErrConfig) {
		t.Error("with templates to compare with, pasting is no error")
	}
	c = config(false, 1)
	c.Paste = 0.5
	items, ctx := parts(t, 4, 1), context.Background()
	if _, _, err := train.Adapt(ctx, base(t, 1, 1), train.Data{Train: items}, c, train.Options{}); err != nil {
		t.Errorf("with templates: %v", err)
	}
	for i := range items {
		items[i].Template = ""
	}
	if _, _, err := train.Adapt(ctx, base(t, 1, 1), train.Data{Train: items}, c, train.Options{}); !errors.Is(err, train.ErrConfig) {
		t.Errorf("without templates: got %v, want an ErrConfig", err)
	}
}

// TestPasteForAnyWorkers: what is pasted where is a function of the seed alone.
func TestPasteForAnyWorkers(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	items, m, c := parts(t, 6, 1), base(t, 1, 1), config(false, 6)
	plain := digest(t, m, items, c)
	c.Paste = 0.5
	var want string
	for _, workers := range []int{1, 2, 5} {
		kernels.SetWorkers(workers)
		if got := digest(t, m, items, c); want == "" {
			want = got
		} else if got != want {
			t.Errorf("%d workers: another digest", workers)
		}
	}
	if want == plain {
		t.Error("nothing pasted gives the same digest")
	}
}
