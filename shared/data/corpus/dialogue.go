package corpus

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// A dialogue is one of a list. Which of the two keys it has is the data set's form.
type dialogue struct {
	Turns []struct {
		Utterance string `json:"utterance"`
	} `json:"turns"`
	Utterances []struct {
		Text string `json:"text"`
	} `json:"utterances"`
}

// readDialogues reads a list of dialogues, one at a time.
func readDialogues(l location, give func(*document) error, dropped func(string)) error {
	f, err := l.open()
	if err != nil {
		return err
	}
	defer f.Close()
	bad := func(err error) error { return &data.RowError{File: l.real, Err: err} }
	in := json.NewDecoder(bufio.NewReader(f))
	if t, err := in.Token(); err != nil || t != json.Delim('[') {
		return bad(errors.Join(errors.New("want a JSON list of dialogues"), err))
	}
	some := false
	for n := 1; in.More(); n++ {
		var one dialogue
		if err := in.Decode(&one); err != nil {
			return bad(fmt.Errorf("dialogue %d: %w", n, err))
		}
		d := &document{dialogue: true}
		for _, t := range one.Turns {
			d.addTurn(t.Utterance)
		}
		for _, t := range one.Utterances {
			d.addTurn(t.Text)
		}
		if len(d.lines) == 0 {
			continue
		}
		some = true
		if err := give(d); err != nil {
			return err
		}
	}
	if _, err := in.Token(); err != nil {
		return bad(fmt.Errorf("want the end of the list: %w", err))
	}
	if _, err := in.Token(); err != io.EOF {
		return bad(errors.New("got more after the list"))
	}
	if !some {
		return bad(fmt.Errorf("no dialogue has turns or utterances: %w", data.ErrEmpty))
	}
	return nil
}

// addTurn adds a line, unless it is blank.
func (d *document) addTurn(text string) {
	if text = strings.Join(strings.Fields(text), " "); text != "" {
		d.add(text)
	}
}
