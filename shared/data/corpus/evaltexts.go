package corpus

import (
	"encoding/json"
	"fmt"
	"iter"
	"path/filepath"
	"strings"

	"github.com/fmkit/fmkit/shared/data"
)

// EvaluationTexts streams the texts of an evaluation set in one of our layouts: labelled texts (.csv, .tsv), SQuAD (.json: contexts and
// questions), or one object a line (.jsonl) with any of "text", "query", "source", "target" and "summary", each a text or a list of
// texts; the sentences of a source are one text. What a corpus would hold of a text in other words, without the names of speakers or marks of sounds,
// is given too. The first error ends
// the stream, and names file and line.
func EvaluationTexts(path string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		stopped := fmt.Errorf("stopped")
		one := func(text string) error {
			if !yield(text, nil) {
				return stopped
			}
			// A corpus never holds what cleaning takes out, so the clean text is looked for too.
			if same := closeUp(fold(text)); len(data.AppendWords(nil, same)) != len(data.AppendWords(nil, text)) && !yield(same, nil) {
				return stopped
			}
			return nil
		}
		if err := evaluationTexts(path, one); err != nil && err != stopped {
			yield("", err)
		}
	}
}

func evaluationTexts(path string, one func(string) error) error {
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".csv", ".tsv":
		for r, err := range data.ReadLabelled(path, data.LabelledOptions{}) {
			if err == nil {
				err = one(r.Text)
			}
			if err != nil {
				return err
			}
		}
		return nil
	case ".json":
		context := ""
		for q, err := range data.ReadSQuAD(path) {
			if err != nil {
				return err
			}
			if q.Context != context {
				context = q.Context
				if err := one(context); err != nil {
					return err
				}
			}
			if err := one(q.Text); err != nil {
				return err
			}
		}
		return nil
	case ".jsonl", ".ndjson":
		return location{written: path, real: path}.eachObject(func(_ int, row map[string]json.RawMessage) (string, error) {
			return evaluationRow(row, one)
		})
	default:
		return fmt.Errorf("corpus: %s: extension %q, want .csv, .tsv, .json or .jsonl", path, ext)
	}
}

func evaluationRow(row map[string]json.RawMessage, one func(string) error) (field string, err error) {
	found := false
	for _, key := range []string{"text", "query", "source", "target", "summary"} {
		if _, ok := row[key]; !ok {
			continue
		}
		found = true
		list, err := stringsOf(row, key)
		if err != nil {
			return key, err
		}
		if key == "source" {
			list = withoutSpeakers(strings.Join(list, " "))
		}
		for _, s := range list {
			if err := one(s); err != nil {
				return "", err
			}
		}
	}
	if !found {
		return "text", fmt.Errorf("no such key, nor query, source, target or summary")
	}
	return "", nil
}

// withoutSpeakers gives a text, and if it is a meeting with a turn a line the text without the names of its speakers too.
func withoutSpeakers(text string) []string {
	lines := strings.Split(text, "\n")
	named := 0
	for i, s := range lines {
		if at := speaker.FindString(s); at != "" {
			named++
			lines[i] = s[len(at):]
		}
	}
	if len(lines) < 2 || named == 0 {
		return []string{text}
	}
	return []string{text, strings.Join(lines, "\n")}
}
