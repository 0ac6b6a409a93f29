package qa

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// Task is what the passport of a question-answering adapter says.
const Task = "qa"

// batch is how many windows are encoded at once.
const batch = 16

// Settings are what prediction needs besides the weights. The passport holds them.
type Settings struct {
	MaxLength   int     `json:"max_length"`   // most tokens of a row
	MaxQuestion int     `json:"max_question"` // most tokens of a question; what is longer is cut
	Stride      int     `json:"stride"`       // context tokens that neighbouring windows share
	MaxAnswer   int     `json:"max_answer"`   // most tokens of an answer
	NBest       int     `json:"n_best"`       // answers considered
	NoAnswer    bool    `json:"no_answer"`    // whether a question may have no answer in the context (SQuAD 2.0)
	Threshold   float64 `json:"threshold"`    // no answer when its score exceeds the best answer's by more than this

	Confidence *calibration.Binary `json:"confidence,omitempty"` // how sure answers are; nil: they don't say
}

// Validate names the first setting out of range for rows of at most length tokens.
func (s *Settings) Validate(length int) error {
	for _, f := range []struct {
		name           string
		got, low, high int
	}{
		{"max_length", s.MaxLength, 8, length},
		{"max_question", s.MaxQuestion, 1, s.MaxLength - 5},
		{"stride", s.Stride, 0, s.MaxLength - s.MaxQuestion - 4},
		{"max_answer", s.MaxAnswer, 1, s.MaxLength},
		{"n_best", s.NBest, 1, 1000},
	} {
		if f.got < f.low || f.got > f.high {
			return fmt.Errorf("qa: %s: got %d, want %d to %d", f.name, f.got, f.low, f.high)
		}
	}
	if s.Confidence != nil {
		if err := s.Confidence.Validate(); err != nil {
			return fmt.Errorf("qa: %w", err)
		}
	}
	return nil
}

// An Input is a question about a context.
type Input struct{ Question, Context string }

// A Span is an answer, as Hugging Face's question-answering pipeline gives it: offsets count code points.
type Span struct {
	Answer    string  `json:"answer"`
	Score     float64 `json:"score"` // probability among the answers considered
	Start     int     `json:"start"`
	End       int     `json:"end"`
	StartByte int     `json:"-"`
	EndByte   int     `json:"-"`
}

// A Prediction is the best span, the empty one where there is no answer.
type Prediction struct {
	Span
	NoAnswer float64 `json:"-"` // score of no answer less that of the best span: above the threshold there is none
	NBest    []Span  `json:"-"` // spans, best first, without no answer

	*calibration.Verdict // whether the question is answered; nil without a calibration. Its confidence is the chance that the best span is right, answered or not
}

// A Predictor answers questions. It is safe for concurrent use, but for SetThreshold and Calibrate.
type Predictor struct {
	model    *text.Model
	infer    *text.Inference
	head     *text.Head // to [2]: start and end
	settings Settings
	passport *adapter.Passport
}

// Load attaches the adapter folder dir to base. It returns adapter.ErrBaseMismatch for another base than the adapter was made on,
// adapter.ErrTask for another task's adapter, and an error that wraps adapter's ErrPassport, ErrTensors or ErrDigest, or one of checkpoint's,
// for a damaged one.
func Load(dir string, base *text.Model) (*Predictor, error) {
	return adapter.In(dir, func(fsys fs.FS) (*Predictor, error) { return LoadFS(fsys, base) })
}

// LoadFS is Load from the root of fsys, whose files must be able to read at an offset, as embedded ones are.
func LoadFS(fsys fs.FS, base *text.Model) (*Predictor, error) {
	var s Settings
	head := nn.NewLinear(headName, base.Width(), 2)
	m, p, err := adapter.Attach(fsys, Task, base, &s, func(*adapter.Passport) ([]*nn.Param, error) { return head.Params(), nil })
	if err != nil {
		return nil, err
	}
	q, err := New(m, head, s)
	if err != nil {
		return nil, err
	}
	q.passport = p
	return q, nil
}

// New makes a predictor of a model and a head as they are now.
func New(m *text.Model, head *nn.Linear, s Settings) (*Predictor, error) {
	if err := s.Validate(m.Length(0)); err != nil {
		return nil, err
	}
	return &Predictor{model: m, infer: m.Snapshot(), head: text.NewHead(text.TaskQuestionAnswering, head, nil, ""), settings: s}, nil
}

// FromHead makes a predictor of a checkpoint of transformers that has a head for question answering, as text.LoadHead gives it, with the
// settings of Hugging Face's pipeline.
func FromHead(m *text.Model, h *text.Head) (*Predictor, error) {
	if h.Task != text.TaskQuestionAnswering {
		return nil, fmt.Errorf("qa: the head is one for %s, want %s", h.Task, text.TaskQuestionAnswering)
	}
	s := Settings{MaxLength: min(384, m.Length(0)), MaxAnswer: 15, NBest: 20}
	s.MaxQuestion = min(64, s.MaxLength/2)
	s.Stride, s.MaxAnswer = min(128, (s.MaxLength-s.MaxQuestion)/2), min(s.MaxAnswer, s.MaxLength)
	if err := s.Validate(m.Length(0)); err != nil {
		return nil, err
	}
	return &Predictor{model: m, infer: m.Snapshot(), head: h, settings: s}, nil
}

// Export writes encoder and head as a folder of transformers. With half the weights are float16.
func (p *Predictor) Export(dir string, half bool) error {
	if err := p.model.Save(dir, text.SaveOptions{Head: p.head, Half: half}); err != nil {
		return fmt.Errorf("qa: export: %w", err)
	}
	return nil
}

// Settings are what prediction needs besides the weights.
func (p *Predictor) Settings() Settings { return p.settings }

// SetThreshold replaces Settings.Threshold. It must not run beside Answer.
func (p *Predictor) SetThreshold(t float64) { p.settings.Threshold = t }

// Passport says where the adapter comes from; nil for a predictor that no adapter folder was loaded for.
func (p *Predictor) Passport() *adapter.Passport { return p.passport }

// Model is the base, or a model with the adapter's changes.
func (p *Predictor) Model() *text.Model { return p.model }

// Answer answers every question from its context. An answer doesn't depend on the questions beside it.
func (p *Predictor) Answer(ctx context.Context, inputs []Input) ([]Prediction, error) {
	r, err := p.Begin(inputs)
	if err != nil {
		return nil, err
	}
	if err := text.Read(ctx, r, batch); err != nil {
		return nil, err
	}
	return r.Answers(), nil
}

// prediction turns candidates into spans of the text.
func (p *Predictor) prediction(c *Context, spans []candidate, null float64) Prediction {
	if len(spans) == 0 {
		return Prediction{Span: Span{Score: 1}}
	}
	scores := make([]float64, len(spans), len(spans)+1)
	bytes := make([]tokenizer.Span, len(spans))
	for i, s := range spans {
		scores[i] = s.score
		bytes[i] = tokenizer.Span{Start: c.offsets[s.first].start, End: c.offsets[s.last].end}
	}
	if p.settings.NoAnswer {
		scores = append(scores, null)
	}
	probability := softmax(scores)
	out := Prediction{NoAnswer: null - spans[0].score}
	for i, cp := range tokenizer.CodePoints(c.text, bytes) {
		out.NBest = append(out.NBest, Span{
			Answer: c.text[bytes[i].Start:bytes[i].End], Score: probability[i], Start: cp.Start, End: cp.End,
			StartByte: bytes[i].Start, EndByte: bytes[i].End,
		})
	}
	if b := p.settings.Confidence; b != nil {
		out.Verdict = &calibration.Verdict{Verdict: calibration.Answer, Confidence: b.Confidence(-out.NoAnswer)}
	}
	out.Span = out.NBest[0]
	if p.settings.NoAnswer && out.NoAnswer > p.settings.Threshold {
		out.Span = Span{Score: probability[len(probability)-1]}
		if out.Verdict != nil {
			out.Verdict.Verdict, out.Verdict.Why = calibration.Abstain, calibration.NoAnswer
		}
	}
	return out
}
