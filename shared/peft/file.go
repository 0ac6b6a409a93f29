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

// A header is what adapter_config.json has for every method.
type header struct {
	Type      string `json:"peft_type"`
	TaskType  string `json:"task_type"`
	Base      string `json:"base_model_name_or_path"`
	Inference bool   `json:"inference_mode"`
}

// TypeName is the peft_type of a method: PEFT's own where it has the method, else the method's name in capitals.
func TypeName(method string) string {
	if method == MethodPrefix {
		return "PREFIX_TUNING"
	}
	return strings.ToUpper(method)
}

// TensorName is what a file calls the tensor of a parameter of the given name.
func TensorName(param string) string {
	if param == promptName {
		return param
	}
	return TensorPrefix + param
}

// Found says whether PEFT finds the tensor of a parameter by the settings of its method, so that it is not one of modules_to_save.
func Found(param string) bool {
	return param == promptName || strings.Contains(param, ".lora_") || strings.HasSuffix(param, ".ia3_l")
}

// refused are keys of adapter_config.json that change the answers and aren't known here, by method.
var refused = map[string][]string{
	MethodLoRA: {
		"use_dora", "use_qalora", "fan_in_fan_out", "lora_bias", "rank_pattern", "alpha_pattern", "layers_to_transform", "layer_replication", "exclude_modules",
		"target_parameters", "trainable_token_indices", "alora_invocation_tokens", "arrow_config", "kasa_config", "velora_config", "monteclora_config", "use_bdlora",
	},
	MethodIA3:    {"fan_in_fan_out", "exclude_modules"},
	MethodPrefix: {"prefix_projection"},
}

// ParseConfig reads PEFT's adapter_config.json of LoRA, IA3 and prefix tuning. What changes the answers and isn't known here (DoRA, ranks of single layers, trained
// biases, a projected prefix) is refused by its name; other keys are passed over, as PEFT does.
func ParseConfig(raw []byte) (Config, error) {
	fail := func(format string, args ...any) (Config, error) {
		return Config{}, fmt.Errorf("%w: %s: %s", ErrConfig, ConfigFile, fmt.Sprintf(format, args...))
	}
	h := struct {
		Type string `json:"peft_type"`
		Bias string `json:"bias"`
	}{Bias: "none"}
	var keys map[string]json.RawMessage
	for _, v := range []any{&h, &keys} {
		if err := json.Unmarshal(raw, v); err != nil {
			return Config{}, fmt.Errorf("%w: %s: %w", ErrConfig, ConfigFile, err)
		}
	}
	var c Config
	var settings any
	switch h.Type {
	case TypeName(MethodLoRA):
		c.LoRA = &LoRAConfig{Rank: 8, Alpha: 8} // PEFT's defaults
		settings = c.LoRA
	case TypeName(MethodIA3):
		c.IA3 = &IA3Config{}
		settings = c.IA3
	case TypeName(MethodPrefix):
		c.Prefix = &PrefixConfig{}
		settings = c.Prefix
	default:
		return fail("peft_type: got %q, want LORA, IA3 or PREFIX_TUNING", h.Type)
	}
	if h.Bias != "none" {
		return fail("bias: got %q, want none", h.Bias)
	}
	for _, k := range refused[c.Method()] {
		if v := string(bytes.TrimSpace(keys[k])); !slices.Contains([]string{"", "null", "false", "{}", "[]"}, v) {
			return fail("%s: got %s, want none", k, v)
		}
	}
	if t := bytes.TrimSpace(keys["target_modules"]); len(t) > 0 && t[0] == '"' {
		if string(t) != `"`+AllLinear+`"` {
			return fail("target_modules: got %s, want a list, or %s", t, AllLinear)
		}
		keys["target_modules"] = []byte(`["` + AllLinear + `"]`)
	}
	known, err := json.Marshal(keys)
	if err == nil {
		err = json.Unmarshal(known, settings)
	}
	if err != nil {
		return Config{}, fmt.Errorf("%w: %s: %w", ErrConfig, ConfigFile, err)
	}
	switch { // PEFT writes sets
	case c.LoRA != nil:
		slices.Sort(c.LoRA.Targets)
	case c.IA3 != nil:
		slices.Sort(c.IA3.Targets)
		slices.Sort(c.IA3.FeedForward)
	}
	return c, c.Validate()
}

// LoadFS reads the folder at the root of fsys, as PEFT writes it, and attaches its change to e. Names and shapes must be those that the
// configuration asks for; tensors of other modules than e's, such as a head's, are passed over. After an error e is as before.
func LoadFS(fsys fs.FS, e *backbone.Encoder) (*Change, error) {
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
	change, err := Attach(e, c, 0)
	if err != nil {
		return nil, err
	}
	if err := change.Fill(func(stored []*nn.Param) error { return read(w, stored) }); err != nil {
		change.Detach()
		return nil, err
	}
	return change, nil
}

// layerTensor matches the tensors that must belong to a change.
var layerTensor = regexp.MustCompile(`^prompt_embeddings$|(^|\.)layer\.\d+\..*\.(lora_|ia3_)`)

// read fills params. A file may lack the first part of their names, as that of an encoder without a head does.
func read(w *checkpoint.File, params []*nn.Param) error {
	names, used := w.Names(), map[string]bool{}
	for _, p := range params {
		name := TensorName(p.Name)
		if !slices.Contains(names, name) {
			_, bare, _ := strings.Cut(p.Name, ".")
			name = TensorName(bare)
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
			return fmt.Errorf("peft: %s: %s belongs to nothing that %s asks for", WeightsFile, name, ConfigFile)
		}
	}
	return nil
}

// Save makes or replaces the folder dir, which PEFT loads, with a change of a method that PEFT has. base is what the file calls the base model.
func Save(dir string, c *Change, base string) error {
	h := &header{Type: TypeName(c.Config.Method()), TaskType: "FEATURE_EXTRACTION", Base: base, Inference: true}
	var f any
	switch {
	case c.Config.LoRA != nil:
		f = struct {
			*header
			*LoRAConfig
			Bias string `json:"bias"`
		}{h, c.Config.LoRA, "none"}
	case c.Config.IA3 != nil:
		f = struct {
			*header
			*IA3Config
		}{h, c.Config.IA3}
	case c.Config.Prefix != nil:
		f = struct {
			*header
			*PrefixConfig
		}{h, c.Config.Prefix}
	default:
		return fmt.Errorf("peft: PEFT has no form for the method %s", c.Config.Method())
	}
	raw, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Errorf("peft: %w", err)
	}
	var tensors []checkpoint.Tensor
	for _, p := range c.Stored() {
		name := p.Name
		if _, bare, ok := strings.Cut(name, "."); ok {
			name = bare
		}
		tensors = append(tensors, checkpoint.Tensor{Name: TensorName(name), Shape: p.Shape, Data: p.Value})
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
