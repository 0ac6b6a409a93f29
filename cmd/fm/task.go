package main

import (
	"context"
	"strings"

	"github.com/spf13/pflag"

	"github.com/fmkit/fmkit/adapters/assistant"
	classifytrain "github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/adapters/inspector"
	multilabeltrain "github.com/fmkit/fmkit/adapters/multilabel/train"
	"github.com/fmkit/fmkit/adapters/policy"
	qatrain "github.com/fmkit/fmkit/adapters/qa/train"
	regresstrain "github.com/fmkit/fmkit/adapters/regressor/train"
	sumtrain "github.com/fmkit/fmkit/adapters/summarizer/train"
	tagtrain "github.com/fmkit/fmkit/adapters/tagger/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/text"
)

// tasks are those that fm knows. An adapter needs one line here; what comes after the lines are extras that only some tasks have.
func tasks() []task {
	classify := either(
		taskOf(classifytrain.Task(), (*base).load, (*taskFlags).classify), taskOf(classifytrain.Pictures(), (*base).loadVision, (*taskFlags).classify),
	)
	qa := taskOf(qatrain.Task(), (*base).load, nil)
	summarize := taskOf(sumtrain.Task(), (*base).load, nil)
	multi := taskOf(multilabeltrain.Task(), (*base).load, (*taskFlags).multilabel)
	regress := taskOf(regresstrain.Task(), (*base).load, (*taskFlags).regress)
	tag := taskOf(tagtrain.Task(), (*base).load, nil)

	classify.fields, qa.fields = []string{"text", "image"}, []string{"question", "context", "contexts"}
	summarize.fields, tag.fields = []string{"text", "sentences", "turns"}, []string{"text", "tokens"}
	multi.fields, regress.fields = []string{"text"}, []string{"text"}
	classify.flags, classify.trust = (*taskFlags).addClassify, (*trustFlags).addClasses
	multi.flags, regress.flags = (*taskFlags).addColumns, (*taskFlags).addColumns
	qa.trust, tag.trust = (*trustFlags).add, (*trustFlags).addAnswers
	qa.score = scoreAnswers
	summarize.score, summarize.baseline = scoreSummaries, scoreBaseline
	multi.baseline, regress.baseline = scoreMultilabelBaseline, scoreRegressBaseline
	tag.baseline = scoreTagBaseline
	return []task{classify, multi, regress, qa, summarize, tag, searchTask(), documentTask()}
}

// A task is something that adapters are made for.
type task struct {
	name  string
	short string
	// input and output are the fields of the lines of predict.
	input, output string
	// fields are those that a line may have besides id.
	fields []string

	// adapt trains an adapter as the flags say; nil where adapt has a verb of its own.
	adapt func(ctx context.Context, b *base, f *adaptFlags, o finetune.Options) (*adapter.Passport, error)
	// load attaches an adapter folder to its base.
	load func(dir string, b *base) (loaded, error)
	// verify trains an adapter again and compares digests.
	verify func(ctx context.Context, dir string, b *base, o finetune.Options) (adapter.Verification, error)

	// flags adds those of adapt that only this task has; nil where it has none.
	flags func(f *taskFlags, s *pflag.FlagSet)
	// trust adds the flags of adapt that say how adapters are calibrated; nil where they aren't.
	trust func(f *trustFlags, s *pflag.FlagSet)
	// score scores a file of predictions made elsewhere; nil where predictions have no file.
	score func(file, dataFile string) (adapter.Scores, error)
	// baseline scores a cheap way that --baseline names; nil where there is none.
	baseline func(ctx context.Context, f *evalFlags) (adapter.Scores, error)
}

// A loaded is an adapter that is ready to work.
type loaded struct {
	// eval scores it on a file.
	eval func(ctx context.Context, dataFile string, f *taskFlags) (adapter.Scores, error)
	// curve gives the coverage-risk curve on a file; nil where answers have no confidence.
	curve func(ctx context.Context, dataFile string, f *taskFlags) (*metrics.CoverageCurve, error)
	// predict answers one JSON line.
	predict func(ctx context.Context, line []byte) (any, error)
	// begin lays one JSON line out for a model of texts, to be read beside others; nil where predict reads by itself.
	begin func(line []byte) (*text.Question, error)
	// export writes it as a folder that transformers or sentence-transformers load; nil where they have no form for it.
	export func(dir string, half bool) error
}

// taskOf makes a task of an adapter's description. model reads its base. own puts the flags that only this task has into its recipe; nil where it has none.
func taskOf[M finetune.Base[M], C, E any, P finetune.Predictor](t finetune.Task[M, C, E, P], model func(b *base) (M, error), own func(f *taskFlags, c *C)) task {
	if own == nil {
		own = func(*taskFlags, *C) {}
	}
	return task{
		name: t.Name, short: t.About, input: t.Input, output: t.Output,
		verify: func(ctx context.Context, dir string, b *base, o finetune.Options) (adapter.Verification, error) {
			m, err := model(b)
			if err != nil {
				return adapter.Verification{}, err
			}
			return t.Verify(ctx, dir, m, o)
		},
		adapt: func(ctx context.Context, b *base, f *adaptFlags, o finetune.Options) (*adapter.Passport, error) {
			c := t.Defaults()
			if f.recipe != nil {
				var err error
				if c, err = t.Parse(f.recipe); err != nil {
					return nil, err
				}
			}
			if err := f.apply(t.Tuning(&c)); err != nil {
				return nil, err
			}
			own(&f.taskFlags, &c)
			m, err := model(b)
			if err != nil {
				return nil, err
			}
			d, err := t.ReadData(f.data, f.eval, c)
			if err != nil {
				return nil, badData(err)
			}
			return t.Adapt(ctx, m, d, c, o)
		},
		load: func(dir string, b *base) (loaded, error) {
			m, err := model(b)
			if err != nil {
				return loaded{}, err
			}
			p, err := t.Load(dir, m)
			if err != nil {
				return loaded{}, err
			}
			l := loaded{predict: p.PredictJSON}
			read := func(dataFile string, f *taskFlags) ([]E, error) {
				c := t.Defaults()
				own(f, &c)
				examples, err := t.Read(dataFile, t.Known(p.Passport()), c)
				return examples, badData(err)
			}
			l.eval = func(ctx context.Context, dataFile string, f *taskFlags) (adapter.Scores, error) {
				examples, err := read(dataFile, f)
				if err != nil {
					return adapter.Scores{}, err
				}
				return t.Score(ctx, p, examples)
			}
			if t.Curve != nil {
				l.curve = func(ctx context.Context, dataFile string, f *taskFlags) (*metrics.CoverageCurve, error) {
					examples, err := read(dataFile, f)
					if err != nil {
						return nil, err
					}
					return t.Curve(ctx, p, examples)
				}
			}
			if e, ok := any(p).(interface {
				Export(dir string, half bool) error
			}); ok {
				l.export = e.Export
			}
			if q, ok := any(p).(interface {
				BeginJSON(line []byte) (*text.Question, error)
			}); ok {
				l.begin = q.BeginJSON
			}
			return l, nil
		},
	}
}

// either makes one task of two for bases that read texts and for those that read pictures.
func either(texts, pictures task) task {
	of := func(b *base) *task {
		if b.vision() {
			return &pictures
		}
		return &texts
	}
	t := texts
	t.short += "; on a vision base: " + pictures.short
	t.adapt = func(ctx context.Context, b *base, f *adaptFlags, o finetune.Options) (*adapter.Passport, error) {
		return of(b).adapt(ctx, b, f, o)
	}
	t.load = func(dir string, b *base) (loaded, error) { return of(b).load(dir, b) }
	t.verify = func(ctx context.Context, dir string, b *base, o finetune.Options) (adapter.Verification, error) {
		return of(b).verify(ctx, dir, b, o)
	}
	return t
}

// taskNamed finds a task.
func taskNamed(name string) (task, error) {
	var names []string
	for _, t := range tasks() {
		if t.name == name {
			return t, nil
		}
		names = append(names, t.name)
	}
	names = append(names, assistant.Task, inspector.Task, policy.Task) // which have verbs of their own
	return task{}, usagef("unknown task %q, want one of: %s", name, strings.Join(names, ", "))
}
