package train

import (
	"fmt"
	"path/filepath"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
)

// Files are what an assistant is made from. All may be empty, but intents must come from somewhere.
type Files struct {
	Dialogues string // JSONL of data.Dialogue
	Intents   string // CSV, TSV or JSONL of text and label: each a dialogue of one turn
	Slots     string // JSONL of tokens and tags, or CoNLL columns: likewise
	Queries   string // JSONL of query and ids of passages: likewise
	Knowledge string // JSONL of id and text
	QA        string // folder of a qa adapter, which is taken as it is
}

// A role is what a file is to an assistant.
type role struct {
	name string
	path *string
}

func (f *Files) roles() []role {
	return []role{{"dialogues", &f.Dialogues}, {"intents", &f.Intents}, {"slots", &f.Slots}, {"queries", &f.Queries}, {"knowledge", &f.Knowledge}, {"qa", &f.QA}}
}

// Data are what Files hold.
type Data struct {
	Dialogues []data.Dialogue
	Passages  []data.Passage
	QA        string           // folder; empty: none
	Sources   []adapter.Source // the files; empty for data from elsewhere, which can't be verified
}

// Read reads files.
func Read(f Files) (Data, error) {
	var d Data
	var err error
	add := func(all []data.Dialogue, failed error) {
		d.Dialogues = append(d.Dialogues, all...)
		if err == nil {
			err = failed
		}
	}
	if f.Dialogues != "" {
		add(data.Collect(data.ReadDialogues(f.Dialogues)))
	}
	if f.Intents != "" {
		add(each(data.ReadLabelled(f.Intents, data.LabelledOptions{}), func(l data.Labelled) data.Dialogue {
			return data.Dialogue{Turns: []data.DialogueTurn{{Text: l.Text, Intent: l.Label}}}
		}))
	}
	if f.Slots != "" {
		add(each(data.ReadTagged(f.Slots), data.DialogueOf))
	}
	if f.Queries != "" {
		add(each(data.ReadQueries(f.Queries), func(q data.Query) data.Dialogue {
			return data.Dialogue{Turns: []data.DialogueTurn{{Text: q.Text, Answers: q.IDs}}}
		}))
	}
	if err != nil {
		return Data{}, err
	}
	if f.Knowledge != "" {
		if d.Passages, err = data.Collect(data.ReadPassages(f.Knowledge)); err != nil {
			return Data{}, err
		}
	}
	d.QA = f.QA
	for _, r := range f.roles() {
		if *r.path == "" {
			continue
		}
		file := *r.path
		if r.name == "qa" {
			file = filepath.Join(file, "fmkit.json") // which has the digests of the rest
		}
		s, err := adapter.FileSource(r.name, file)
		if err != nil {
			return Data{}, err
		}
		d.Sources = append(d.Sources, s)
	}
	return d, nil
}

// each reads a stream of records as dialogues.
func each[T any](rows func(func(T, error) bool), of func(T) data.Dialogue) ([]data.Dialogue, error) {
	all, err := data.Collect(rows)
	if err != nil {
		return nil, err
	}
	out := make([]data.Dialogue, len(all))
	for i, v := range all {
		out[i] = of(v)
	}
	return out, nil
}

// filesOf gives the files of a passport's sources, all of which must be what they were.
func filesOf(sources []adapter.Source) (Files, error) {
	var f Files
	if len(sources) == 0 {
		return f, fmt.Errorf("assistant: %w: data: the passport names none", adapter.ErrPassport)
	}
	roles := f.roles()
	for _, s := range sources {
		if err := s.Check(); err != nil {
			return f, err
		}
		known := false
		for _, r := range roles {
			if r.name == s.Role {
				*r.path, known = s.Path, true
			}
		}
		if !known {
			return f, fmt.Errorf("assistant: %w: data: unknown role %.40q", adapter.ErrPassport, s.Role)
		}
	}
	if f.QA != "" {
		f.QA = filepath.Dir(f.QA)
	}
	return f, nil
}

// labelled lists the turns whose intent is known.
func labelled(dialogues []data.Dialogue) []data.Labelled {
	var all []data.Labelled
	for _, d := range dialogues {
		for _, t := range d.Turns {
			if t.Intent != "" {
				all = append(all, data.Labelled{Text: t.Text, Label: t.Intent})
			}
		}
	}
	return all
}

// tagged lists the turns whose slots are known and that have words.
func tagged(dialogues []data.Dialogue) []data.Tagged {
	var all []data.Tagged
	for _, d := range dialogues {
		for _, t := range d.Turns {
			if t.Slots == nil {
				continue
			}
			if words := t.Tagged(); len(words.Tokens) > 0 {
				all = append(all, words)
			}
		}
	}
	return all
}

// split divides dialogues by seed into those to train on, to set thresholds by, and to score on.
func split(all []data.Dialogue, held float64, seed uint64) (train, calibrate, score []data.Dialogue) {
	t, h := data.Split(len(all), held, seed)
	back := data.Pick(all, h)
	c, s := data.Split(len(back), 0.5, seed+1)
	return data.Pick(all, t), data.Pick(back, c), data.Pick(back, s)
}
