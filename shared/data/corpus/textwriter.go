package corpus

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/fmkit/fmkit/shared/random"
)

// A textWriter writes the documents of a source, as often as its weight says: a sentence a line, a blank line between documents.
type textWriter struct {
	w       io.Writer
	bytes   int64
	written Count
	key     uint64
	full    int     // passes over all documents
	part    float64 // of the documents in a pass after those
	n       uint64  // documents seen
	spool   *os.File
	copy    *bufio.Writer // to the spool, nil where the documents are read once
}

func newTextWriter(w io.Writer, temp string, s Source, seed uint64) (*textWriter, error) {
	t := &textWriter{w: w, key: random.Key(seed, "corpus.weight."+s.Name), full: int(s.Weight)}
	t.part = s.Weight - math.Floor(s.Weight)
	if t.full > 1 || t.full == 1 && t.part > 0 {
		f, err := os.CreateTemp(temp, "documents.*")
		if err != nil {
			return nil, fmt.Errorf("corpus: %w", err)
		}
		t.spool, t.copy = f, bufio.NewWriterSize(f, 256<<10)
	}
	return t, nil
}

// drawn says whether document n is in the pass over a part.
func (t *textWriter) drawn(n uint64) bool {
	return float64(random.Mix(t.key, n)>>11)*0x1p-53 < t.part
}

// document takes a document and says whether it is written at all.
func (t *textWriter) document(d *document) (bool, error) {
	n := t.n
	t.n++
	if t.full == 0 && !t.drawn(n) {
		return false, nil
	}
	lines := make([]string, len(d.lines))
	for i, l := range d.lines {
		lines[i] = l.text
	}
	text := strings.Join(lines, "\n") + "\n"
	if t.copy != nil {
		if _, err := t.copy.WriteString(text + "\n"); err != nil {
			return true, fmt.Errorf("corpus: %w", err)
		}
	}
	return true, t.write(text)
}

func (t *textWriter) write(text string) error {
	if t.written.Documents > 0 {
		text = "\n" + text
	}
	t.written.Documents++
	for line := range strings.Lines(text) {
		if line != "\n" {
			t.written.line(line)
		}
	}
	t.bytes += int64(len(text))
	_, err := io.WriteString(t.w, text)
	return err
}

// end writes the passes after the first.
func (t *textWriter) end() error {
	if t.copy == nil {
		return nil
	}
	if err := t.copy.Flush(); err != nil {
		return fmt.Errorf("corpus: %w", err)
	}
	for pass := 1; pass <= t.full; pass++ {
		if pass == t.full && t.part == 0 {
			break
		}
		if _, err := t.spool.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("corpus: %w", err)
		}
		if err := t.pass(pass == t.full); err != nil {
			return err
		}
	}
	return nil
}

// pass writes the spooled documents once more, all or those drawn.
func (t *textWriter) pass(part bool) error {
	r := bufio.NewReaderSize(t.spool, 256<<10)
	var doc strings.Builder
	for n := uint64(0); ; {
		s, err := r.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("corpus: %w", err)
		}
		if s != "\n" {
			doc.WriteString(s)
			continue
		}
		if !part || t.drawn(n) {
			if err := t.write(doc.String()); err != nil {
				return err
			}
		}
		doc.Reset()
		n++
	}
}

func (t *textWriter) close() error {
	if t.spool == nil {
		return nil
	}
	return t.spool.Close()
}
