package data

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
)

// Prepared is a file that a converter wrote.
type Prepared struct {
	Path string `json:"path"`
	Rows int    `json:"rows"`
	Bad  int64  `json:"bad,omitempty"` // records skipped, for sources that are known to have some
}

// PrepareOptions are the choices of the converters that split their source.
type PrepareOptions struct {
	Held float64 // fraction held back; 0 means none of labelled texts, and 0.1 of squad
	Seed uint64
	Join []string // of squad: other files, whose questions join those on the same paragraphs
}

// preparers turn a source, a file or folder, into files of ours in a folder that exists.
var preparers = map[string]func(src, dir string, o PrepareOptions) ([]Prepared, error){
	"banking77":    prepareBanking77,
	"bitext":       prepareBitext,
	"clinc150":     prepareCLINC150,
	"multidogo":    prepareMultiDoGO,
	"passages":     preparePassages,
	"qmsum":        prepareQMSum,
	"restaurant8k": prepareRestaurant8k,
	"scitldr":      prepareSciTLDR,
	"snips":        prepareSNIPS,
	"snips-slots":  prepareSNIPSSlots,
	"squad":        prepareSQuAD,
}

// PrepareNames lists the data sets that Prepare knows, sorted.
func PrepareNames() []string {
	names := make([]string, 0, len(preparers))
	for n := range preparers {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// Prepare converts a known data set, as published, into our layouts: src is its file or folder, dir is made when missing. Every file
// appears whole or not at all. What each name takes and writes:
//
//	banking77  train.csv (text,category)            -> train.csv, and held.csv where some are held back, of every class alike
//	bitext     train.csv (utterance, intent, ...)   -> the same
//	clinc150   data_full.json                       -> train.csv, val.csv, ... one for each list
//	multidogo  folder of <domain>/train.tsv|dev.tsv -> train.jsonl, dev.jsonl (text: a conversation's turns, one a line),
//	                                                   train-intents.csv, dev-intents.csv (turns of a single intent),
//	                                                   train-dialogues.jsonl, dev-dialogues.jsonl (turns with intent and slots)
//	passages   SQuAD JSON, QMSum or summary JSONL   -> <folder>-<name>.jsonl (text: paragraphs or sources, for pretraining)
//	qmsum      train.jsonl                          -> same name (id, query, source turns, target)
//	restaurant8k  train_0.json                      -> train.jsonl (tokens, tags), and held.jsonl where some are held back
//	scitldr    train.jsonl                          -> same name (id, source sentences, targets)
//	snips      folder of train_<intent>_full.json   -> the same as banking77
//	snips-slots  the same                           -> the same as restaurant8k
//	squad      SQuAD JSON, and more to join it      -> train.json, held.json, split by article
func Prepare(name, src, dir string, o PrepareOptions) ([]Prepared, error) {
	f, ok := preparers[name]
	if !ok {
		return nil, fmt.Errorf("data: prepare: unknown data set %q, want one of %q", name, PrepareNames())
	}
	if len(o.Join) > 0 && name != "squad" {
		return nil, fmt.Errorf("data: prepare %s: got files to join, want none but with squad", name)
	}
	if o.Held < 0 || o.Held >= 1 {
		return nil, fmt.Errorf("data: prepare: held-back fraction is %g, want 0 to 1", o.Held)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("data: prepare: %w", err)
	}
	for _, src := range append([]string{src}, o.Join...) {
		for _, from := range []string{src, filepath.Dir(src)} {
			same, err := sameFile(from, dir)
			if err != nil {
				return nil, err
			}
			if same {
				return nil, fmt.Errorf("data: prepare: folder %s holds the source %s, want another one", dir, src)
			}
		}
	}
	out, err := f(src, dir, o)
	if err != nil {
		return nil, fmt.Errorf("prepare %s: %w", name, err)
	}
	return out, nil
}

// WriteLabelled streams labelled texts into a CSV file with header text,label and gives the number of rows.
func WriteLabelled(path string, rows iter.Seq2[Labelled, error]) (int, error) {
	return writeAtomic(path, rows, func(w *bufio.Writer) (func(Labelled) error, func() error) {
		c := csv.NewWriter(w)
		err := c.Write([]string{"text", "label"})
		return func(r Labelled) error { return errors.Join(err, c.Write([]string{r.Text, r.Label})) },
			func() error { c.Flush(); return c.Error() }
	})
}

// WriteJSONL streams records into a file of one JSON object a line and gives the number of lines.
func WriteJSONL[T any](path string, rows iter.Seq2[T, error]) (int, error) {
	return writeAtomic(path, rows, func(w *bufio.Writer) (func(T) error, func() error) {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		return func(r T) error { return e.Encode(r) }, func() error { return nil }
	})
}

// writeAtomic streams rows through an encoder into a file that appears when all went well.
func writeAtomic[T any](path string, rows iter.Seq2[T, error], encoder func(*bufio.Writer) (one func(T) error, end func() error)) (int, error) {
	f, err := createAtomic(path)
	if err != nil {
		return 0, err
	}
	defer f.abort()
	w := bufio.NewWriterSize(f, 256<<10)
	one, end := encoder(w)
	n := 0
	for r, err := range rows {
		if err == nil {
			err = one(r)
		}
		if err != nil {
			return n, err
		}
		n++
	}
	if n == 0 {
		return 0, fmt.Errorf("data: %s: %w", path, ErrEmpty)
	}
	if err := errors.Join(end(), w.Flush()); err != nil {
		return n, fmt.Errorf("data: %w", err)
	}
	return n, f.commit()
}

func prepareBanking77(src, dir string, o PrepareOptions) ([]Prepared, error) {
	return prepareLabelled(dir, ReadLabelled(src, LabelledOptions{Label: "category"}), o)
}

func prepareBitext(src, dir string, o PrepareOptions) ([]Prepared, error) {
	return prepareLabelled(dir, ReadLabelled(src, LabelledOptions{Text: "utterance", Label: "intent"}), o)
}

// prepareLabelled writes train.csv and, where texts are held back, held.csv; only then it holds all texts in memory.
func prepareLabelled(dir string, rows iter.Seq2[Labelled, error], o PrepareOptions) ([]Prepared, error) {
	var out []Prepared
	write := func(name string, rows iter.Seq2[Labelled, error]) error {
		path := filepath.Join(dir, name)
		n, err := WriteLabelled(path, rows)
		out = append(out, Prepared{Path: path, Rows: n})
		return err
	}
	if o.Held == 0 {
		err := write("train.csv", rows)
		return out, err
	}
	var all []Labelled
	var labels []string
	for r, err := range rows {
		if err != nil {
			return nil, err
		}
		all, labels = append(all, r), append(labels, r.Label)
	}
	train, held := SplitStratified(labels, o.Held, o.Seed)
	given := func(at []int) iter.Seq2[Labelled, error] {
		return func(yield func(Labelled, error) bool) {
			for _, i := range at {
				if !yield(all[i], nil) {
					return
				}
			}
		}
	}
	if err := write("train.csv", given(train)); err != nil {
		return nil, err
	}
	err := write("held.csv", given(held))
	return out, err
}

// summaryRow is our layout of a document with summaries.
type summaryRow struct {
	ID     string   `json:"id,omitempty"`
	Query  string   `json:"query,omitempty"`
	Source any      `json:"source"` // a text, or a list of sentences
	Target []string `json:"target"`
}

func prepareSciTLDR(src, dir string, _ PrepareOptions) ([]Prepared, error) {
	return prepareSummaries(src, dir, ReadSummaries(src, SummaryOptions{}))
}

func prepareQMSum(src, dir string, _ PrepareOptions) ([]Prepared, error) {
	return prepareSummaries(src, dir, ReadQMSum(src))
}

func prepareSummaries(src, dir string, in iter.Seq2[Summary, error]) ([]Prepared, error) {
	path := filepath.Join(dir, filepath.Base(src))
	n, err := WriteJSONL(path, func(yield func(summaryRow, error) bool) {
		for s, err := range in {
			row := summaryRow{ID: s.ID, Query: s.Query, Source: s.Source, Target: s.Targets}
			if s.Sentences != nil {
				row.Source = s.Sentences
			}
			if !yield(row, err) {
				return
			}
		}
	})
	return []Prepared{{Path: path, Rows: n}}, err
}

func sameFile(a, b string) (bool, error) {
	x, err := os.Stat(a)
	if err != nil {
		return false, fmt.Errorf("data: prepare: %w", err)
	}
	y, err := os.Stat(b)
	if err != nil {
		return false, fmt.Errorf("data: prepare: %w", err)
	}
	return os.SameFile(x, y), nil
}
