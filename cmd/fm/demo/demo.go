package demo

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/transfer"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/mini"
)

// Options say how the demo runs. The zero value runs it in full, silently, in a new temporary folder.
type Options struct {
	Dir    string    // folder for the report
	GOROOT string    // Go installation to read; "none" for the text that comes along, empty to look for one
	Seeds  int       // 0: 5
	Seed   uint64    // of the split into sentences to learn from and to score on
	Log    io.Writer // nil: nobody
}

// Run does the whole of it.
func Run(ctx context.Context, o Options) (Report, error) {
	begin := time.Now()
	if err := o.fill(); err != nil {
		return Report{}, err
	}
	lib, err := library(ctx, o.GOROOT)
	if err != nil {
		return Report{}, fmt.Errorf("demo: %w", err)
	}
	c, err := NewCorpus(lib, o.Seed)
	if err != nil {
		return Report{}, err
	}
	r := Report{From: c.From, Packages: c.Packages, Labels: shots, Folder: o.Dir, Page: c.Page.Package, Sentences: len(c.Page.Sentences)}
	fmt.Fprintf(o.Log, "%d sentences of documentation from %s\n", len(lib.Sentences), c.From)
	base, err := mini.Load()
	if err != nil {
		return r, fmt.Errorf("demo: %w", err)
	}
	for _, p := range base.Params() {
		r.Params += len(p.Value)
	}
	if r.Report, err = o.transfer(ctx, c, base); err != nil {
		return r, fmt.Errorf("demo: %w", err)
	}
	if r.Summary, err = summarize(ctx, base, c.Page.Sentences); err != nil {
		return r, fmt.Errorf("demo: %w", err)
	}
	if r.Inspection, err = o.inspect(ctx); err != nil {
		return r, fmt.Errorf("demo: %w", err)
	}
	if r.Balance, err = o.balance(ctx); err != nil {
		return r, fmt.Errorf("demo: %w", err)
	}
	r.Seconds = time.Since(begin).Seconds()
	page, err := r.HTML()
	if err != nil {
		return r, err
	}
	return r, checkpoint.WriteFile(filepath.Join(o.Dir, "report.html"), page)
}

func (o *Options) fill() (err error) {
	if o.Seeds == 0 {
		o.Seeds = 5
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Dir == "" {
		o.Dir, err = os.MkdirTemp("", "fm-demo-")
	} else {
		err = os.MkdirAll(o.Dir, 0o755)
	}
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return nil
}

// library reads the Go installation that is asked for or found, and else the text that comes along.
func library(ctx context.Context, root string) (Library, error) {
	if root == "" {
		root = GOROOT(ctx)
	}
	if root == "" || root == "none" {
		return Fallback(), nil
	}
	return ReadGOROOT(ctx, root)
}

// transfer compares what the labelled sentences are learnt from.
func (o *Options) transfer(ctx context.Context, c Corpus, base *text.Model) (*transfer.Report, error) {
	recipe := train.Defaults()
	recipe.Batch, recipe.Grid = 16, []finetune.Choice{{LR: 1e-5, Epochs: 10}, {LR: 3e-4, Epochs: 10}}
	return train.TransferTexts().Compare(ctx, base, train.Data{Train: c.Pool, Eval: c.Test}, recipe, transfer.Options{
		Arms: []string{transfer.Full, transfer.Scratch, transfer.Baseline}, Budgets: []int{shots}, Seeds: o.Seeds, Log: o.Log,
	})
}
