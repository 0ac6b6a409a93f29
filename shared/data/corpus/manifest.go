package corpus

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/fmkit/fmkit/shared/data"
)

// Names of files of a corpus folder.
const (
	ManifestFile = "corpus.json"
	PairsFile    = "pairs.jsonl"
)

// A Manifest says what a corpus was made of and what became of it. It depends on the configuration and the contents of the files only.
type Manifest struct {
	Seed          uint64             `json:"seed"`
	NearDuplicate float64            `json:"near_duplicate"`
	Sources       []SourceReport     `json:"sources"`
	Exclude       []EvaluationReport `json:"exclude"`
	Pairs         map[string]int64   `json:"pairs"` // by kind
	Output        []data.FileHash    `json:"output"`
}

// A SourceReport accounts for the text of a source: Read is the sum of what was dropped and what was kept. Lines that a reader leaves out count
// as sentences.
type SourceReport struct {
	Name           string           `json:"name"`
	Format         string           `json:"format"`
	Weight         float64          `json:"weight"`
	Files          []data.FileHash  `json:"files"` // by their names in the configuration
	Read           Count            `json:"read"`
	Cleaned        Count            `json:"cleaned"`         // dropped because they are no running text
	NearDuplicates Count            `json:"near_duplicates"` // dropped because the corpus has them, or nearly so
	Overlaps       Count            `json:"overlaps"`        // dropped because an evaluation set has them
	OverlapsWith   map[string]int64 `json:"overlaps_with"`   // sentences dropped, by evaluation file
	Kept           Count            `json:"kept"`
	Written        Count            `json:"written"` // kept, times the weight
	Pairs          map[string]int64 `json:"pairs"`   // by kind
}

// An EvaluationReport names a file of evaluation texts and how many sentences it cost.
type EvaluationReport struct {
	data.FileHash
	Sentences int64 `json:"sentences"`
}

// encode gives the bytes of the manifest's file.
func (m *Manifest) encode() ([]byte, error) {
	raw, err := json.MarshalIndent(m, "", "  ")
	return append(raw, '\n'), err
}

// hash identifies the contents of a file under the name that the configuration gives it.
func (l location) hash() (data.FileHash, error) {
	f, err := os.Open(l.real)
	if err != nil {
		return data.FileHash{}, fmt.Errorf("corpus: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return data.FileHash{}, fmt.Errorf("corpus: %w", err)
	}
	return data.FileHash{Path: l.written, Bytes: n, SHA256: hex.EncodeToString(h.Sum(nil))}, nil
}
