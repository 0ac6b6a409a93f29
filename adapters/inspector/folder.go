package inspector

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// Task is what an inspector's passport says, and MemoryBank its method.
const (
	Task       = "inspect"
	MemoryBank = "memory_bank"
)

// stored is what the passport holds as settings: those of the fit, and the shape of the weights.
type stored struct {
	Settings
	Rows    int      `json:"rows"`            // of the grid
	Cols    int      `json:"cols"`            // of the grid
	Bank    int      `json:"bank"`            // vectors
	Size    int      `json:"size"`            // of a vector
	Kinds   []string `json:"kinds,omitempty"` // of defects, rising; none: they have no names
	Decides bool     `json:"decides"`         // false: there were too few good pictures, and every answer is abstain
}

// params are what the weights file holds. Some are nil: those of what the settings don't ask for.
type params struct {
	bank, thresholds, mean, matrix, wholeMean, wholeScale, standards *nn.Param
	naming                                                           *nn.Linear
}

func (s *stored) params() (p params) {
	p.bank, p.thresholds = nn.NewParam("memory_bank", s.Bank, s.Size), nn.NewParam("thresholds", 3)
	if s.Whiten > 0 {
		p.mean, p.matrix = nn.NewParam("whitening.mean", s.Size), nn.NewParam("whitening.matrix", s.Size, s.Size)
	}
	if s.Whole {
		p.wholeMean, p.wholeScale, p.standards = nn.NewParam("whole.mean", 2*s.Size), nn.NewParam("whole.scale", 2*s.Size), nn.NewParam("standards", 4)
	}
	if len(s.Kinds) > 0 {
		p.naming = newNamingHead(ways(s.Size, s.Whole), len(s.Kinds))
	}
	return p
}

func (p params) all() (all []*nn.Param) {
	for _, x := range []*nn.Param{p.bank, p.thresholds, p.mean, p.matrix, p.wholeMean, p.wholeScale, p.standards} {
		if x != nil {
			all = append(all, x)
		}
	}
	if p.naming != nil {
		all = append(all, p.naming.Params()...)
	}
	return all
}

// Save makes or replaces the adapter folder dir. The caller gives what an inspector can't know of itself: Base, Data, Recipe, Seed, Metrics. Base.Tokenizer
// is the SHA-256 of the preprocessor's file. The digest covers the bank and the thresholds. extra files lie beside it.
func (p *Inspector) Save(dir string, about adapter.Passport, extra map[string][]byte) (*adapter.Passport, error) {
	s := stored{p.settings, p.rows, p.cols, p.bank.n, p.bank.d, p.Kinds(), !math.IsInf(float64(p.thresholds.Defect), 1)}
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("inspector: save: %w", err)
	}
	w := s.params()
	copy(w.bank.Value, p.bank.vectors)
	if s.Decides {
		copy(w.thresholds.Value, []float32{p.thresholds.Defect, p.thresholds.Certain, p.thresholds.Pixel})
	}
	if p.whitening != nil {
		copy(w.mean.Value, p.whitening.mean)
		copy(w.matrix.Value, p.whitening.matrix)
	}
	if p.whole != nil {
		copy(w.wholeMean.Value, p.whole.mean)
		copy(w.wholeScale.Value, p.whole.scale)
		copy(w.standards.Value, []float32{p.standards.mean.patch, p.standards.mean.whole, p.standards.scale.patch, p.standards.scale.whole})
	}
	if p.naming != nil {
		w.naming = p.naming.head
	}
	about.Task, about.Method, about.Labels, about.Settings, about.DType = Task, MemoryBank, []string{OK, Defect}, raw, ""
	saved, err := adapter.Save(dir, about, "ANOMALY_DETECTION", w.all(), extra)
	if err != nil {
		return nil, fmt.Errorf("inspector: save: %w", err)
	}
	return saved, nil
}

// Load attaches the adapter folder dir to the features of the base with the given fingerprint. It returns what adapter.OpenFS, Passport.Attach and
// Folder.Fill return for another base, another task's adapter or a damaged one.
func Load(dir string, f Features, fingerprint string) (*Inspector, error) {
	return adapter.In(dir, func(fsys fs.FS) (*Inspector, error) { return LoadFS(fsys, f, fingerprint) })
}

// LoadFS is Load from the root of fsys, whose files must be able to read at an offset, as embedded ones are.
func LoadFS(fsys fs.FS, f Features, fingerprint string) (*Inspector, error) {
	folder, err := adapter.OpenFS(fsys)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	if err := folder.Passport.Attach(Task, fingerprint); err != nil {
		return nil, err
	}
	s, err := parseStored(folder.Passport, f)
	if err != nil {
		return nil, fmt.Errorf("inspector: %w: %w", adapter.ErrPassport, err)
	}
	w := s.params()
	if err := folder.Fill(w.all()); err != nil {
		return nil, err
	}
	for _, x := range w.all() {
		if !finite(x.Value) {
			return nil, fmt.Errorf("inspector: %w: %s: got a value beyond %g", adapter.ErrTensors, x.Name, maxVector)
		}
	}
	p := newInspector(f, s.Settings)
	p.bank, p.passport = NewBank(w.bank.Value, s.Size), folder.Passport
	inf := float32(math.Inf(1))
	p.thresholds = Thresholds{inf, inf, inf}
	if v := w.thresholds.Value; s.Decides {
		p.thresholds = Thresholds{v[0], v[1], v[2]}
	}
	if s.Whiten > 0 {
		p.whitening = newWhitening(w.mean.Value, w.matrix.Value)
	}
	if s.Whole {
		p.whole = &whole{mean: w.wholeMean.Value, scale: w.wholeScale.Value}
		v := w.standards.Value
		p.standards = standards{mean: evidence{v[0], v[1]}, scale: evidence{v[2], v[3]}}
	}
	if w.naming != nil {
		p.naming = &naming{s.Kinds, w.naming}
	}
	return p, nil
}

// parseStored reads the settings of a passport and compares them with the features, before any memory is taken for what they speak of.
func parseStored(p *adapter.Passport, f Features) (*stored, error) {
	if p.Method != MemoryBank {
		return nil, fmt.Errorf("method: got %q, want %q", p.Method, MemoryBank)
	}
	var s stored
	if err := strictjson.Decode(p.Settings, &s, strictjson.Limits{}); err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	if err := s.Validate(); err != nil {
		return nil, err
	}
	rows, cols := f.Grid()
	if s.Rows != rows || s.Cols != cols || s.Size != f.Width() {
		return nil, fmt.Errorf("settings: got a grid of %dx%d of width %d, want %dx%d of %d", s.Rows, s.Cols, s.Size, rows, cols, f.Width())
	}
	if s.Bank < 1 || s.Bank > maxBank/s.Size {
		return nil, fmt.Errorf("settings: bank: got %d, want 1 to %d", s.Bank, maxBank/s.Size)
	}
	if k := s.Kinds; len(k) > MaxKinds || !slices.IsSorted(k) || len(slices.Compact(slices.Clone(k))) < len(k) || slices.Contains(k, "") {
		return nil, fmt.Errorf("settings: kinds: got %.99q, want at most %d, rising and none empty", k, MaxKinds)
	}
	return &s, nil
}
