package search

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"time"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/text"
)

// Task is what the passport of an index says, and Method its method.
const (
	Task   = "search"
	Method = "index"
)

const passagesFile = "passages.jsonl"

// most bounds vectors and passages, so that a passport can't ask for all memory.
const (
	mostValues = 1 << 32
	mostBytes  = 16 << 30
)

// stored is what the passport holds as settings.
type stored struct {
	Settings
	Passages int    `json:"passages"` // N
	Width    int    `json:"width"`    // D
	SHA256   string `json:"sha256"`   // of passages.jsonl
}

// Save makes or replaces the folder dir. sources are the files that the passages come from, for Verify; none for passages from elsewhere.
func (x *Index) Save(dir string, sources []adapter.Source) (*adapter.Passport, error) {
	if x.Len() == 0 {
		return nil, fmt.Errorf("search: save: %w", data.ErrEmpty)
	}
	var texts bytes.Buffer
	e := json.NewEncoder(&texts)
	e.SetEscapeHTML(false)
	for _, p := range x.passages {
		if err := e.Encode(p); err != nil {
			return nil, fmt.Errorf("search: save: %w", err)
		}
	}
	sum := sha256.Sum256(texts.Bytes())
	settings, err := json.Marshal(stored{x.settings, x.Len(), x.Width(), hex.EncodeToString(sum[:])})
	if err != nil {
		return nil, fmt.Errorf("search: save: %w", err)
	}
	recipe, err := json.Marshal(x.settings)
	if err != nil {
		return nil, fmt.Errorf("search: save: %w", err)
	}
	if len(sources) == 0 {
		s, err := adapter.ValueSource("train", x.passages)
		if err != nil {
			return nil, fmt.Errorf("search: save: %w", err)
		}
		sources = []adapter.Source{s}
	}
	p, err := adapter.Save(dir, adapter.Passport{
		Task: Task, Method: Method, DType: "F16", Settings: settings, Recipe: recipe, Base: x.base.Identity(), Data: sources,
	}, "FEATURE_EXTRACTION", []*nn.Param{x.param()}, map[string][]byte{passagesFile: texts.Bytes()})
	if err != nil {
		return nil, fmt.Errorf("search: save: %w", err)
	}
	return p, nil
}

// Load attaches the index folder dir to its base. It returns adapter.ErrBaseMismatch for another base than the index was made on, adapter.ErrTask for another
// task's adapter, and an error that wraps adapter's ErrPassport, ErrTensors or ErrDigest, or one of checkpoint's, for a damaged one.
func Load(dir string, base *text.Model) (*Index, error) {
	return adapter.In(dir, func(fsys fs.FS) (*Index, error) { return LoadFS(fsys, base) })
}

// LoadFS is Load from the root of fsys, whose files must be able to read at an offset, as embedded ones are.
func LoadFS(fsys fs.FS, base *text.Model) (*Index, error) {
	f, err := adapter.OpenFS(fsys)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p := f.Passport
	if err := p.Attach(Task, base.Fingerprint()); err != nil {
		return nil, err
	}
	var s stored
	if err := strictjson.Decode(p.Settings, &s, strictjson.Limits{}); err != nil {
		return nil, fmt.Errorf("search: %w: settings: %w", adapter.ErrPassport, err)
	}
	if p.Method != Method {
		return nil, fmt.Errorf("search: %w: method: got %q, want %q", adapter.ErrPassport, p.Method, Method)
	}
	x, err := New(base, s.Settings)
	if err != nil {
		return nil, err
	}
	if s.Width != x.Width() || s.Passages < 1 || s.Passages > mostValues/s.Width {
		return nil, fmt.Errorf("search: %w: settings: got %d passages of width %d, want 1 to %d of %d", adapter.ErrPassport, s.Passages, s.Width, mostValues/x.Width(), x.Width())
	}
	if x.passages, err = readPassages(fsys, &s); err != nil {
		return nil, err
	}
	x.vectors = make([]float32, s.Passages*s.Width)
	x.passport = p
	if err := f.Fill([]*nn.Param{x.param()}); err != nil {
		return nil, err
	}
	x.pack()
	return x, nil
}

// readPassages reads the texts of an index, before any memory is taken for its vectors.
func readPassages(fsys fs.FS, s *stored) ([]data.Passage, error) {
	info, err := fs.Stat(fsys, passagesFile)
	if err != nil {
		return nil, fmt.Errorf("search: %w: %w", adapter.ErrPassport, err)
	}
	if !info.Mode().IsRegular() || info.Size() > mostBytes {
		return nil, fmt.Errorf("search: %w: %s: got no regular file of at most %d bytes", adapter.ErrPassport, passagesFile, int64(mostBytes))
	}
	raw, err := fs.ReadFile(fsys, passagesFile)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	sum := sha256.Sum256(raw)
	if got := hex.EncodeToString(sum[:]); got != s.SHA256 {
		return nil, fmt.Errorf("search: %s: %w: got %s, want %s", passagesFile, adapter.ErrDigest, got, s.SHA256)
	}
	all, err := data.Collect(data.ParsePassages(bytes.NewReader(raw), passagesFile))
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	if len(all) != s.Passages {
		return nil, fmt.Errorf("search: %w: %s has %d passages, want %d", adapter.ErrPassport, passagesFile, len(all), s.Passages)
	}
	return all, nil
}

// Build makes an index of the passages in a file and, unless dir is empty, its folder.
func Build(ctx context.Context, base *text.Model, path string, s Settings, dir string) (*Index, *adapter.Passport, error) {
	passages, err := data.Collect(data.ReadPassages(path))
	if err != nil {
		return nil, nil, err
	}
	source, err := adapter.FileSource("train", path)
	if err != nil {
		return nil, nil, err
	}
	x, err := New(base, s)
	if err != nil {
		return nil, nil, err
	}
	if err := x.Add(ctx, passages); err != nil {
		return nil, nil, err
	}
	p, err := x.Save(dir, []adapter.Source{source})
	return x, p, err
}

// Verify makes the index in dir again from its passport and compares the digests. Base and data must be those it was made on.
func Verify(ctx context.Context, dir string, base *text.Model) (adapter.Verification, error) {
	began := time.Now()
	x, err := Load(dir, base)
	if err != nil {
		return adapter.Verification{}, err
	}
	p := x.Passport()
	if len(p.Data) != 1 {
		return adapter.Verification{}, fmt.Errorf("search: %w: data: got %d sources, want 1", adapter.ErrPassport, len(p.Data))
	}
	if err := p.Data[0].Check(); err != nil {
		return adapter.Verification{}, err
	}
	_, again, err := Build(ctx, base, p.Data[0].Path, x.Settings(), "")
	if err != nil {
		return adapter.Verification{}, err
	}
	return adapter.Verification{Want: p.Digest, Got: again.Digest, Match: again.Digest == p.Digest, Seconds: time.Since(began).Seconds()}, nil
}
