package text

import (
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
)

// LoadHead reads the head of the folder dir, whose encoder is m. An encoder alone gives ErrNoHead.
func LoadHead(dir string, m *Model) (*Head, error) {
	h, err := LoadHeadFS(os.DirFS(dir), m)
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, dir)
	}
	return h, nil
}

// LoadHeadFS is LoadHead from the root of fsys.
func LoadHeadFS(fsys fs.FS, m *Model) (*Head, error) {
	raw, err := readFile(fsys, configFile, maxConfigBytes)
	if err != nil {
		return nil, err
	}
	c := headConfig{DecoderBias: true, ClassifierPooling: "cls", ClassifierActivation: "gelu", NormEps: 1e-5}
	if err := decodeConfig(raw, &c); err != nil {
		return nil, err
	}
	if c.DistilActivation != "" && c.ModelType == "distilbert" {
		c.Activation = c.DistilActivation
	}
	f, err := checkpoint.OpenWeights(fsys)
	if err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	defer f.Close()
	w, err := newWeights(f, m.family)
	if err != nil {
		return nil, err
	}
	kind, err := w.headKind(&c)
	if err != nil {
		return nil, err
	}
	spec := m.family.head(kind, &c)
	if spec == nil {
		return nil, fmt.Errorf("text: config.json: %w: architectures: got %q", ErrNoHead, c.Architectures)
	}
	return w.head(spec, kind, &c, m)
}

// headKind finds the head by the name of the class, or by its tensors where the family has no classes.
func (w *weights) headKind(c *headConfig) (headKind, error) {
	if _, ok := w.names["cls.predictions.bias"]; ok && w.family.class == "" {
		return maskedLM, nil
	}
	return c.kind(w.family)
}

// head reads a head's parameters.
func (w *weights) head(s *headSpec, kind headKind, c *headConfig, m *Model) (*Head, error) {
	h := &Head{Task: kind.task(), Pooling: s.pooling, kind: kind, keys: c.keys()}
	if s.pooling != "" {
		if _, err := nn.ParsePooling(string(s.pooling)); err != nil {
			return nil, invalid("classifier_pooling: %v", err)
		}
	}
	width := m.Width()
	if s.dense != "" {
		if err := h.transform(w, s, m); err != nil {
			return nil, err
		}
		width = h.dense.Out()
	}
	if err := h.output(w, s, c, m, width); err != nil {
		return nil, err
	}
	switch kind {
	case sequenceClassification, tokenClassification:
		var err error
		if h.Labels, err = c.labels(h.Out()); err != nil {
			return nil, err
		}
		switch {
		case c.ProblemType == "regression":
			h.Scores = RawScores
		case c.ProblemType == "multi_label_classification" || h.Out() == 1 && kind == sequenceClassification:
			h.Scores = SigmoidScores
		}
	case questionAnswering:
		if h.Out() != 2 {
			return nil, fmt.Errorf("text: %s: %w: %s has %d outputs, want 2", w.file.Name(), ErrShapeMismatch, s.out, h.Out())
		}
	}
	return h, nil
}

// transform reads the dense layer and the norm. The width of a masked-language head is that of the word embeddings.
func (h *Head) transform(w *weights, s *headSpec, m *Model) error {
	out := m.Width()
	if s.tied {
		out = m.Embedding.Word.Shape[1]
	}
	if s.act != "tanh" {
		act, err := nn.ParseActivation(s.act)
		if err != nil {
			return invalid("activation of the head: %v", err)
		}
		s.act = string(act)
	}
	h.dense, h.act = nn.NewLinear(s.dense, m.Width(), out), s.act
	if s.denseBare {
		h.dense.B = nil
	}
	params := h.dense.Params()
	if s.norm != "" {
		eps := m.Config.Eps
		if s.eps != 0 {
			eps = s.eps
		}
		h.norm = nn.NewLayerNorm(s.norm, out, eps)
		if s.normBare {
			h.norm.Beta = nil
		}
		params = append(params, h.norm.Params()...)
	}
	return w.only(params)
}

// output reads the last layer.
func (h *Head) output(w *weights, s *headSpec, c *headConfig, m *Model, width int) error {
	_, stored := w.names[s.out+".weight"]
	h.tied = s.tied && !stored
	n := m.Embedding.Word.Shape[0]
	if stored || !s.tied {
		info, err := w.info(s.out + ".weight")
		if err != nil {
			return err
		}
		if len(info.Shape) != 2 || info.Shape[0] < 1 || info.Shape[1] != width {
			return fmt.Errorf("text: %s: %w: %s.weight has %v, want [C %d]", info.File, ErrShapeMismatch, s.out, info.Shape, width)
		}
		n = info.Shape[0]
	}
	h.out = &nn.Linear{W: m.Embedding.Word}
	var params []*nn.Param
	if !h.tied {
		h.out.W = nn.NewParam(s.out+".weight", n, width)
		if err := w.only(h.out.Params()); err != nil {
			return err
		}
		if tie := c.Tied == nil || *c.Tied; s.tied && tie && slices.Equal(h.out.W.Value, m.Embedding.Word.Value) { // a copy, as older versions store it
			h.tied, h.out.W = true, m.Embedding.Word
		}
	}
	bias := s.bias
	if bias == "" && !s.tied {
		bias = s.out + ".bias"
	}
	if bias != "" {
		own := s.out + ".bias"
		_, hasOwn := w.names[own]
		if _, ok := w.names[bias]; ok && bias != own && hasOwn && !h.tied {
			h.unused = nn.NewParam(bias, n) // an untied decoder has a bias of its own
			params = append(params, h.unused)
		} else if ok {
			own = bias
		}
		h.out.B = nn.NewParam(own, n)
		params = append(params, h.out.B)
	}
	return w.only(params)
}

// only reads some parameters and leaves the rest of the file alone.
func (w *weights) only(params []*nn.Param) error {
	for _, p := range params {
		if _, err := w.expect(p); err != nil {
			return err
		}
		if err := w.read(p); err != nil {
			return err
		}
	}
	return nil
}
