package corpus

import (
	"regexp"
	"strings"

	"github.com/fmkit/fmkit/shared/data"
)

// readMultiDoGO reads conversations: a document each, a turn a line. Broken lines are left out; more than 1 % of them in all files is an error.
func readMultiDoGO(files []location, give func(*document) error, dropped func(string)) error {
	var d *document
	id := ""
	flush := func() error {
		if d == nil {
			return nil
		}
		return give(d)
	}
	paths := make([]string, len(files))
	for i, f := range files {
		paths[i] = f.real
	}
	for t, err := range data.ReadMultiDoGO(nil, paths...) {
		if err != nil {
			return err
		}
		if d == nil || t.Conversation != id {
			if err := flush(); err != nil {
				return err
			}
			d, id = &document{dialogue: true}, t.Conversation
		}
		d.add(t.Text)
	}
	return flush()
}

// speaker is the name before a turn of a meeting.
var speaker = regexp.MustCompile(`^[\pL][\pL\pN .,'()-]{0,60}: `)

// readQMSum reads the parts of meetings that queries are about: a document each, a turn a line, without the names of the speakers.
func readQMSum(l location, give func(*document) error, dropped func(string)) error {
	for s, err := range data.ReadQMSum(l.real) {
		if err != nil {
			return err
		}
		d := &document{dialogue: true}
		for _, turn := range s.Sentences {
			if turn = strings.TrimSpace(speaker.ReplaceAllString(turn, "")); turn != "" {
				d.add(turn)
			}
		}
		if len(d.lines) == 0 {
			continue
		}
		if err := give(d); err != nil {
			return err
		}
	}
	return nil
}
