package peft

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
)

// Files of a folder as PEFT writes it, and what it puts before the name that a parameter has in its model.
const (
	ConfigFile   = "adapter_config.json"
	WeightsFile  = "adapter_model.safetensors"
	TensorPrefix = "base_model.model."
)

// maxConfig bounds the configuration, in bytes.
const maxConfig = 1 << 20

// A file is adapter_config.json.
type file struct {
	Type     string `json:"peft_type"`
	TaskType string `json:"task_type"`
	Base     string `json:"base_model_name_or_path"`
	Config
	Bias      string `json:"bias"`
	FanInOut  bool   `json:"fan_in_fan_out"`
	Inference bool   `json:"inference_mode"`
}

// ParseConfig reads PEFT's adapter_config.json. What changes the answers and isn't known here (DoRA, ranks of single layers, trained biases) is
// refused by its name; other keys are passed over, as PEFT does.
func ParseConfig(raw []byte) (Config, error) {
	fail := func(format string, args ...any) (Config, error) {
		return Config{}, fmt.Errorf("%w: %s: %s", ErrConfig, ConfigFile, fmt.Sprintf(format, args...))
	}
	f := struct {
		file
		Targets json.RawMessage `json:"target_modules"`
	}{file: file{Config: Config{Rank: 8, Alpha: 8}, Bias: "none"}} // PEFT's defaults
	var keys map[string]json.RawMessage
	for _, v := range []any{&f, &keys} {
		if err := json.Unmarshal(raw, v); err != nil {
			return Config{}, fmt.Errorf("%w: %s: %w", ErrConfig, ConfigFile, err)
		}
	}
	if f.Type != "LORA" {
		return fail("peft_type: got %q, want LORA", f.Type)
	}
	if f.Bias != "none" {
		return fail("bias: got %q, want none", f.Bias)
	}
	for _, k := range []string{
		"use_dora", "use_qalora", "fan_in_fan_out", "lora_bias", "rank_pattern", "alpha_pattern", "layers_to_transform", "layer_replication", "exclude_modules",
		"target_parameters", "trainable_token_indices", "alora_invocation_tokens", "arrow_config", "kasa_config", "velora_config", "monteclora_config", "use_bdlora",
	} {
		if v := string(bytes.TrimSpace(keys[k])); !slices.Contains([]string{"", "null", "false", "{}", "[]"}, v) {
			return fail("%s: got %s, want none", k, v)
		}
	}
	c := f.Config
	if t := bytes.TrimSpace(f.Targets); len(t) > 0 && t[0] == '"' {
		var one string
		if err := json.Unmarshal(t, &one); err != nil || one != AllLinear {
			return fail("target_modules: got %s, want a list, or %s", t, AllLinear)
		}
		c.Targets = []string{one}
	} else if err := json.Unmarshal(t, &c.Targets); err != nil {
		return fail("target_modules: got %s, want a list, or %s", t, AllLinear)
	}
	slices.Sort(c.Targets) // PEFT writes a set
	return c, c.Validate()
}

// LoadFS reads the folder at the root of fsys, as PEFT writes it, and attaches its changes to e. Names and shapes must be those that the
// configuration asks for; tensors of other modules than e's, such as a head's, are passed over. On error e may have been changed.
func LoadFS(fsys fs.FS, e *backbone.Encoder) ([]*LoRA, error) {
	for _, name := range []string{ConfigFile, WeightsFile} {
		info, err := fs.Stat(fsys, name)
		switch {
		case err != nil:
			return nil, fmt.Errorf("peft: %w", err)
		case !info.Mode().IsRegular(): // opening a pipe would wait
			return nil, fmt.Errorf("peft: %s is not a regular file", name)
		case name == ConfigFile && info.Size() > maxConfig:
			return nil, fmt.Errorf("peft: %s: got %d bytes, want at most %d", name, info.Size(), maxConfig)
		}
	}
	raw, err := fs.ReadFile(fsys, ConfigFile)
	if err != nil {
		return nil, fmt.Errorf("peft: %w", err)
	}
	c, err := ParseConfig(raw)
	if err != nil {
		return nil, err
	}
	w, err := checkpoint.OpenFS(fsys, WeightsFile)
	if err != nil {
		return nil, fmt.Errorf("peft: %w", err)
	}
	defer w.Close()
	changes, err := Attach(e, c, 0)
	if err != nil {
		return nil, err
	}
	return changes, read(w, Params(changes))
}

// layerTensor matches the tensors that must belong to a change.
var layerTensor = regexp.MustCompile(`(^|\.)layer\.\d+\..*\.lora_`)

// read fills params. A file may lack the first part of their names, as that of an encoder without a head does.
func read(w *checkpoint.File, params []*nn.Param) error {
	names, used := w.Names(), map[string]bool{}
	for _, p := range params {
		name := TensorPrefix + p.Name
		if !slices.Contains(names, name) {
			_, bare, _ := strings.Cut(p.Name, ".")
			name = TensorPrefix + bare
		}
		info, err := w.Info(name)
		if err != nil {
			return fmt.Errorf("peft: %w", err)
		}
		if !slices.Equal(info.Shape, p.Shape) {
			return fmt.Errorf("peft: %s: %s has shape %v, want %v", WeightsFile, name, info.Shape, p.Shape)
		}
		if err := w.Read(name, p.Value); err != nil {
			return fmt.Errorf("peft: %w", err)
		}
		used[name] = true
	}
	for _, name := range names {
		if !used[name] && layerTensor.MatchString(name) {
			return fmt.Errorf("peft: %s: %s belongs to no layer that target_modules names", WeightsFile, name)
		}
	}
	return nil
}

// Save makes or replaces the folder dir, which PEFT loads, with the changes that Attach put on e by c. base is what the file calls the base model.
func Save(dir string, e *backbone.Encoder, c Config, changes []*LoRA, base string) error {
	f := file{Type: "LORA", TaskType: "FEATURE_EXTRACTION", Base: base, Config: c, Bias: "none", Inference: true}
	f.Targets = c.Modules(e)
	raw, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Errorf("peft: %w", err)
	}
	var tensors []checkpoint.Tensor
	for _, p := range Params(changes) {
		_, bare, _ := strings.Cut(p.Name, ".")
		tensors = append(tensors, checkpoint.Tensor{Name: TensorPrefix + bare, Shape: p.Shape, Data: p.Value})
	}
	err = checkpoint.Save(dir, func(d *checkpoint.Dir) error {
		if err := d.WriteTensors(WeightsFile, tensors, map[string]string{"format": "pt"}); err != nil {
			return err
		}
		return d.WriteFile(ConfigFile, append(raw, '\n'))
	})
	if err != nil {
		return fmt.Errorf("peft: %w", err)
	}
	return nil
}

// Modules are the targets as PEFT finds them: AllLinear stands for every linear layer of a block.
func (c *Config) Modules(e *backbone.Encoder) []string {
	if slices.Contains(c.Targets, AllLinear) {
		return modules(e)
	}
	return c.Targets
}
