package corpus

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/data"
)

// maxEntry bounds an entry of a dictionary, in bytes.
const maxEntry = 1 << 20

// An entry of a dictd database is a run of bytes of its unpacked text.
type dictEntry struct {
	word           string // the first headword of the index that leads to it
	offset, length int64
	line           int // of the index
}

// dictFiles gives the two files of a dictd database: NAME.index and NAME.dict.dz, or NAME.dict. The path may name the index or leave its ending out.
func dictFiles(l location) (index, text location, err error) {
	base := location{written: strings.TrimSuffix(l.written, ".index"), real: strings.TrimSuffix(l.real, ".index")}
	index = location{written: base.written + ".index", real: base.real + ".index"}
	for _, ending := range []string{".dict.dz", ".dict"} {
		text = location{written: base.written + ending, real: base.real + ending}
		if _, err = os.Stat(text.real); err == nil {
			break
		}
	}
	if err == nil {
		_, err = os.Stat(index.real)
	}
	if err != nil {
		return index, text, fmt.Errorf("corpus: dictionary %s: %w", l.written, err)
	}
	return index, text, nil
}

// parseIndexLine reads "headword TAB offset TAB length", the numbers in base 64 with the digits A-Z a-z 0-9 + /. A fourth field, the headword as it is
// written, is allowed and preferred.
func parseIndexLine(s string) (e dictEntry, field string, err error) {
	f := strings.Split(s, "\t")
	if len(f) < 3 || len(f) > 4 {
		return e, "", fmt.Errorf("got %d fields, want headword, offset and length", len(f))
	}
	e.word = f[len(f)-1]
	if len(f) == 3 {
		e.word = f[0]
	}
	if e.offset, err = base64Number(f[1]); err != nil {
		return e, "offset", err
	}
	if e.length, err = base64Number(f[2]); err != nil {
		return e, "length", err
	}
	if e.length > maxEntry {
		return e, "length", fmt.Errorf("got %d bytes, want at most %d: %w", e.length, maxEntry, data.ErrTooLong)
	}
	return e, "", nil
}

func base64Number(s string) (int64, error) {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	if s == "" || len(s) > 8 {
		return 0, fmt.Errorf("got %q, want 1 to 8 digits", s)
	}
	var n int64
	for i := range len(s) {
		d := strings.IndexByte(digits, s[i])
		if d < 0 {
			return 0, fmt.Errorf("got %q: %q is no digit", s, s[i])
		}
		n = n<<6 | int64(d)
	}
	return n, nil
}

// readIndex reads an index in the order of the text. Words that lead to one entry are one; what describes the database itself is left out.
func readIndex(index location) ([]dictEntry, error) {
	var all []dictEntry
	err := index.eachLine(func(n int, s string) error {
		if s == "" {
			return nil
		}
		e, field, err := parseIndexLine(s)
		if err != nil {
			return &data.RowError{File: index.real, Line: n, Field: field, Err: err}
		}
		if e.line = n; !aboutItself(e.word) {
			all = append(all, e)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, &data.RowError{File: index.real, Err: data.ErrEmpty}
	}
	slices.SortStableFunc(all, func(a, b dictEntry) int {
		return cmp.Or(cmp.Compare(a.offset, b.offset), cmp.Compare(b.length, a.length))
	})
	return slices.CompactFunc(all, func(a, b dictEntry) bool { return a.offset == b.offset && a.length == b.length }), nil
}

// aboutItself says whether a headword, or an entry, describes the database.
func aboutItself(s string) bool {
	s = strings.TrimLeft(s, "\n")
	return strings.HasPrefix(s, "00-database") || strings.HasPrefix(s, "00database")
}

// eachEntry gives the entries of a database in the order of its text, which streams past. The index is held in memory. An entry that lies inside
// the one before is passed over.
func eachEntry(l location, one func(e dictEntry, text string) error) error {
	index, text, err := dictFiles(l)
	if err != nil {
		return err
	}
	entries, err := readIndex(index)
	if err != nil {
		return err
	}
	f, err := text.open()
	if err != nil {
		return err
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 256<<10)
	var at int64
	var buf []byte
	for _, e := range entries {
		if e.offset < at {
			continue
		}
		_, err := io.CopyN(io.Discard, r, e.offset-at)
		if err == nil {
			buf = slices.Grow(buf[:0], int(e.length))[:e.length]
			_, err = io.ReadFull(r, buf)
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("entry %q ends at byte %d, past the end of %s", e.word, e.offset+e.length, text.written)
			return &data.RowError{File: index.real, Line: e.line, Err: err}
		}
		if err != nil {
			return &data.RowError{File: text.real, Err: err}
		}
		at = e.offset + e.length
		if aboutItself(string(buf)) {
			continue
		}
		if err := one(e, string(buf)); err != nil {
			return err
		}
	}
	if _, err := io.Copy(io.Discard, r); err != nil { // up to the checksum
		return &data.RowError{File: text.real, Err: err}
	}
	return nil
}
