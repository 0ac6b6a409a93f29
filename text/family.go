package text

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
)

// A family is one architecture of transformers: how its config.json reads, and what its parameters are called.
//
// backbone and nn name parameters as BERT does; names turns that into the family's own, which a Param then bears, so that folders and
// adapters of transformers and PEFT fit.
type family struct {
	modelType string
	class     string            // what class names begin with: Bert in BertModel
	prefix    string            // before the encoder's names in a model with a head
	roots     []string          // what the encoder's names begin with where that prefix is left out
	names     *strings.Replacer // nil: BERT's
	stacks    []stack
	pooler    string   // "": none
	heads     []string // beginnings of names that belong to heads, buffers or poolers

	parse  func(raw []byte) (Config, error) // config.json
	format func(c Config) any               // its content; nil: as Config itself marshals
	head   func(kind headKind, c *headConfig) *headSpec
}

// A stack is a tensor that holds the rows of several parameters, one above the other.
type stack struct {
	name  string   // within the tensor's name, such as ".attn.Wqkv."
	parts []string // a part's parameter has its name behind the stack's: ".attn.Wqkv.query."
}

// familyNamed finds a family by config.json's model_type; the empty one means BERT's, or fmkit for what BERT has no name for.
func familyNamed(modelType string) (*family, error) {
	var known []string
	for _, f := range []func() *family{bert, fmkit, roberta, distilbert, electra, modernbert} {
		f := f()
		if f.modelType == modelType {
			return f, nil
		}
		known = append(known, f.modelType)
	}
	return nil, fmt.Errorf("text: config.json: %w: model_type: got %.40q, want one of %s", ErrUnsupportedModel, modelType, strings.Join(known, ", "))
}

// rename gives the parameters the family's names.
func (f *family) rename(params []*nn.Param) {
	if f.names == nil {
		return
	}
	for _, p := range params {
		p.Name = f.names.Replace(p.Name)
	}
}

// stored gives the tensor that holds a parameter: its name, which of how many parts of the rows the parameter is.
func (f *family) stored(name string) (tensor string, part, parts int) {
	for _, s := range f.stacks {
		before, after, found := strings.Cut(name, s.name)
		if !found {
			continue
		}
		for i, p := range s.parts {
			if rest, ok := strings.CutPrefix(after, p+"."); ok {
				return before + s.name + rest, i, len(s.parts)
			}
		}
	}
	return name, 0, 1
}

// wordEmbeddings is the name of the table of word vectors.
func (f *family) wordEmbeddings() string {
	const name = prefix + "embeddings.word_embeddings.weight"
	if f.names == nil {
		return name
	}
	return f.names.Replace(name)
}

// own gives a tensor of a file the name that the family's newest version has for it: LayerNorm.gamma is LayerNorm.weight, and the
// encoder alone goes without its prefix.
func (f *family) own(name string) string {
	own := strings.TrimSuffix(name, "LayerNorm.gamma")
	if own != name {
		own += "LayerNorm.weight"
	} else if own = strings.TrimSuffix(name, "LayerNorm.beta"); own != name {
		own += "LayerNorm.bias"
	}
	if strings.HasPrefix(own, f.prefix) {
		return own
	}
	for _, r := range f.roots {
		if strings.HasPrefix(own, r) {
			return f.prefix + own
		}
	}
	return own
}

// passedOver says whether a tensor may be in a file without a place in the encoder: those of heads, poolers and buffers, and what pretraining here
// leaves beside an encoder of any family.
func (f *family) passedOver(own string) bool {
	for _, p := range append([]string{"cls.", "discriminator_predictions.", "generator."}, f.heads...) {
		if strings.HasPrefix(own, p) {
			return true
		}
	}
	return own == f.prefix+"embeddings.position_ids" || own == f.prefix+"embeddings.token_type_ids"
}

// marshal gives the content of config.json.
func (f *family) marshal(c Config) ([]byte, error) {
	var v any = c
	if f.format != nil {
		v = f.format(c)
	}
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("text: config: %w", err)
	}
	return append(raw, '\n'), nil
}

// stack puts the parameters that share a tensor of the family's into one, in the place of the first.
func (f *family) stack(tensors []checkpoint.Tensor) []checkpoint.Tensor {
	var all []checkpoint.Tensor
	at := map[string]int{}
	for _, t := range tensors {
		name, _, parts := f.stored(t.Name)
		if parts == 1 {
			all = append(all, t)
			continue
		}
		i, ok := at[name]
		if !ok {
			i = len(all)
			at[name] = i
			all = append(all, checkpoint.Tensor{Name: name, Shape: append([]int{0}, t.Shape[1:]...), DType: t.DType})
		}
		all[i].Shape[0] += t.Shape[0]
		all[i].Data = append(all[i].Data, t.Data...)
	}
	return all
}
