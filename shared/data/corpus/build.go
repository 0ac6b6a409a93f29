package corpus

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data"
)

// Options are the choices of a run that do not change what a corpus is.
type Options struct {
	Strict bool         // text of an evaluation set is an error that wraps ErrOverlap, instead of being dropped
	Log    func(string) // takes a line for every source read, may be nil
}

// Build makes the corpus of c in the folder dir, which appears whole or not at all: NAME.txt for each source, PairsFile and ManifestFile. Each
// source streams past once, in the order of c.Sources; of texts that are alike the first is kept.
//
// Memory holds the index of the evaluation sets, less than 300 bytes for each sentence of more than 8 words and each document kept, 8-byte hashes of
// short sentences, documents and pairs, the index of one dictionary, and one document. Sets of shingles lie in the folder for temporary files.
func Build(ctx context.Context, c Config, dir string, o Options) (*Manifest, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	temp, err := os.MkdirTemp("", "fmkit-corpus-*")
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	defer os.RemoveAll(temp)
	b := &builder{ctx: ctx, config: c, o: o, temp: temp, shorts: hashSet{}, whole: hashSet{}, paired: hashSet{}}
	if err := b.open(); err != nil {
		return nil, err
	}
	defer b.close()
	err = checkpoint.Save(dir, func(d *checkpoint.Dir) error { return b.run(d) })
	if err != nil {
		return nil, err
	}
	return &b.manifest, nil
}

// A hashSet remembers hashes.
type hashSet map[uint64]struct{}

// add says whether the hash was there, and puts it there.
func (s hashSet) add(h uint64) bool {
	_, ok := s[h]
	s[h] = struct{}{}
	return ok
}

// A builder is the state of a run.
type builder struct {
	ctx      context.Context
	config   Config
	o        Options
	temp     string
	manifest Manifest

	eval      *evaluation
	sentences *duplicateFinder
	documents *duplicateFinder
	shorts    hashSet // sentences too short for the finder
	whole     hashSet // documents
	paired    hashSet // pairs

	report *SourceReport // of the source being read
	out    *textWriter
	pairs  *pairWriter
	words  []uint64
	set    []uint64
}

// open reads the evaluation sets and makes the temporary files.
func (b *builder) open() (err error) {
	b.manifest = Manifest{Seed: b.config.Seed, NearDuplicate: b.config.NearDuplicate, Exclude: []EvaluationReport{}, Pairs: map[string]int64{}}
	var files []location
	for _, l := range b.config.excluded {
		found, err := l.files(".csv", ".tsv", ".json", ".jsonl", ".ndjson")
		if err != nil {
			return fmt.Errorf("exclude: %w", err)
		}
		files = append(files, found...)
	}
	for _, f := range files {
		h, err := f.hash()
		if err != nil {
			return err
		}
		b.manifest.Exclude = append(b.manifest.Exclude, EvaluationReport{FileHash: h})
	}
	if b.eval, err = newEvaluation(files); err != nil {
		return err
	}
	if b.sentences, err = newDuplicateFinder(b.temp, b.config.NearDuplicate); err != nil {
		return err
	}
	if b.documents, err = newDuplicateFinder(b.temp, b.config.NearDuplicate); err != nil {
		b.sentences.close()
	}
	return err
}

func (b *builder) close() { _ = errors.Join(b.sentences.close(), b.documents.close()) }

// run writes all files of the folder.
func (b *builder) run(d *checkpoint.Dir) error {
	w, err := d.Create(PairsFile)
	if err != nil {
		return err
	}
	b.pairs = newPairWriter(w)
	names := []string{PairsFile}
	sizes := map[string]int64{}
	formats := formats(b.config.Seed)
	for _, s := range b.config.Sources {
		f := formats[slices.IndexFunc(formats, func(f format) bool { return f.name == s.Format })]
		n, err := b.source(d, s, f)
		if err != nil {
			return errors.Join(err, w.Close())
		}
		names = append(names, s.Name+".txt")
		sizes[s.Name+".txt"] = n
	}
	sizes[PairsFile] = b.pairs.bytes
	if err := w.Close(); err != nil {
		return err
	}
	for _, name := range names {
		b.manifest.Output = append(b.manifest.Output, data.FileHash{Path: name, Bytes: sizes[name], SHA256: d.Sums()[name]})
	}
	raw, err := b.manifest.encode()
	if err != nil {
		return err
	}
	return d.WriteFile(ManifestFile, raw)
}

// source reads a source and writes its text and pairs; it gives the size of the text.
func (b *builder) source(d *checkpoint.Dir, s Source, f format) (int64, error) {
	read, all, err := s.inputs(f)
	if err != nil {
		return 0, err
	}
	b.manifest.Sources = append(b.manifest.Sources, SourceReport{
		Name: s.Name, Format: s.Format, Weight: s.Weight, OverlapsWith: map[string]int64{}, Pairs: map[string]int64{},
	})
	b.report = &b.manifest.Sources[len(b.manifest.Sources)-1]
	for _, l := range all {
		h, err := l.hash()
		if err != nil {
			return 0, err
		}
		b.report.Files = append(b.report.Files, h)
	}
	w, err := d.Create(s.Name + ".txt")
	if err != nil {
		return 0, err
	}
	if b.out, err = newTextWriter(w, b.temp, s, b.config.Seed); err != nil {
		return 0, errors.Join(err, w.Close())
	}
	if err = f.read(read, b.document, b.leftOut); err == nil {
		err = b.out.end()
	}
	if err == nil && b.report.Kept.Documents == 0 {
		err = fmt.Errorf("corpus: source %q: nothing is left of %d sentences: %w", s.Name, b.report.Read.Sentences, data.ErrEmpty)
	}
	b.report.Written = b.out.written
	if err := errors.Join(err, b.out.close(), w.Close()); err != nil {
		return 0, err
	}
	if b.o.Log != nil {
		r := b.report
		b.o.Log(fmt.Sprintf("%s: read %d sentences, dropped %d as no running text, %d as near duplicates, %d as evaluation text, kept %d", s.Name,
			r.Read.Sentences, r.Cleaned.Sentences, r.NearDuplicates.Sentences, r.Overlaps.Sentences, r.Kept.Sentences))
	}
	return b.out.bytes, nil
}
