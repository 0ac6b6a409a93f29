package demo

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/finetune"
	"github.com/fmkit/fmkit/text/pretrain"
)

// Options say how the demo runs. The zero value runs it in full, silently, in a new temporary folder.
type Options struct {
	Dir      string    // folder for model and report
	GOROOT   string    // Go installation to read; "none" for the text that comes along, empty to look for one
	Seeds    int       // 0: 5
	Steps    int       // of pretraining; 0: 500
	Seed     uint64    // of the split between classes and of pretraining
	Log      io.Writer // nil: nobody
	Terminal bool
}

// smallText is a number of words of which a twentieth is too little to evaluate on.
const smallText = 10000

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
	for _, s := range c.Pretrain {
		r.Words += len(strings.Fields(s))
	}
	fmt.Fprintf(o.Log, "%d words of documentation from %s\n", r.Words, c.From)
	base, err := o.pretrain(ctx, c, &r)
	if err != nil {
		return r, err
	}
	if r.TransferReport, err = o.transfer(c).Run(ctx, base); err != nil {
		return r, fmt.Errorf("demo: %w", err)
	}
	if r.Summary, err = summarize(ctx, base, c.Page.Sentences); err != nil {
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
	if o.Steps == 0 {
		o.Steps = 500
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
func (o *Options) transfer(c Corpus) train.Transfer {
	t := train.Transfer{Pool: c.Pool, Test: c.Test, Config: train.Defaults(), Seeds: o.Seeds, Log: o.Log}
	t.Config.Shots, t.Config.Batch = shots, 16
	t.Config.Grid = []finetune.Choice{{LR: 1e-3, Epochs: 15}, {LR: 2e-3, Epochs: 15}}
	return t
}

// pretrain trains tokenizer and encoder on the corpus and notes what came of it.
func (o *Options) pretrain(ctx context.Context, c Corpus, r *Report) (*text.Model, error) {
	words := filepath.Join(o.Dir, "documentation.txt")
	if err := checkpoint.WriteFile(words, []byte(strings.Join(c.Pretrain, "\n")+"\n")); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	p, err := pretrain.Default("tiny")
	if err != nil {
		return nil, err
	}
	p.Length, p.Batch, p.Short = 64, 32, 0.3
	p.Train.Steps, p.Train.Warmup, p.Train.LR, p.Train.Seed = o.Steps, o.Steps/10, 2e-3, o.Seed
	p.Train.EvalEvery, p.Train.SaveEvery = 0, 0
	if r.Words < smallText {
		p.Held = 0.2
	}
	out := filepath.Join(o.Dir, "base")
	if err := os.RemoveAll(out); err != nil { // of an earlier demo in the same folder
		return nil, fmt.Errorf("demo: %w", err)
	}
	got, err := pretrain.Run(ctx, p, pretrain.Options{Data: []string{words}, Out: out, Log: o.Log, Terminal: o.Terminal})
	if err != nil {
		return nil, err
	}
	r.Pretrain = Pretraining{Steps: got.Steps, Loss: got.EvalLoss, Accuracy: got.EvalAccuracy, UnigramLoss: got.UnigramLoss, Seconds: got.Seconds}
	base, err := text.Load(out)
	if err != nil {
		return nil, err
	}
	r.Vocab = base.Tokenizer.VocabSize()
	for _, p := range base.Params() {
		r.Params += len(p.Value)
	}
	return base, nil
}
