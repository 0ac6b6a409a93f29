package adapter

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/peft"
)

const (
	configFile   = peft.ConfigFile
	weightsFile  = peft.WeightsFile
	passportFile = "fmkit.json"
)

// A Config is PEFT's adapter_config.json, as far as heads and whole models need it. In the file the settings of a method of package peft stand beside it.
type Config struct {
	PEFTType      string   `json:"peft_type"` // peft.TypeName of the method
	TaskType      string   `json:"task_type"` // SEQ_CLS, QUESTION_ANS, TOKEN_CLS
	BaseModel     string   `json:"base_model_name_or_path"`
	Revision      string   `json:"revision,omitempty"` // the commit of a base from a hub
	ModulesToSave []string `json:"modules_to_save"`    // first parts of the stored names
	InferenceMode bool     `json:"inference_mode"`
}

// beside is the content of adapter_config.json: c and the settings of m, if there are any.
func (c *Config) beside(m *peft.Config) any {
	switch {
	case m.LoRA != nil:
		return &struct {
			*Config
			*peft.LoRAConfig
		}{c, m.LoRA}
	case m.IA3 != nil:
		return &struct {
			*Config
			*peft.IA3Config
		}{c, m.IA3}
	case m.Prefix != nil:
		return &struct {
			*Config
			*peft.PrefixConfig
		}{c, m.Prefix}
	case m.Bottleneck != nil:
		return &struct {
			*Config
			*peft.BottleneckConfig
		}{c, m.Bottleneck}
	case m.LastK != nil:
		return &struct {
			*Config
			*peft.LastKConfig
		}{c, m.LastK}
	}
	return c // BitFit has no settings
}

// Save makes or replaces the adapter folder dir with the values of params, atomically. It fills in the passport's format,
// sums, dtype and digest and returns it. Where the passport's DType is F16 the weights are rounded, and the digest is that of
// the rounded ones: what Fill gives back. extra files, such as a report, lie beside the three. With an empty dir nothing is written.
func Save(dir string, p Passport, taskType string, params []*nn.Param, extra map[string][]byte) (*Passport, error) {
	tensors, err := p.tensors(params)
	if err != nil {
		return nil, err
	}
	p.Format = format
	p.Digest = checkpoint.Digest(tensors)
	c := Config{PEFTType: peft.TypeName(p.Method), TaskType: taskType, InferenceMode: true, ModulesToSave: modules(params)}
	c.BaseModel, c.Revision = splitCommit(p.Base.Name)
	if err := p.Seal(c); err != nil {
		return nil, err
	}
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if dir == "" {
		return &p, nil
	}
	err = checkpoint.Save(dir, func(d *checkpoint.Dir) error {
		if err := d.WriteTensors(weightsFile, tensors, map[string]string{"format": "pt"}); err != nil {
			return err
		}
		if err := writeJSON(d, configFile, c.beside(&p.Config)); err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(extra)) {
			if err := d.WriteFile(name, extra[name]); err != nil {
				return err
			}
		}
		return writeJSON(d, passportFile, &p)
	})
	if err != nil {
		return nil, fmt.Errorf("adapter: %w", err)
	}
	return &p, nil
}

// splitCommit takes the commit off the name of a base from a hub: PEFT names the two apart.
func splitCommit(name string) (base, commit string) {
	base, commit, ok := strings.Cut(name, "@")
	if !ok || len(commit) != 40 || strings.Trim(commit, "0123456789abcdef") != "" {
		return name, ""
	}
	return base, commit
}

// tensors are params as they are stored.
func (p *Passport) tensors(params []*nn.Param) ([]checkpoint.Tensor, error) {
	d, ok := p.dtype()
	if !ok || d != checkpoint.F32 && d != checkpoint.F16 {
		return nil, fmt.Errorf("adapter: %w: dtype: got %q, want F32 or F16 to write", ErrPassport, p.DType)
	}
	p.DType = d.String()
	tensors := Tensors(params)
	if d == checkpoint.F32 {
		return tensors, nil
	}
	for i := range tensors {
		t := &tensors[i]
		t.DType, t.Data = d, slices.Clone(t.Data)
		if err := checkpoint.RoundF16(t.Data); err != nil {
			return nil, fmt.Errorf("adapter: %s: %w", t.Name, err)
		}
	}
	return tensors, nil
}

// Tensors gives params the names that they have in an adapter folder. The data are shared, not copied.
func Tensors(params []*nn.Param) []checkpoint.Tensor {
	tensors := make([]checkpoint.Tensor, len(params))
	for i, p := range params {
		tensors[i] = checkpoint.Tensor{Name: peft.TensorName(p.Name), Shape: p.Shape, Data: p.Value}
	}
	return tensors
}

func modules(params []*nn.Param) []string {
	var all []string
	for _, p := range params {
		first, _, _ := strings.Cut(p.Name, ".")
		if peft.Found(p.Name) {
			continue
		}
		if !slices.Contains(all, first) {
			all = append(all, first)
		}
	}
	return all
}

func writeJSON(d *checkpoint.Dir, name string, v any) error {
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return d.WriteFile(name, append(raw, '\n'))
}
