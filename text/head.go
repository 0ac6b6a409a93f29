package text

import (
	"errors"
	"sync"

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
	Task      string     // a task of transformers' pipelines
	Labels    []string   // of text- and token-classification, one a logit
	Scores    ScoreKind  // what turns logits into scores
	Pooling   nn.Pooling // "": one row of logits a token; else one a text
	Normalize bool       // of heads made here: the pooled vectors are scaled to length 1

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
		activate(h.act, y)
		if h.norm != nil {
			h.norm.Infer(y, y, n)
		}
		x = y
	}
	return h.out.Forward(z, x, n, nil)
}

// activate applies a head's activation to y.
func activate(act string, y []float32) {
	if act == "tanh" {
		kernels.TanhForward(y, y)
		return
	}
	nn.Activation(act).Forward(y, y)
}
