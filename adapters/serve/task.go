package serve

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/document"
	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/adapters/multilabel"
	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/adapters/regressor"
	"github.com/fmkit/fmkit/adapters/search"
	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// A task is what adapters may be made for. It is served at POST /api/v1/<at>.
type task struct {
	name string // as passports have it
	at   string
	// load makes m of the adapter folder at the root of fsys: its digest, and what it can do.
	load func(m *model, fsys fs.FS, p *adapter.Passport) error
}

// tasks are those that can be served. Another one needs its file and a line here.
func tasks() []task {
	return []task{
		{classifier.Task, classifier.Task, loadClassify},
		{qa.Task, qa.Task, loadQA},
		{summarizer.Task, summarizer.Task, loadSummarize},
		{tagger.Task, tagger.Task, loadTag},
		{multilabel.Task, multilabel.Task, loadScorer(multilabel.Task, multilabel.LoadFS)},
		{regressor.Task, regressor.Task, loadScorer(regressor.Task, regressor.LoadFS)},
		{search.Task, search.Task, loadSearch},
		{inspector.Task, inspector.Task, loadInspect},
		{policy.Task, actTask, loadAct},
		{document.Task, document.Task, loadDocument},
	}
}

func taskNamed(name string) (task, error) {
	for _, t := range tasks() {
		if t.name == name {
			return t, nil
		}
	}
	return task{}, fmt.Errorf("%w: task %.100q", ErrRefused, name)
}

// An address is what every request says: which model is to answer. Task requests embed it.
type address struct {
	Adapter string `json:"adapter"`
	ID      string `json:"id"` // comes back in the answer
}

// parse reads a request into v, strictly. The server has held it against its limit already.
func parse(raw []byte, v any) error {
	return invalid(strictjson.Decode(raw, v, strictjson.Limits{Bytes: len(raw)}))
}

// addressed reads only the name of the model.
func addressed(raw []byte, v any) error {
	return invalid(strictjson.Decode(raw, v, strictjson.Limits{Bytes: len(raw), AllowUnknown: true}))
}

func invalid(err error) error {
	if err == nil {
		return nil
	}
	return badf("request: %w", err)
}

// errWrongKind is for adapters whose base is of another modality than their task.
var errWrongKind = errors.New("the base reads another kind of input")
