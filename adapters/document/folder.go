package document

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/text"
)

// Task is what the passport of a document's folder says, and Method its method.
const (
	Task   = "document"
	Method = "parts"
)

// A folder has the passport, whose digest is the SHA-256 of document.json, and the parts' folders.
const (
	settingsFile = "document.json"
	partsFolder  = "parts"

	passportFile = "fmkit.json"
	configFile   = peft.ConfigFile
	weightsFile  = peft.WeightsFile
)

// most bytes of files.
const (
	mostSettings = 16 << 20
	mostPart     = 4 << 30
)

// stored is document.json.
type stored struct {
	Settings
	Parts map[string]part `json:"parts"`
}

// A part is what document.json holds a part's folder to.
type part struct {
	Task     string `json:"task"`
	Digest   string `json:"digest"`   // of the weights, as the part's passport has it
	Passport string `json:"passport"` // SHA-256 of the part's fmkit.json: labels and settings
}

// partTasks says what the parts are for, in their order.
var partTasks = []struct{ name, task string }{
	{partType, classifier.Task}, {partEntities, tagger.Task}, {partSummary, summarizer.Task}, {partAnswers, qa.Task},
}

// Assemble puts trained adapters on one base together in the folder dir, which replaces one that is there. parts has the adapter folders by the names of parts: type, entities,
// summary, answers. With documents whose answers are known the threshold is the one that Calibrate gives on them. It returns what New, and the parts' own loading, refuse; then nothing is
// written.
func Assemble(ctx context.Context, dir string, base *text.Model, parts map[string]string, s Settings, known []data.Document) (*adapter.Passport, error) {
	about := stored{Settings: s, Parts: map[string]part{}}
	folders := map[string]fs.FS{}
	files := map[string][]byte{}
	for name, from := range parts {
		root, err := os.OpenRoot(from)
		if err != nil {
			return nil, fmt.Errorf("document: %s: %w", name, err)
		}
		defer root.Close()
		folders[name] = root.FS()
		for _, file := range []string{passportFile, configFile, weightsFile} {
			if files[path.Join(partsFolder, name, file)], err = checkpoint.ReadRegular(folders[name], file, mostPart); err != nil {
				return nil, fmt.Errorf("document: %s: %w: %w", name, adapter.ErrPassport, err)
			}
		}
		raw := files[path.Join(partsFolder, name, passportFile)]
		p, err := adapter.ParsePassport(raw)
		if err != nil {
			return nil, fmt.Errorf("document: %s: %w", name, err)
		}
		about.Parts[name] = part{p.Task, p.Digest, sum(raw)}
	}
	attached, err := attach(folders, base)
	if err != nil {
		return nil, err
	}
	a, err := New(attached, s)
	if err != nil {
		return nil, err
	}
	if len(known) > 0 {
		t, err := a.Calibrate(ctx, known)
		if err != nil {
			return nil, err
		}
		about.Threshold = &t
	}
	p, err := about.passport(base, files)
	if err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	err = checkpoint.Save(dir, func(d *checkpoint.Dir) error {
		for _, name := range slices.Sorted(maps.Keys(files)) {
			if err := d.WriteFile(name, files[name]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	return p, nil
}

// passport makes the folder's own files.
func (s *stored) passport(base *text.Model, files map[string][]byte) (*adapter.Passport, error) {
	put := func(name string, v any) error {
		raw, err := json.MarshalIndent(v, "", "  ")
		files[name] = append(raw, '\n')
		return err
	}
	if err := put(settingsFile, s); err != nil {
		return nil, err
	}
	p := &adapter.Passport{
		Format: 1, Task: Task, Method: Method, Base: base.Identity(), Settings: json.RawMessage("{}"), Recipe: json.RawMessage("{}"),
		Digest: sum(files[settingsFile]), Data: []adapter.Source{}, Metrics: adapter.Scores{Values: map[string]float64{}},
	}
	var err error
	if p.RecipeSHA256, err = adapter.RecipeSum(p.Recipe); err != nil {
		return nil, err
	}
	if err := p.Validate(); err != nil {
		return nil, err
	}
	c := adapter.Config{PEFTType: peft.TypeName(Method), TaskType: "DOCUMENT", BaseModel: base.Name, ModulesToSave: []string{}, InferenceMode: true}
	return p, errors.Join(put(configFile, &c), put(passportFile, p))
}

func sum(raw []byte) string {
	s := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(s[:])
}
