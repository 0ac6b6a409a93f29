package text

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// ErrNoHead means that a folder holds an encoder alone, or a head that isn't known.
var ErrNoHead = errors.New("no head")

// A headKind is what the class of a model with a head ends with.
type headKind string

const (
	maskedLM               headKind = "ForMaskedLM"
	replacedTokens         headKind = "ForPreTraining" // of ELECTRA; BERT's has a masked-language head
	sequenceClassification headKind = "ForSequenceClassification"
	tokenClassification    headKind = "ForTokenClassification"
	questionAnswering      headKind = "ForQuestionAnswering"
)

// The tasks of heads, by the names of transformers' pipelines.
const (
	TaskFillMask           = "fill-mask"
	TaskReplacedTokens     = "replaced-token-detection"
	TaskTextClassification = "text-classification"
	TaskTokenClassify      = "token-classification"
	TaskQuestionAnswering  = "question-answering"
)

func (k headKind) task() string {
	switch k {
	case maskedLM:
		return TaskFillMask
	case replacedTokens:
		return TaskReplacedTokens
	case sequenceClassification:
		return TaskTextClassification
	case tokenClassification:
		return TaskTokenClassify
	}
	return TaskQuestionAnswering
}

// headConfig is what config.json says of heads.
type headConfig struct {
	ModelType            string            `json:"model_type"`
	Architectures        []string          `json:"architectures"`
	Labels               map[string]string `json:"id2label"`
	ProblemType          string            `json:"problem_type"`
	Activation           string            `json:"hidden_act"`
	DistilActivation     string            `json:"activation"`
	Tied                 *bool             `json:"tie_word_embeddings"`
	ClassifierPooling    string            `json:"classifier_pooling"`
	ClassifierBias       bool              `json:"classifier_bias"`
	ClassifierActivation string            `json:"classifier_activation"`
	DecoderBias          bool              `json:"decoder_bias"`
	NormBias             bool              `json:"norm_bias"`
	NormEps              float32           `json:"norm_eps"`
}

// headSpec says which parameters a head has: rows, pooled or not, go through a dense layer, an activation and a norm, where they have
// names, and then through the output layer.
type headSpec struct {
	pooling   nn.Pooling // "": every token
	dense     string
	denseBare bool // no bias
	act       string
	norm      string
	normBare  bool // no shift
	eps       float32
	out       string
	bias      string // "": out with .bias; of a tied head
	tied      bool   // the output layer's weights are the word embeddings, unless the file has others
}

// A Head turns an encoder's vectors into the logits of a task. It is safe for concurrent use.
type Head struct {
	Task    string     // a task of transformers' pipelines
	Labels  []string   // of text- and token-classification, one a logit
	Scores  ScoreKind  // what turns logits into scores
	Pooling nn.Pooling // "": one row of logits a token; else one a text

	kind   headKind       // "": made here
	keys   map[string]any // of config.json
	tied   bool           // the weights of out are the word embeddings
	dense  *nn.Linear     // nil: none
	act    string
	norm   *nn.LayerNorm // nil: none
	out    *nn.Linear
	unused *nn.Param // in the file, for nothing but to be saved again
	spare  sync.Pool // of *[]float32
}

// A ScoreKind is what turns a row of logits into scores.
type ScoreKind string

// The kinds of scores.
const (
	SoftmaxScores ScoreKind = ""        // labels exclude each other
	SigmoidScores ScoreKind = "sigmoid" // they don't
	RawScores     ScoreKind = "none"    // regression
)

// Apply turns logits z [N, C] into scores, in place.
func (k ScoreKind) Apply(z []float32, n, c int) {
	switch k {
	case SigmoidScores:
		for i, v := range z[:n*c] {
			pair := [2]float32{v, 0}
			kernels.Softmax(pair[:], pair[:], 1, 2)
			z[i] = pair[0]
		}
	case SoftmaxScores:
		kernels.Softmax(z, z, n, c)
	}
}

// NewHead makes a head of one dense layer.
func NewHead(task string, out *nn.Linear, labels []string, pooling nn.Pooling) *Head {
	return &Head{Task: task, Labels: labels, Pooling: pooling, out: out}
}

// Out is C, the number of logits a row.
func (h *Head) Out() int { return h.out.Out() }

// Logits sets z [N, C] from N rows of x [N, D]: tokens' vectors, or pooled ones.
func (h *Head) Logits(z, x []float32, n int) error {
	if h.dense != nil {
		buf, _ := h.spare.Get().(*[]float32)
		if buf == nil {
			buf = new([]float32)
		}
		defer h.spare.Put(buf)
		e := h.dense.Out()
		if cap(*buf) < n*e {
			*buf = make([]float32, n*e)
		}
		y := (*buf)[:n*e]
		if err := h.dense.Forward(y, x, n, nil); err != nil {
			return err
		}
		if h.act == "tanh" {
			kernels.TanhForward(y, y)
		} else {
			nn.Activation(h.act).Forward(y, y)
		}
		if h.norm != nil {
			h.norm.Infer(y, y, n)
		}
		x = y
	}
	return h.out.Forward(z, x, n, nil)
}

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
	kind, err := c.kind(m.family)
	if err != nil {
		return nil, err
	}
	spec := m.family.head(kind, &c)
	if spec == nil {
		return nil, fmt.Errorf("text: config.json: %w: architectures: got %q", ErrNoHead, c.Architectures)
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
	return w.head(spec, kind, &c, m)
}

// kind finds the head in the name of the class.
func (c *headConfig) kind(f *family) (headKind, error) {
	for _, a := range c.Architectures {
		rest, ok := strings.CutPrefix(a, f.class)
		if !ok || f.class == "" {
			continue
		}
		switch k := headKind(rest); {
		case k == replacedTokens && f.modelType == "bert":
			return maskedLM, nil
		case k == maskedLM, k == replacedTokens, k == sequenceClassification, k == tokenClassification, k == questionAnswering:
			return k, nil
		}
	}
	return "", fmt.Errorf("text: config.json: %w: architectures: got %q", ErrNoHead, c.Architectures)
}

// keys are those of config.json that say how the head is built.
func (c *headConfig) keys() map[string]any {
	k := map[string]any{}
	if c.ProblemType != "" {
		k["problem_type"] = c.ProblemType
	}
	if c.Tied != nil {
		k["tie_word_embeddings"] = *c.Tied
	}
	if c.ModelType == "modernbert" {
		k["classifier_pooling"], k["classifier_bias"] = c.ClassifierPooling, c.ClassifierBias
		k["classifier_activation"], k["decoder_bias"] = c.ClassifierActivation, c.DecoderBias
	}
	return k
}

// labels lists id2label in the order of the ids.
func (c *headConfig) labels(n int) ([]string, error) {
	all := make([]string, n)
	for i := range all {
		all[i] = "LABEL_" + strconv.Itoa(i)
	}
	for id, label := range c.Labels {
		i, err := strconv.Atoi(id)
		if err != nil || i < 0 || i >= n {
			return nil, invalid("id2label: got id %.40q, want 0 to %d", id, n-1)
		}
		all[i] = label
	}
	return all, nil
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
