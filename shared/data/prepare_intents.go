package data

import (
	"fmt"
	"iter"
	"path/filepath"
	"strings"
)

// prepareCLINC150 writes one CSV for each list of [text, intent] pairs, as it streams past.
func prepareCLINC150(src, dir string, _ PrepareOptions) ([]Prepared, error) {
	f, err := openData(src)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p := newObjectReader(f, src)
	var out []Prepared
	err = p.object(func(key string) error {
		if key == "" || key != filepath.Base(key) || strings.HasPrefix(key, ".") {
			return p.errorAt(key, fmt.Errorf("list name can't be a file name"))
		}
		path := filepath.Join(dir, key+".csv")
		n, err := WriteLabelled(path, clincPairs(p, key))
		out = append(out, Prepared{Path: path, Rows: n})
		return err
	})
	if err == nil {
		err = p.end()
	}
	return out, err
}

func clincPairs(p *objectReader, key string) iter.Seq2[Labelled, error] {
	return func(yield func(Labelled, error) bool) {
		err := p.array(func() error {
			var pair []string
			if err := p.decode(&pair); err != nil {
				return err
			}
			if len(pair) != 2 || strings.TrimSpace(pair[0]) == "" || pair[1] == "" {
				return p.errorAt(key, fmt.Errorf("got %q, want [text, intent]", pair))
			}
			if !yield(Labelled{Text: pair[0], Label: pair[1]}, nil) {
				return errStopped
			}
			return nil
		})
		if err != nil && err != errStopped {
			yield(Labelled{}, err)
		}
	}
}

// prepareSNIPS joins the fragments of every utterance and labels it by its file's intent.
func prepareSNIPS(src, dir string, o PrepareOptions) ([]Prepared, error) {
	files, err := filepath.Glob(filepath.Join(src, "train_*_full.json"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("data: %s has no train_<intent>_full.json: %w", src, ErrEmpty)
	}
	return prepareLabelled(dir, func(yield func(Labelled, error) bool) {
		for _, file := range files {
			if err := snipsFile(file, yield); err != nil {
				if err != errStopped {
					yield(Labelled{}, err)
				}
				return
			}
		}
	}, o)
}

func snipsFile(path string, yield func(Labelled, error) bool) error {
	f, err := openData(path)
	if err != nil {
		return err
	}
	defer f.Close()
	p := newObjectReader(f, path)
	err = p.object(func(intent string) error {
		return p.array(func() error {
			var u struct{ Data []struct{ Text string } }
			if err := p.decode(&u); err != nil {
				return err
			}
			var text strings.Builder
			for _, part := range u.Data {
				text.WriteString(part.Text)
			}
			t := strings.TrimSpace(text.String())
			if t == "" {
				return p.errorAt("data", ErrEmpty)
			}
			if !yield(Labelled{Text: t, Label: intent}, nil) {
				return errStopped
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	return p.end()
}

// prepareMultiDoGO writes each side's conversations as text, one turn a line, as dialogues, and the turns with a single intent as labelled texts.
func prepareMultiDoGO(src, dir string, _ PrepareOptions) ([]Prepared, error) {
	var out []Prepared
	for _, side := range []string{"train", "dev"} {
		files, err := filepath.Glob(filepath.Join(src, "*", side+".tsv"))
		if err != nil || len(files) == 0 {
			return nil, fmt.Errorf("data: %s has no <domain>/%s.tsv: %w", src, side, ErrEmpty)
		}
		var stats TextStats
		text := filepath.Join(dir, side+".jsonl")
		n, err := WriteJSONL(text, conversations(ReadMultiDoGO(&stats, files...)))
		if err != nil {
			return nil, err
		}
		out = append(out, Prepared{Path: text, Rows: n, Bad: stats.Bad})
		whole := filepath.Join(dir, side+"-dialogues.jsonl")
		if n, err = WriteJSONL(whole, dialogues(ReadMultiDoGO(&stats, files...))); err != nil {
			return nil, err
		}
		out = append(out, Prepared{Path: whole, Rows: n, Bad: stats.Bad})
		labelled := filepath.Join(dir, side+"-intents.csv")
		n, err = WriteLabelled(labelled, func(yield func(Labelled, error) bool) {
			for t, err := range ReadMultiDoGO(&stats, files...) {
				single := len(t.Intents) == 1 && t.Intents[0] != ""
				if (err != nil || single) && !yield(Labelled{Text: t.Text, Label: strings.Join(t.Intents, "")}, err) {
					return
				}
			}
		})
		if err != nil {
			return nil, err
		}
		out = append(out, Prepared{Path: labelled, Rows: n, Bad: stats.Bad})
	}
	return out, nil
}

type textRow struct {
	Text string `json:"text"`
}

// conversations joins consecutive turns of one conversation.
func conversations(turns iter.Seq2[Turn, error]) iter.Seq2[textRow, error] {
	return func(yield func(textRow, error) bool) {
		id := ""
		var lines []string
		for t, err := range turns {
			if err != nil {
				yield(textRow{}, err)
				return
			}
			if t.Conversation != id && len(lines) > 0 {
				if !yield(textRow{Text: strings.Join(lines, "\n")}, nil) {
					return
				}
				lines = lines[:0]
			}
			id = t.Conversation
			lines = append(lines, t.Text)
		}
		if len(lines) > 0 {
			yield(textRow{Text: strings.Join(lines, "\n")}, nil)
		}
	}
}
