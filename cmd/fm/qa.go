package main

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/qa"
	qatrain "github.com/fmkit/fmkit/adapters/qa/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/finetune"
)

// qaTask answers questions with spans of a context.
func qaTask() task {
	return task{
		name: qa.Task, short: "Answer questions from a context (SQuAD JSON)",
		adapt: adaptQA, score: scoreAnswers, verify: qatrain.Verify,
		load: func(dir string, base *text.Model) (loaded, error) {
			p, err := qa.Load(dir, base)
			return loaded{eval: evalQA(p), predict: predictAnswer(p), export: p.Export}, err
		},
	}
}

func adaptQA(ctx context.Context, base *text.Model, f *adaptFlags, o finetune.Options) (*adapter.Passport, error) {
	c := qatrain.Defaults()
	if f.recipe != nil {
		var err error
		if c, err = qatrain.ParseConfig(f.recipe); err != nil {
			return nil, err
		}
	}
	if err := f.apply(&c.Config); err != nil {
		return nil, err
	}
	d, err := qatrain.ReadData(f.data, f.eval, c)
	if err != nil {
		return nil, badData(err)
	}
	return qatrain.Adapt(ctx, base, d, c, o)
}

func evalQA(p *qa.Predictor) func(context.Context, string, data.LabelledOptions) (adapter.Scores, error) {
	return func(ctx context.Context, file string, _ data.LabelledOptions) (adapter.Scores, error) {
		questions, err := data.Collect(data.ReadSQuAD(file))
		if err != nil {
			return adapter.Scores{}, badData(err)
		}
		scores, _, err := qa.Evaluate(ctx, p, questions)
		return scores, err
	}
}

func predictAnswer(p *qa.Predictor) func(context.Context, []byte) (any, error) {
	return func(ctx context.Context, line []byte) (any, error) {
		var in struct {
			ID       string `json:"id"`
			Question string `json:"question"`
			Context  string `json:"context"`
		}
		if err := parseLine(line, &in, map[string]*string{"question": &in.Question, "context": &in.Context}); err != nil {
			return nil, err
		}
		answers, err := p.Answer(ctx, []qa.Input{{Question: in.Question, Context: in.Context}})
		if err != nil {
			return nil, err
		}
		return struct {
			ID string `json:"id,omitempty"`
			qa.Span
		}{in.ID, answers[0].Span}, nil
	}
}

// scoreAnswers scores a file of {question id: answer} by SQuAD's rules: those of 2.0, where an empty answer says that there is none, when the data
// have questions without an answer.
func scoreAnswers(file, dataFile string) (adapter.Scores, error) {
	raw, err := readBounded(file, maxPredictions)
	if err != nil {
		return adapter.Scores{}, err
	}
	var answers map[string]string
	if err := strictjson.Decode(raw, &answers, strictjson.Limits{Bytes: maxPredictions}); err != nil {
		return adapter.Scores{}, inputError{fmt.Errorf("%s: %w", file, err)}
	}
	questions, err := data.Collect(data.ReadSQuAD(dataFile))
	if err != nil {
		return adapter.Scores{}, badData(err)
	}
	for _, q := range questions {
		if _, ok := answers[q.ID]; ok {
			s, err := qa.Score(questions, answers)
			return s, badData(err)
		}
	}
	return adapter.Scores{}, inputError{fmt.Errorf("%s: it answers no question of %s", file, dataFile)}
}
