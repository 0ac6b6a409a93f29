package bridge

import (
	"context"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"image"
	"maps"
	"math"
	"slices"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/shared/strictjson"
)

//go:embed bridge.py
var script string

// An Env is an environment in a child process. Close ends it.
type Env struct {
	env.Base
	config   Config
	child    *child
	versions string
	leaves   []leaf
	bytes    int    // of an observation
	action   []byte // of a request
}

// stepHead are the bytes of a step's reply before the observation: the reward and two flags.
const stepHead = 10

// New starts Python and makes the environment. It lives until Close, or until ctx ends.
func New(ctx context.Context, c Config) (*Env, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.filled()
	process, err := start(ctx, c.Python, "-u", "-c", script)
	if err != nil {
		return nil, err
	}
	e := &Env{config: c, child: process}
	if err := e.make(); err != nil {
		_ = process.end(err, 0)
		return nil, err
	}
	return e, nil
}

// make has the child make the environment.
func (e *Env) make() error {
	f, err := e.call("make", hello, struct {
		Protocol int            `json:"protocol"`
		ID       string         `json:"id"`
		Kwargs   map[string]any `json:"kwargs,omitempty"`
		Render   bool           `json:"render"`
	}{protocol, e.config.ID, e.config.Kwargs, e.config.Render}, nil, maxRaw)
	if err != nil {
		return err
	}
	g, observation, action, err := meet(f)
	if err != nil {
		return fmt.Errorf("bridge: %s: %w", e.config.ID, err)
	}
	e.Base, e.versions = env.NewBase(observation, action), fmt.Sprintf("gymnasium %s, Python %s", g.Gymnasium, g.Python)
	e.leaves, e.bytes = leaves(observation)
	e.action = make([]byte, 4*action.Size())
	return nil
}

// Versions says which gymnasium and which Python play.
func (e *Env) Versions() string { return e.versions }

// Reset begins an episode.
func (e *Env) Reset(observation []float32, seed int64, options env.Options) (env.Info, error) {
	for _, name := range slices.Sorted(maps.Keys(options)) {
		if !slices.Contains(e.config.Options, name) {
			return nil, fmt.Errorf("%w: got %q, want one of %q", env.ErrOption, name, e.config.Options)
		}
		if v := options[name]; v-v != 0 {
			return nil, fmt.Errorf("%w: %s: got %v, want a finite number", env.ErrOption, name, v)
		}
	}
	if seed == env.Continue && !e.Started() {
		seed = 0
	}
	if err := e.Begin(observation, seed); err != nil {
		return nil, err
	}
	order := struct {
		Seed    *int64      `json:"seed"`
		Options env.Options `json:"options,omitempty"`
	}{Options: options}
	if seed != env.Continue {
		order.Seed = &seed
	}
	f, err := e.call("reset", reset, order, nil, e.bytes)
	if err != nil {
		return nil, err
	}
	if len(f.raw) != e.bytes {
		return nil, e.wrong("reset", "an observation of %d bytes, want %d", len(f.raw), e.bytes)
	}
	info, err := e.info("reset", f)
	if err == nil {
		decode(observation, e.leaves, f.raw)
	}
	return info, err
}

// Step goes on with the episode.
func (e *Env) Step(observation, action []float32) (env.Outcome, error) {
	if err := e.Check(observation, action); err != nil {
		return env.Outcome{}, err
	}
	for i, v := range action {
		binary.LittleEndian.PutUint32(e.action[4*i:], math.Float32bits(v))
	}
	f, err := e.call("step", step, nil, e.action, stepHead+e.bytes)
	if err != nil {
		return env.Outcome{}, err
	}
	if len(f.raw) != stepHead+e.bytes || f.raw[8] > 1 || f.raw[9] > 1 {
		return env.Outcome{}, e.wrong("step", "a reply of %d bytes, want %d with two flags", len(f.raw), stepHead+e.bytes)
	}
	o := env.Outcome{
		Reward:     math.Float64frombits(binary.LittleEndian.Uint64(f.raw)),
		Terminated: f.raw[8] == 1, Truncated: f.raw[9] == 1,
	}
	if o.Info, err = e.info("step", f); err != nil {
		return env.Outcome{}, err
	}
	decode(observation, e.leaves, f.raw[stepHead:])
	return o, nil
}

// Render has the environment draw itself. It takes a Config with Render.
func (e *Env) Render() (*image.RGBA, error) {
	if !e.config.Render {
		return nil, fmt.Errorf("%w: Render: it was made without pictures", ErrConfig)
	}
	if !e.Started() {
		return nil, fmt.Errorf("%w: got a picture before the first reset", env.ErrResetNeeded)
	}
	f, err := e.call("render", picture, nil, nil, maxRaw)
	if err != nil {
		return nil, err
	}
	var size struct {
		Height int `json:"height"`
		Width  int `json:"width"`
	}
	if err := strictjson.Decode(f.json, &size, strictjson.Limits{}); err != nil {
		return nil, e.wrong("render", "no size: %v", err)
	}
	if size.Height < 1 || size.Width < 1 || size.Height > maxRaw || size.Width > maxRaw || len(f.raw) != 3*size.Height*size.Width {
		return nil, e.wrong("render", "%d bytes for a picture of %d by %d", len(f.raw), size.Width, size.Height)
	}
	m := image.NewRGBA(image.Rect(0, 0, size.Width, size.Height))
	for i := range size.Height * size.Width {
		copy(m.Pix[4*i:], f.raw[3*i:][:3])
		m.Pix[4*i+3] = 255
	}
	return m, nil
}

// Close ends the child. The error says that it had to be killed or ended badly; a child that already failed is no error again.
func (e *Env) Close() error {
	if err := e.child.close(e.config.Timeout); err != nil {
		return fmt.Errorf("bridge: %s: close: %w", e.config.ID, err)
	}
	return nil
}

// call makes a request, of an order that may be nil and of numbers, and turns an exception into an error.
func (e *Env) call(what string, kind byte, order any, raw []byte, most int) (*frame, error) {
	request := frame{kind: kind, raw: raw}
	if order != nil {
		var err error
		if request.json, err = json.Marshal(order); err != nil {
			return nil, fmt.Errorf("bridge: %s: %s: %w", e.config.ID, what, err)
		}
	}
	limit := e.config.Timeout
	if kind == hello {
		limit = e.config.StartTimeout
	}
	f, err := e.child.ask(request, most, limit)
	if err != nil {
		return nil, fmt.Errorf("bridge: %s: %s: %w", e.config.ID, what, err)
	}
	if f.kind != failure {
		return f, nil
	}
	var x struct {
		Stage string `json:"stage"`
		Error string `json:"error"`
	}
	if err := strictjson.Decode(f.json, &x, strictjson.Limits{}); err != nil {
		return nil, e.wrong(what, "an error that can't be read: %v", err)
	}
	cause := ErrEnvironment
	switch {
	case x.Stage == "python":
		cause = fmt.Errorf("%w: %s", ErrPython, e.config.Python)
	case kind == hello:
		cause = ErrMake
	}
	return nil, fmt.Errorf("bridge: %s: %s: %w: %s", e.config.ID, what, cause, x.Error)
}

// wrong ends a child that says what it shouldn't.
func (e *Env) wrong(what, format string, args ...any) error {
	err := e.child.end(fmt.Errorf("%w: got "+format, append([]any{ErrProtocol}, args...)...), 0)
	return fmt.Errorf("bridge: %s: %s: %w", e.config.ID, what, err)
}

// info reads that of a reply.
func (e *Env) info(what string, f *frame) (env.Info, error) {
	if len(f.json) == 0 {
		return nil, nil
	}
	var info env.Info
	if err := strictjson.Decode(f.json, &info, strictjson.Limits{}); err != nil {
		return nil, e.wrong(what, "an info that can't be read: %v", err)
	}
	return info, nil
}

var (
	_ env.Env      = (*Env)(nil)
	_ env.Renderer = (*Env)(nil)
)
