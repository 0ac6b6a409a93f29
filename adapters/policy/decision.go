package policy

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// A Decision is what a policy did in a step and why.
type Decision struct {
	Episode       int     `json:"episode"`
	Step          int     `json:"step"`
	Observation   Numbers `json:"observation"`
	ToGo          float64 `json:"return_to_go"` // that was asked for
	Deterministic bool    `json:"deterministic"`
	Action        Numbers `json:"action"`
	Probabilities Numbers `json:"probabilities,omitempty"` // of whole numbers
	Value         float32 `json:"value"`
	Fallback      bool    `json:"fallback"` // the observation was strange
}

// Numbers are float32s that JSON keeps to the bit, those that aren't finite as strings.
type Numbers []float32

// MarshalJSON writes a list.
func (n Numbers) MarshalJSON() ([]byte, error) {
	all := make([]any, len(n))
	for i, v := range n {
		all[i] = v
		if !finite(v) {
			all[i] = fmt.Sprint(v)
		}
	}
	return json.Marshal(all)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (n *Numbers) UnmarshalJSON(raw []byte) error {
	var all []any
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	*n = make(Numbers, len(all))
	for i, v := range all {
		switch v := v.(type) {
		case float64:
			(*n)[i] = float32(v)
		case string:
			special := map[string]float64{"NaN": math.NaN(), "+Inf": math.Inf(1), "-Inf": math.Inf(-1)}
			f, ok := special[v]
			if !ok {
				return fmt.Errorf("number %d: got %.20q, want a number, NaN, +Inf or -Inf", i, v)
			}
			(*n)[i] = float32(f)
		default:
			return fmt.Errorf("number %d: got %v, want a number", i, v)
		}
	}
	return nil
}

// logHead is the first line of a log.
type logHead struct {
	Policy      string `json:"policy"` // digest of its weights, empty for one of no folder
	Environment string `json:"environment"`
	Seed        uint64 `json:"seed"`
}

// A Log writes decisions as JSON lines that Replay can make again.
type Log struct{ e *json.Encoder }

// NewLog begins a log of a session of p by seed.
func NewLog(w io.Writer, p *Policy, seed uint64) (*Log, error) {
	l := &Log{json.NewEncoder(w)}
	return l, l.put(logHead{p.digest(), p.settings.Environment.ID, seed})
}

// Write adds a decision.
func (l *Log) Write(d *Decision) error { return l.put(d) }

func (l *Log) put(v any) error {
	if err := l.e.Encode(v); err != nil {
		return fmt.Errorf("policy: log: %w", err)
	}
	return nil
}

// ErrReplay means a log that isn't what the policy does.
var ErrReplay = errors.New("policy: the log is of other decisions")

// Replay makes the decisions of a log again and compares them to the bit. It returns how many there were.
func (p *Policy) Replay(r io.Reader) (n int, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, adapter.MaxLine)
	if !lines.Scan() {
		return 0, errors.Join(fmt.Errorf("%w: got no line", ErrReplay), lines.Err())
	}
	var head logHead
	if err := strictjson.Decode(lines.Bytes(), &head, strictjson.Limits{}); err != nil {
		return 0, fmt.Errorf("%w: line 1: %w", ErrReplay, err)
	}
	if head.Policy != p.digest() || head.Environment != p.settings.Environment.ID {
		return 0, fmt.Errorf("%w: got policy %q for %q, want %q for %q", ErrReplay, head.Policy, head.Environment, p.digest(), p.settings.Environment.ID)
	}
	s := p.NewSession(head.Seed)
	action := make([]float32, p.actions.Size())
	for ; lines.Scan(); n++ {
		var was Decision
		if err := strictjson.Decode(lines.Bytes(), &was, strictjson.Limits{Bytes: adapter.MaxLine}); err != nil {
			return n, fmt.Errorf("%w: line %d: %w", ErrReplay, n+2, err)
		}
		if was.Step == 0 && n > 0 {
			s.Begin(was.ToGo)
		}
		s.toGo = was.ToGo
		now, err := s.Predict(action, was.Observation, was.Deterministic)
		if err != nil {
			return n, fmt.Errorf("%w: line %d: %w", ErrReplay, n+2, err)
		}
		if err := now.same(&was); err != nil {
			return n, fmt.Errorf("line %d: %w", n+2, err)
		}
	}
	if err := lines.Err(); err != nil {
		return n, fmt.Errorf("policy: replay: %w", err)
	}
	return n, nil
}

// same compares two decisions.
func (d *Decision) same(was *Decision) error {
	if d.Episode != was.Episode || d.Step != was.Step {
		return fmt.Errorf("%w: got step %d of episode %d, want %d of %d", ErrReplay, was.Step, was.Episode, d.Step, d.Episode)
	}
	if !slices.Equal(d.Action, was.Action) || !slices.Equal(d.Probabilities, was.Probabilities) || d.Value != was.Value || d.Fallback != was.Fallback {
		a, _ := json.Marshal(was)
		b, _ := json.Marshal(d)
		return fmt.Errorf("%w: got %s, want %s", ErrReplay, bytes.TrimSpace(a), b)
	}
	return nil
}

func (p *Policy) digest() string {
	if p.passport == nil {
		return ""
	}
	return p.passport.Digest
}
