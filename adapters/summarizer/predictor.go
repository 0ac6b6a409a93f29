package summarizer

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"github.com/fmkit/fmkit/adapters/summarizer/extractive"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// Task is what a summarizer's passport says.
const Task = "summarize"

// batch is how many rows are encoded at once.
const batch = 16

// Settings are what prediction needs besides the weights. The passport holds them.
type Settings struct {
	MaxLength   int     `json:"max_length"`   // most tokens of a row
	MaxSentence int     `json:"max_sentence"` // most tokens of a sentence; what is longer is cut
	Options     Options `json:"options"`      // of the summaries it was evaluated on: the defaults
}

// Options say what a summary may be. Where neither Sentences nor Words is set both are the adapter's own, and so are MMR and Trigrams.
type Options struct {
	Sentences int     `json:"sentences"` // at most this many; 0: any
	Words     int     `json:"words"`     // at most this many words; 0: any
	MMR       float64 `json:"mmr"`       // from 0 to 1: how much likeness to what is picked counts against a sentence
	Trigrams  bool    `json:"trigrams"`  // pass over a sentence that shares three words in a row with one picked
}

// or is o with what isn't set taken from d.
func (o Options) or(d Options) Options {
	if o.Sentences == 0 && o.Words == 0 {
		o.Sentences, o.Words = d.Sentences, d.Words
	}
	if o.MMR == 0 && !o.Trigrams {
		o.MMR, o.Trigrams = d.MMR, d.Trigrams
	}
	return o
}

// pick selects sentences by score.
func (o Options) pick(scores []float64, sentences []string) ([]int, error) {
	if len(sentences) == 0 {
		return nil, nil
	}
	return extractive.Select(scores, sentences, extractive.Budget{Sentences: o.Sentences, Words: o.Words},
		extractive.Redundancy{Trigrams: o.Trigrams, MMR: o.MMR})
}

// An Input is a document: a text, or its sentences where they are known.
type Input struct {
	Text      string
	Sentences []string // nil: Text is split
}

// Split gives the sentences of the document: those that are known, else those that Text is split into.
func (in Input) Split() []string {
	if in.Sentences != nil {
		return in.Sentences
	}
	var all []string
	for _, s := range extractive.Sentences(in.Text) {
		all = append(all, s.Text)
	}
	return all
}

// A Summary is an extract, as Hugging Face's summarization pipeline gives it, with where it comes from.
type Summary struct {
	Text      string    `json:"summary_text"`
	Picked    []int     `json:"sentences"` // numbers, from 0, of the sentences in the document
	Sentences []string  `json:"-"`         // all sentences of the document
	Scores    []float64 `json:"-"`         // beside Sentences, in [0, 1]
}

// A Predictor summarises. It is safe for concurrent use.
type Predictor struct {
	model    *text.Model
	infer    *text.Inference
	head     *nn.Linear // [1, D+4]
	settings Settings
	passport *adapter.Passport
}

// Load attaches the adapter folder dir to base. It returns adapter.ErrBaseMismatch for another base than the adapter was made on,
// adapter.ErrTask for another task's adapter, and an error that wraps adapter's ErrPassport, ErrTensors or ErrDigest, or one of checkpoint's,
// for a damaged one.
func Load(dir string, base *text.Model) (*Predictor, error) {
	return adapter.In(dir, func(fsys fs.FS) (*Predictor, error) { return LoadFS(fsys, base) })
}

// LoadFS is Load from the root of fsys, whose files must be able to read at an offset, as embedded ones are.
func LoadFS(fsys fs.FS, base *text.Model) (*Predictor, error) {
	var s Settings
	head := newHead(base.Width())
	m, p, err := adapter.Attach(fsys, Task, base, &s, func(*adapter.Passport) ([]*nn.Param, error) { return head.Params(), nil })
	if err != nil {
		return nil, err
	}
	q, err := New(m, head, s)
	if err != nil {
		return nil, err
	}
	q.passport = p
	return q, nil
}

// New makes a predictor of a model and a head as they are now.
func New(m *text.Model, head *nn.Linear, s Settings) (*Predictor, error) {
	if s.MaxLength < 4 || s.MaxLength > m.Length(0) {
		return nil, fmt.Errorf("summarizer: max_length: got %d, want 4 to %d", s.MaxLength, m.Length(0))
	}
	if got, want := head.In(), m.Width()+places; got != want || head.Out() != 1 {
		return nil, fmt.Errorf("summarizer: the head reads %d values and gives %d, want %d and 1", got, head.Out(), want)
	}
	if s.MaxSentence < 1 {
		return nil, fmt.Errorf("summarizer: max_sentence: got %d, want at least 1", s.MaxSentence)
	}
	if s.Options.Sentences < 1 && s.Options.Words < 1 {
		return nil, fmt.Errorf("summarizer: options: neither sentences nor words has a limit")
	}
	return &Predictor{model: m, infer: m.Snapshot(), head: head, settings: s}, nil
}

// Settings are what prediction needs besides the weights.
func (p *Predictor) Settings() Settings { return p.settings }

// Passport says where the adapter comes from; nil for a predictor that no adapter folder was loaded for.
func (p *Predictor) Passport() *adapter.Passport { return p.passport }

// Rows lays the sentences of a document out for the model.
func Rows(m *text.Model, sentences []string, s Settings) []Row {
	ids := make([][]int32, len(sentences))
	for i, t := range sentences {
		ids[i] = m.Tokenizer.AppendIDs(nil, t)
	}
	l := layout{length: s.MaxLength, sentence: s.MaxSentence, cls: m.Cls(), sep: m.Sep()}
	return l.rows(ids)
}

// Model is the base, or a model with the adapter's changes.
func (p *Predictor) Model() *text.Model { return p.model }

// Scores gives every sentence of every document a score in [0, 1], to be compared within the document. A document's scores don't depend on the documents beside it.
func (p *Predictor) Scores(ctx context.Context, documents [][]string) ([][]float64, error) {
	r := p.begin(documents)
	err := text.Read(ctx, r, batch)
	return r.scores, err
}

// Summarize makes an extract of every document. A document without sentences has an empty one.
func (p *Predictor) Summarize(ctx context.Context, inputs []Input, o Options) ([]Summary, error) {
	r := p.Begin(inputs, o)
	if err := text.Read(ctx, r, batch); err != nil {
		return nil, err
	}
	return r.Summaries()
}

func summary(sentences []string, scores []float64, o Options) (Summary, error) {
	picked, err := o.pick(scores, sentences)
	if err != nil {
		return Summary{}, err
	}
	return Summary{Text: strings.ReplaceAll(extractive.Join(sentences, picked), "\n", " "), Picked: picked, Sentences: sentences, Scores: scores}, nil
}
