package data

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
)

// errStopped ends a walk whose consumer has had enough.
var errStopped = errors.New("stopped")

// prepareSQuAD splits a SQuAD file by article into train.json and held.json, in file order. It reads the source three times and holds one
// article.
func prepareSQuAD(src, dir string, o PrepareOptions) ([]Prepared, error) {
	for _, err := range ReadSQuAD(src) { // checks every answer first
		if err != nil {
			return nil, err
		}
	}
	articles := 0
	if err := squadArticles(src, func(json.RawMessage) error { articles++; return nil }); err != nil {
		return nil, err
	}
	if articles < 2 {
		return nil, &RowError{File: src, Err: fmt.Errorf("got %d articles, want at least 2 to split", articles)}
	}
	if o.Held == 0 {
		o.Held = 0.1
	}
	_, held := Split(articles, o.Held, o.Seed)
	var out []Prepared
	for _, side := range []string{"train", "held"} {
		path := filepath.Join(dir, side+".json")
		n, err := writeSQuAD(path, src, func(i int) bool {
			_, isHeld := slices.BinarySearch(held, i)
			return isHeld == (side == "held")
		})
		if err != nil {
			return nil, err
		}
		out = append(out, Prepared{Path: path, Rows: n})
	}
	return out, nil
}

// squadArticles gives the raw articles of a SQuAD file.
func squadArticles(src string, one func(json.RawMessage) error) error {
	f, err := openData(src)
	if err != nil {
		return err
	}
	defer f.Close()
	p := newObjectReader(f, src)
	err = p.object(func(key string) error {
		if key != "data" {
			return p.skip()
		}
		return p.array(func() error {
			var a json.RawMessage
			if err := p.decode(&a); err != nil {
				return err
			}
			return one(a)
		})
	})
	if err != nil {
		return err
	}
	return p.end()
}

// writeSQuAD writes the articles whose number keep accepts and gives how many questions they have.
func writeSQuAD(path, src string, keep func(int) bool) (questions int, err error) {
	f, err := createAtomic(path)
	if err != nil {
		return 0, err
	}
	defer f.abort()
	w := bufio.NewWriterSize(f, 256<<10)
	w.WriteString(`{"data": [`)
	i, kept := 0, 0
	err = squadArticles(src, func(a json.RawMessage) error {
		i++
		if !keep(i - 1) {
			return nil
		}
		var count struct{ Paragraphs []struct{ QAs []struct{} } }
		if err := json.Unmarshal(a, &count); err != nil {
			return fmt.Errorf("data: %s: article %d: %w", src, i-1, err)
		}
		for _, p := range count.Paragraphs {
			questions += len(p.QAs)
		}
		if kept++; kept > 1 {
			w.WriteString(",\n")
		}
		_, err := w.Write(a)
		return err
	})
	if err != nil {
		return 0, err
	}
	w.WriteString("]}\n")
	if err := w.Flush(); err != nil {
		return 0, fmt.Errorf("data: %w", err)
	}
	return questions, f.commit()
}
