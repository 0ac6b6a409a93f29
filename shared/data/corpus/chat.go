package corpus

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/fmkit/fmkit/shared/data"
)

// said is a line of a chat's log: a time, who said it, and what; spokenTo is the name that it begins with when it is said to somebody.
var (
	said     = regexp.MustCompile(`^\[\d\d:\d\d(?::\d\d)?\] <[^>]*> (.*)$`)
	spokenTo = regexp.MustCompile("^[\\pL\\pN_|`^{}\\[\\]-]+[:,] ")
)

// readIRC reads the log of a channel: what is said, a line each, without names. Who comes and goes is left out. Several talk at once, so that a line is
// no answer to the one before.
func readIRC(l location, give func(*document) error, dropped func(string)) error {
	d := &document{dialogue: true}
	err := l.eachLine(func(_ int, s string) error {
		if m := said.FindStringSubmatch(s); m != nil {
			d.addTurn(spokenTo.ReplaceAllString(m[1], ""))
		} else if strings.TrimSpace(s) != "" {
			dropped(s)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(d.lines) == 0 {
		return &data.RowError{File: l.real, Err: fmt.Errorf("no line is [hh:mm] <name> text: %w", data.ErrEmpty)}
	}
	for i := range d.lines {
		d.lines[i].aside = true
	}
	return give(d)
}

// turnColumn names the columns of the Self-dialogue Corpus that hold turns, by their number.
var turnColumn = regexp.MustCompile(`^Answer\.sentence(\d{1,3})$`)

// readSelfDialogues reads CSV with a dialogue a row and a turn a column.
func readSelfDialogues(l location, give func(*document) error, dropped func(string)) error {
	f, err := l.open()
	if err != nil {
		return err
	}
	defer f.Close()
	in := csv.NewReader(bufio.NewReader(f))
	in.FieldsPerRecord = -1
	bad := func(err error) error { return &data.RowError{File: l.real, Err: err} }
	header, err := in.Read()
	if err != nil {
		return bad(fmt.Errorf("no header: %w", errors.Join(data.ErrEmpty, err)))
	}
	turns := turnColumns(header)
	if len(turns) == 0 {
		return bad(fmt.Errorf("the header %q has no column Answer.sentence1", header))
	}
	some := false
	for {
		row, err := in.Read()
		if err == io.EOF && !some {
			return bad(fmt.Errorf("no row has turns: %w", data.ErrEmpty))
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return bad(err)
		}
		d := &document{dialogue: true}
		for _, i := range turns {
			if i < len(row) {
				d.addTurn(row[i])
			}
		}
		if len(d.lines) == 0 {
			continue
		}
		some = true
		if err := give(d); err != nil {
			return err
		}
	}
}

// turnColumns lists the columns of turns in the order of their numbers.
func turnColumns(header []string) []int {
	type column struct{ number, at int }
	var all []column
	for i, name := range header {
		if m := turnColumn.FindStringSubmatch(strings.TrimSpace(name)); m != nil {
			n, _ := strconv.Atoi(m[1])
			all = append(all, column{n, i})
		}
	}
	slices.SortStableFunc(all, func(a, b column) int { return cmp.Compare(a.number, b.number) })
	at := make([]int, len(all))
	for i, c := range all {
		at[i] = c.at
	}
	return at
}
