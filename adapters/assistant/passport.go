package assistant

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/adapters/search"
	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/strictjson"
)

const (
	passportFile = "assistant.json"
	format       = 1
	maxPassport  = 16 << 20
)

// Names of the parts, which are those of their folders.
const (
	Intents   = "intents"
	Slots     = "slots"
	Knowledge = "knowledge"
	Points    = "qa"
)

// partNames has the parts in their order, with the tasks that they are adapters for.
var partNames = []struct{ name, task string }{{Intents, classifier.Task}, {Slots, tagger.Task}, {Knowledge, search.Task}, {Points, qa.Task}}

// A Passport says what an assistant is and where it comes from. assistant.json holds it.
type Passport struct {
	Format       int              `json:"format"`
	Task         string           `json:"task"` // assist
	Parts        []Part           `json:"parts"`
	Settings     Settings         `json:"settings"`
	Data         []adapter.Source `json:"data"`   // that it was made from; none: it was put together from adapters that were there
	Recipe       json.RawMessage  `json:"recipe"` // the whole configuration of its making; null without
	RecipeSHA256 string           `json:"recipe_sha256"`
	Metrics      adapter.Scores   `json:"metrics"`
	Digest       string           `json:"digest"` // of the parts' digests and the settings
}

// A Part is an adapter that the assistant is made of, in the folder of its name.
type Part struct {
	Name   string       `json:"name"` // intents, slots, knowledge or qa
	Task   string       `json:"task"`
	Base   adapter.Base `json:"base"`
	Digest string       `json:"digest"` // of its weights
	SHA256 string       `json:"sha256"` // of its fmkit.json, which has the digests of the rest
}

// digestOf is what a passport's parts and settings come to.
func digestOf(parts []Part, s Settings) (string, error) {
	type part struct{ Name, Task, Digest string }
	short := make([]part, len(parts))
	for i, p := range parts {
		short[i] = part{p.Name, p.Task, p.Digest}
	}
	raw, err := json.Marshal(struct {
		Parts    []part
		Settings Settings
	}{short, s})
	if err != nil {
		return "", fmt.Errorf("assistant: digest: %w", err)
	}
	return sumOf(raw), nil
}

// Seal fills in the sum of the recipe and the digest.
func (p *Passport) Seal() (err error) {
	if len(p.Recipe) == 0 {
		p.Recipe = json.RawMessage("null")
	}
	if p.RecipeSHA256, err = adapter.RecipeSum(p.Recipe); err != nil {
		return fmt.Errorf("assistant: %w", err)
	}
	p.Digest, err = digestOf(p.Parts, p.Settings)
	return err
}

func writeJSON(d *checkpoint.Dir, p *Passport) error {
	raw, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	return d.WriteFile(passportFile, append(raw, '\n'))
}

func sumOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// IsAssistant says whether the folder at the root of fsys has the passport of an assistant.
func IsAssistant(fsys fs.FS) bool {
	info, err := fs.Stat(fsys, passportFile)
	return err == nil && info.Mode().IsRegular()
}

// ReadPassport reads assistant.json at the root of fsys, and no part. Errors wrap adapter.ErrPassport, or adapter.ErrDigest where settings or parts are not those that the
// digest is of.
func ReadPassport(fsys fs.FS) (*Passport, error) {
	bad := func(err error) error {
		return fmt.Errorf("assistant: %w: %s: %w", adapter.ErrPassport, passportFile, err)
	}
	raw, err := readSmall(fsys, passportFile)
	if err != nil {
		return nil, bad(err)
	}
	var p Passport
	if err := strictjson.Decode(raw, &p, strictjson.Limits{Bytes: maxPassport}); err != nil {
		return nil, bad(err)
	}
	switch {
	case p.Format != format:
		return nil, bad(fmt.Errorf("format: got %d, want %d", p.Format, format))
	case p.Task != Task:
		return nil, fmt.Errorf("assistant: %w: got %q, want %q", adapter.ErrTask, p.Task, Task)
	}
	next := 0
	for _, part := range p.Parts { // in their order, each once, the first one always
		at := slices.IndexFunc(partNames, func(n struct{ name, task string }) bool { return n.name == part.Name && n.task == part.Task })
		if at < next || next == 0 && at != 0 {
			return nil, bad(fmt.Errorf("parts: got %.40q for %.40q", part.Name, part.Task))
		}
		next = at + 1
	}
	if next == 0 {
		return nil, bad(fmt.Errorf("parts: want %s at least", Intents))
	}
	if sum, err := adapter.RecipeSum(p.Recipe); err != nil || sum != p.RecipeSHA256 {
		return nil, bad(fmt.Errorf("%w: got %s, want %s", adapter.ErrRecipe, sum, p.RecipeSHA256))
	}
	got, err := digestOf(p.Parts, p.Settings)
	if err != nil {
		return nil, err
	}
	if got != p.Digest {
		return nil, fmt.Errorf("assistant: %s: %w: got %s, want %s", passportFile, adapter.ErrDigest, got, p.Digest)
	}
	return &p, nil
}

// readSmall reads a regular file of a sensible size.
func readSmall(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxPassport {
		return nil, fmt.Errorf("%s: want a regular file of at most %d bytes", name, maxPassport)
	}
	return fs.ReadFile(fsys, name)
}
