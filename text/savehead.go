package text

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
)

// encoderOnly is what the class of a model without a head ends with.
const encoderOnly = "Model"

// A headExport is a head in the form that transformers or sentence-transformers load.
type headExport struct {
	class   string                  // what the model's class ends with
	tensors []checkpoint.Tensor     // in model.safetensors
	keys    map[string]any          // of config.json
	files   []checkpoint.FolderFile // of modules beside it
	modules []module                // behind the pooling
}

// export gives the head's form for a model: the family's own, where it has one for the task, else a dense module of sentence-transformers behind the pooling,
// whose vectors are the logits.
func (h *Head) export(m *Model) (*headExport, error) {
	e := &headExport{class: encoderOnly, keys: map[string]any{}}
	if len(h.Labels) > 0 {
		names, ids := map[string]string{}, map[string]int{}
		for i, l := range h.Labels {
			names[strconv.Itoa(i)], ids[l] = l, i
		}
		e.keys["id2label"], e.keys["label2id"] = names, ids
	}
	switch {
	case h.kind != "":
		e.class = string(h.kind)
		e.tensors = tensors(h.params())
		maps.Copy(e.keys, h.keys)
		return e, nil
	case h.Task == TaskQuestionAnswering || h.Task == TaskTokenClassify:
		kind := questionAnswering
		if h.Task == TaskTokenClassify {
			kind = tokenClassification
		}
		spec := m.family.head(kind, &headConfig{})
		if m.family.class == "" || spec == nil || spec.dense != "" {
			break
		}
		e.class = string(kind)
		out := *h.out
		out.W, out.B = renamed(out.W, spec.out+".weight"), renamed(out.B, spec.out+".bias")
		e.tensors = tensors(out.Params())
		return e, nil
	case h.Pooling != "":
		switch h.Scores {
		case SigmoidScores:
			e.keys["problem_type"] = "multi_label_classification"
		case RawScores:
			e.keys["problem_type"] = "regression"
		}
		return e, e.dense(h)
	}
	return nil, fmt.Errorf("text: save: %w: transformers' %s has no form for a head of %s", ErrUnsupportedModel, m.family.modelType, h.Task)
}

// dense writes the head as a module of sentence-transformers.
func (e *headExport) dense(h *Head) error {
	at := 2
	if h.Normalize {
		at = 3
	}
	folder := strconv.Itoa(at) + "_Dense"
	e.modules = []module{{at, strconv.Itoa(at), folder, "sentence_transformers.models.Dense"}}
	config, err := json.MarshalIndent(map[string]any{
		"in_features": h.out.In(), "out_features": h.out.Out(), "bias": h.out.B != nil, "activation_function": "torch.nn.modules.linear.Identity",
	}, "", "  ")
	if err != nil {
		return fmt.Errorf("text: save: %w", err)
	}
	out := *h.out
	out.W, out.B = renamed(out.W, "linear.weight"), renamed(out.B, "linear.bias")
	weights, err := checkpoint.ModelWeights(tensors(out.Params()), false)
	if err != nil {
		return err
	}
	e.files = []checkpoint.FolderFile{{Name: folder + "/" + configFile, Data: append(config, '\n')}, {Name: folder + "/" + weightsFile, Data: weights}}
	return nil
}

// params are the head's own; tied word embeddings are the model's.
func (h *Head) params() []*nn.Param {
	var all []*nn.Param
	if h.dense != nil {
		all = append(all, h.dense.Params()...)
	}
	if h.norm != nil {
		all = append(all, h.norm.Params()...)
	}
	if !h.tied {
		all = append(all, h.out.W)
	}
	if h.out.B != nil {
		all = append(all, h.out.B)
	}
	if h.unused != nil {
		all = append(all, h.unused)
	}
	return all
}

// renamed gives a view of a parameter under another name; nil for nil.
func renamed(p *nn.Param, name string) *nn.Param {
	if p == nil {
		return nil
	}
	return &nn.Param{Name: name, Shape: p.Shape, Value: p.Value}
}
