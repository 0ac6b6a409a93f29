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

// prepareSQuAD splits a SQuAD file by article into train.json and held.json, in file order; questions of the files of o.Join go to the paragraphs that they
// ask about. Articles that share a title or a paragraph stay on one side. Without o.Join it reads the source four times and holds one article, else it
// holds them all.
func prepareSQuAD(src, dir string, o PrepareOptions) ([]Prepared, error) {
	if err := checkSQuAD(append([]string{src}, o.Join...)); err != nil {
		return nil, err
	}
	articles := func(one func(json.RawMessage) error) error { return squadArticles(src, one) }
	if len(o.Join) > 0 {
		var err error
		if articles, err = joinSQuAD(src, o.Join); err != nil {
			return nil, err
		}
	}
	groups, err := squadGroups(articles)
	if err != nil {
		return nil, err
	}
	if o.Held == 0 {
		o.Held = 0.1
	}
	train, held := SplitGroups(groups, o.Held, o.Seed)
	if len(train) == 0 || len(held) == 0 {
		return nil, &RowError{File: src, Err: fmt.Errorf("got %d articles, want at least 2 that share no paragraph", len(groups))}
	}
	var out []Prepared
	for _, side := range []string{"train", "held"} {
		path := filepath.Join(dir, side+".json")
		n, err := writeSQuAD(path, articles, func(i int) bool {
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

// checkSQuAD reads every answer of the files, and refuses a question of one file that has the identifier of another file's.
func checkSQuAD(paths []string) error {
	from := map[string]int{} // by identifier, the file
	for i, path := range paths {
		for q, err := range ReadSQuAD(path) {
			if err != nil {
				return err
			}
			if j, seen := from[q.ID]; seen && j != i {
				return &RowError{File: path, Field: "id", Err: fmt.Errorf("question %q is one of %s too", q.ID, paths[j])}
			}
			from[q.ID] = i
		}
	}
	return nil
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
func writeSQuAD(path string, articles squadSource, keep func(int) bool) (questions int, err error) {
	f, err := createAtomic(path)
	if err != nil {
		return 0, err
	}
	defer f.abort()
	w := bufio.NewWriterSize(f, 256<<10)
	w.WriteString(`{"data": [`)
	i, kept := 0, 0
	err = articles(func(a json.RawMessage) error {
		i++
		if !keep(i - 1) {
			return nil
		}
		var count struct{ Paragraphs []struct{ QAs []struct{} } }
		if err := json.Unmarshal(a, &count); err != nil {
			return fmt.Errorf("data: %s: article %d: %w", path, i-1, err)
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
