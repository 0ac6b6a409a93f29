package adapter

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// Methods of tuning that are stored here.
const (
	Full    = "full"    // every weight of base and head, starting from the base
	Head    = "head"    // the head only; the base is frozen
	Scratch = "scratch" // every weight, the base's starting at random: the arm that pretraining has to beat

	// Few parameters of the base's encoder, and the head: package peft.
	LoRA       = peft.MethodLoRA
	IA3        = peft.MethodIA3
	Prefix     = peft.MethodPrefix
	Bottleneck = peft.MethodBottleneck
	BitFit     = peft.MethodBitFit
	LastK      = peft.MethodLastK
)

// A Passport says what an adapter is and where it comes from. fmkit.json holds it.
type Passport struct {
	Format       int             `json:"format"`
	Task         string          `json:"task"`   // the TASK of the command line: classify, qa, summarize
	Method       string          `json:"method"` // one of those above, or another task's own
	Labels       []string        `json:"labels,omitempty"`
	peft.Config                  // of the methods of package peft, whole
	Settings     json.RawMessage `json:"settings"` // what prediction needs besides the weights, the task's own
	Base         Base            `json:"base"`
	Data         []Source        `json:"data"`
	Recipe       json.RawMessage `json:"recipe"` // the task's whole configuration
	RecipeSHA256 string          `json:"recipe_sha256"`
	Seed         uint64          `json:"seed"`
	Steps        int             `json:"steps"`
	Metrics      Scores          `json:"metrics"`
	DType        string          `json:"dtype,omitempty"`         // how the weights are stored: F32 (also where it is missing), F16 or BF16
	Digest       string          `json:"digest"`                  // checkpoint.Digest of the stored tensors, widened to float32
	ConfigSHA256 string          `json:"config_sha256,omitempty"` // of adapter_config.json, whatever its spacing
	Sum          string          `json:"sum,omitempty"`           // of everything above: see Seal
}

// A Base names the model that an adapter belongs to.
type Base struct {
	Name        string `json:"name"`        // as the user gave it: a folder, text/mini, org/name@commit for one from a hub
	Fingerprint string `json:"fingerprint"` // of configuration, weights and tokenizer: what counts
	Tokenizer   string `json:"tokenizer"`   // sha256: of tokenizer.json
}

// RecipeSum returns the SHA-256 of a recipe whatever its spacing and escapes.
func RecipeSum(recipe json.RawMessage) (string, error) {
	raw, err := json.Marshal(recipe) // compact, in the form that fmkit.json has it
	if err != nil {
		return "", fmt.Errorf("%w: recipe: %w", ErrPassport, err)
	}
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

// Validate checks everything that can be checked without the base and the weights.
func (p *Passport) Validate() error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("adapter: %w: %s", ErrPassport, fmt.Sprintf(format, args...))
	}
	switch {
	case p.Format != format && p.Format != formatPlain:
		return fail("format: got %d, want %d or %d", p.Format, formatPlain, format)
	case p.Task == "":
		return fail("task is empty")
	case p.Method == "":
		return fail("method is empty")
	case !isSum(p.Base.Fingerprint):
		return fail("base.fingerprint: got %q, want sha256:<64 digits>", p.Base.Fingerprint)
	case !isSum(p.Base.Tokenizer):
		return fail("base.tokenizer: got %q, want sha256:<64 digits>", p.Base.Tokenizer)
	case !isSum(p.Digest):
		return fail("digest: got %q, want sha256:<64 digits>", p.Digest)
	}
	if d, ok := p.dtype(); !ok || d > checkpoint.BF16 {
		return fail("dtype: got %q, want F32, F16 or BF16", p.DType)
	}
	switch {
	case p.Config != (peft.Config{}):
		if err := p.Config.Validate(); err != nil {
			return fail("%v", err)
		}
		if m := p.Config.Method(); m != p.Method {
			return fail("%s: got its settings with method %q", m, p.Method)
		}
	case tunesFew(p.Method):
		return fail("%s: want its settings with method %s", p.Method, p.Method)
	}
	for i, l := range p.Labels {
		if l == "" {
			return fail("label %d is empty", i)
		}
		if slices.Contains(p.Labels[:i], l) {
			return fail("label %q occurs twice", l)
		}
	}
	sum, err := RecipeSum(p.Recipe)
	if err != nil {
		return fmt.Errorf("adapter: %w", err)
	}
	if sum != p.RecipeSHA256 {
		return fmt.Errorf("adapter: %w: %w: got %s, want %s", ErrPassport, ErrRecipe, sum, p.RecipeSHA256)
	}
	return nil
}

// tunesFew says whether a method is one of package peft.
func tunesFew(method string) bool {
	_, ok := peft.Default(method)
	return ok
}

// dtype is the type that the weights are stored as.
func (p *Passport) dtype() (checkpoint.DType, bool) {
	return checkpoint.ParseDType(cmp.Or(p.DType, checkpoint.F32.String()))
}

// Attach reports whether the adapter is for the task and for the base with the given fingerprint.
func (p *Passport) Attach(task, fingerprint string) error {
	if p.Task != task {
		return fmt.Errorf("adapter: %w: got %q, want %q", ErrTask, p.Task, task)
	}
	if p.Base.Fingerprint != fingerprint {
		return fmt.Errorf("adapter: %w: got %s, want %s (made on %q)", ErrBaseMismatch, fingerprint, p.Base.Fingerprint, p.Base.Name)
	}
	return nil
}

// ParsePassport reads the content of fmkit.json.
func ParsePassport(raw []byte) (*Passport, error) {
	var p Passport
	if err := strictjson.Decode(raw, &p, strictjson.Limits{Bytes: 16 << 20}); err != nil {
		return nil, fmt.Errorf("adapter: %w: %s: %w", ErrPassport, passportFile, err)
	}
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return &p, nil
}

func isSum(s string) bool {
	digits, ok := bytes.CutPrefix([]byte(s), []byte("sha256:"))
	_, err := hex.DecodeString(string(digits))
	return ok && err == nil && len(digits) == 2*sha256.Size
}
