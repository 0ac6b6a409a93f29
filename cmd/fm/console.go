package main

import (
	"encoding/json"
	"io"
	"os"
)

// A console is where a verb reads and writes.
type console struct {
	in   io.Reader
	out  io.Writer // the answer
	log  io.Writer // what is going on
	json bool
}

// answer ends a verb: v as one line of JSON, or what text writes for a person.
func (c *console) answer(v any, text func(io.Writer) error) error {
	if c.json {
		return c.object(v)
	}
	return text(c.out)
}

// object writes one line of JSON.
func (c *console) object(v any) error { return writeLine(c.out, v) }

// writeLine writes v as one line of JSON, text as it is.
func writeLine(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// terminal tells whether a person watches the log.
func (c *console) terminal() bool {
	f, ok := c.log.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
