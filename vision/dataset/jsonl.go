package dataset

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// parseJSONL streams the rows of a JSONL manifest, one object a line; blank lines are passed over, unknown keys are errors. name is
// used in errors.
func parseJSONL(r io.Reader, name string) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		s := bufio.NewScanner(skipBOM(r))
		s.Buffer(nil, maxRecord)
		n, line := 0, 0
		for s.Scan() {
			line++
			if len(bytes.TrimSpace(s.Bytes())) == 0 {
				continue
			}
			n++
			got := row{line: line}
			var field string
			err := strictjson.Decode(s.Bytes(), &got, strictjson.Limits{})
			if err == nil {
				field, err = got.check()
			}
			if err != nil {
				yield(row{}, &data.RowError{File: name, Line: line, Field: field, Err: err})
				return
			}
			if !yield(got, nil) {
				return
			}
		}
		err := s.Err()
		switch {
		case errors.Is(err, bufio.ErrTooLong):
			err = fmt.Errorf("%w: want at most %d bytes", data.ErrTooLong, maxRecord)
		case err == nil && n == 0:
			line, err = -1, data.ErrEmpty
		}
		if err != nil {
			yield(row{}, &data.RowError{File: name, Line: line + 1, Err: err})
		}
	}
}

// writeJSONL writes a manifest that parseJSONL reads.
func writeJSONL(w io.Writer, rows []row) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for _, r := range rows {
		if err := e.Encode(r); err != nil {
			return fmt.Errorf("dataset: %w", err)
		}
	}
	return nil
}
