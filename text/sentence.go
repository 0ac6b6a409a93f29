package text

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// A Sentence says how a folder of sentence-transformers turns the vectors of a text's tokens into one.
type Sentence struct {
	Pooling   nn.Pooling
	Normalize bool // scale the vector to length 1
	MaxLength int  // most tokens of a text, 0: the model's
	Lowercase bool // texts are lower-cased first

	other string // a module that isn't known: texts can't be embedded as the folder wants
}

const (
	modulesFile         = "modules.json"
	poolingFolder       = "1_Pooling"
	sentenceFile        = "sentence_bert_config.json"
	tokenizerConfigFile = "tokenizer_config.json"
)

// A module is one entry of modules.json.
type module struct {
	Index int    `json:"idx"`
	Name  string `json:"name"`
	Path  string `json:"path"`
	Type  string `json:"type"`
}

// poolingConfig is the configuration of a pooling module: pooling_mode since version 5, a switch for each mode before.
type poolingConfig struct {
	Width  int    `json:"word_embedding_dimension,omitempty"`
	Mode   string `json:"pooling_mode,omitempty"`
	CLS    bool   `json:"pooling_mode_cls_token"`
	Mean   bool   `json:"pooling_mode_mean_tokens"`
	Max    bool   `json:"pooling_mode_max_tokens"`
	Sqrt   bool   `json:"pooling_mode_mean_sqrt_len_tokens"`
	Weight bool   `json:"pooling_mode_weightedmean_tokens"`
	Last   bool   `json:"pooling_mode_lasttoken"`
}

func (c *poolingConfig) pooling() (nn.Pooling, error) {
	if c.Mode != "" {
		return nn.ParsePooling(c.Mode)
	}
	var all []nn.Pooling
	for _, m := range []struct {
		set  bool
		mode nn.Pooling
	}{{c.CLS, nn.PoolCLS}, {c.Mean, nn.PoolMean}, {c.Max, nn.PoolMax}, {c.Sqrt, "mean_sqrt_len"}, {c.Weight, "weightedmean"}, {c.Last, "lasttoken"}} {
		if m.set {
			all = append(all, m.mode)
		}
	}
	if len(all) != 1 {
		return "", fmt.Errorf("nn: pooling: got the modes %q, want one", all)
	}
	return nn.ParsePooling(string(all[0]))
}

// loadSentence reads modules.json and what it names; nil where there is none.
func loadSentence(fsys fs.FS) (*Sentence, error) {
	var modules []module
	if ok, err := readJSON(fsys, modulesFile, &modules); !ok {
		return nil, err
	}
	s := &Sentence{Pooling: nn.PoolMean}
	for _, m := range modules {
		switch kind := m.Type[strings.LastIndexByte(m.Type, '.')+1:]; kind {
		case "Transformer":
			if m.Path != "" && m.Path != "." {
				return nil, fmt.Errorf("text: %s: %w: path of the transformer: got %.80q, want the folder itself", modulesFile, ErrUnsupportedModel, m.Path)
			}
		case "Pooling":
			if err := s.loadPooling(fsys, m.Path); err != nil {
				return nil, err
			}
		case "Normalize":
			s.Normalize = true
		default:
			s.other = kind
		}
	}
	return s, s.loadLength(fsys)
}

func (s *Sentence) loadPooling(fsys fs.FS, folder string) error {
	name := path.Join(folder, configFile)
	if !fs.ValidPath(name) {
		return fmt.Errorf("text: %s: %w: path of the pooling: got %.80q", modulesFile, ErrConfig, folder)
	}
	var c poolingConfig
	ok, err := readJSON(fsys, name, &c)
	if !ok {
		return errors.Join(err, fmt.Errorf("text: %s: %w: there is no %.80s", modulesFile, ErrConfig, name))
	}
	if s.Pooling, err = c.pooling(); err != nil {
		s.other = "Pooling: " + err.Error()
	}
	return nil
}

// loadLength finds the longest text: what sentence_bert_config.json says or, since version 6, tokenizer_config.json.
func (s *Sentence) loadLength(fsys fs.FS) error {
	var c struct {
		MaxLength int  `json:"max_seq_length"`
		Lowercase bool `json:"do_lower_case"`
	}
	if _, err := readJSON(fsys, sentenceFile, &c); err != nil {
		return err
	}
	s.MaxLength, s.Lowercase = max(c.MaxLength, 0), c.Lowercase
	if s.MaxLength > 0 {
		return nil
	}
	var t struct {
		MaxLength float64 `json:"model_max_length"` // 1e30 where it has no limit
	}
	if _, err := readJSON(fsys, tokenizerConfigFile, &t); err != nil {
		return err
	}
	if t.MaxLength >= 1 && t.MaxLength < 1<<30 {
		s.MaxLength = int(t.MaxLength)
	}
	return nil
}

// readJSON reads a small file of a folder, if it is there, and passes keys over that v has no place for.
func readJSON(fsys fs.FS, name string, v any) (ok bool, err error) {
	raw, err := readFile(fsys, name, maxConfigBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := strictjson.Decode(raw, v, strictjson.Limits{Bytes: maxConfigBytes, AllowUnknown: true}); err != nil {
		return false, fmt.Errorf("text: %s: %w: %w", name, ErrConfig, err)
	}
	return true, nil
}

// files gives the files that a folder of sentence-transformers has besides those of transformers, for vectors of width d; more modules
// follow the pooling.
func (s *Sentence) files(d int, more []module) ([]checkpoint.FolderFile, error) {
	if s == nil || s.other != "" {
		return nil, nil
	}
	const models = "sentence_transformers.models."
	modules := []module{{0, "0", "", models + "Transformer"}, {1, "1", poolingFolder, models + "Pooling"}}
	if s.Normalize {
		modules = append(modules, module{2, "2", "2_Normalize", models + "Normalize"})
	}
	modules = append(modules, more...)
	pooling := poolingConfig{Width: d, CLS: s.Pooling == nn.PoolCLS, Mean: s.Pooling == nn.PoolMean, Max: s.Pooling == nn.PoolMax}
	length := map[string]any{"do_lower_case": s.Lowercase}
	if s.MaxLength > 0 {
		length["max_seq_length"] = s.MaxLength
	}
	var all []checkpoint.FolderFile
	for _, f := range []struct {
		name string
		v    any
	}{{modulesFile, modules}, {poolingFolder + "/" + configFile, pooling}, {sentenceFile, length}} {
		raw, err := json.MarshalIndent(f.v, "", "  ")
		if err != nil {
			return nil, fmt.Errorf("text: %s: %w", f.name, err)
		}
		all = append(all, checkpoint.FolderFile{Name: f.name, Data: append(raw, '\n')})
	}
	return all, nil
}
