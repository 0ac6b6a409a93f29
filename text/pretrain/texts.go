package pretrain

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/data/corpus"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// texts are the files that a run reads: those of a corpus folder, which says where they came from and where documents end, or plain ones, where
// a file is a document.
type texts struct {
	paths    []string
	pairs    []string
	blank    int // blank lines that end a document; 0: a file is one
	manifest *corpus.Manifest
	files    []data.FileHash // of paths and, before them, the manifest
	pairSums []data.FileHash
}

// openTexts finds and hashes them. A corpus folder stands by itself; its pairs are taken where an objective wants pairs and none are named.
func openTexts(o Options, wantsPairs bool) (*texts, error) {
	t := &texts{paths: o.Data, pairs: o.Pairs}
	hashed := t.paths
	for _, p := range o.Data {
		name := filepath.Join(p, corpus.ManifestFile)
		raw, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) || err != nil && !isDir(p) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("pretrain: %w", err)
		}
		if len(o.Data) > 1 {
			return nil, fmt.Errorf("%w: data: %s is a corpus: got %d paths, want it alone", ErrConfig, p, len(o.Data))
		}
		t.manifest, t.blank = new(corpus.Manifest), 1
		if err := strictjson.Decode(raw, t.manifest, strictjson.Limits{Bytes: 64 << 20}); err != nil {
			return nil, fmt.Errorf("pretrain: %s: %w", name, err)
		}
		t.paths = nil
		for _, f := range t.manifest.Output {
			switch path := filepath.Join(p, filepath.Base(f.Path)); {
			case filepath.Ext(f.Path) == ".txt":
				t.paths = append(t.paths, path)
			case filepath.Base(f.Path) == corpus.PairsFile && wantsPairs && len(o.Pairs) == 0:
				t.pairs = append(t.pairs, path)
			}
		}
		hashed = append([]string{name}, t.paths...)
	}
	var err error
	if t.files, err = data.HashFiles(hashed...); err != nil {
		return nil, err
	}
	if len(t.pairs) > 0 {
		t.pairSums, err = data.HashFiles(t.pairs...)
	}
	return t, err
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// documents streams the documents.
func (t *texts) documents() iter.Seq2[string, error] {
	return (&data.Text{Paths: t.paths, Blank: t.blank}).Documents()
}

// lines streams the lines that aren't blank.
func (t *texts) lines() iter.Seq2[string, error] { return data.Lines(t.paths...) }
