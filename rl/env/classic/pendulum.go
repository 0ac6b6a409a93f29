package classic

import (
	"fmt"
	"math"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/nprandom"
	"github.com/fmkit/fmkit/rl/env/trig"
)

// Pendulum is Pendulum-v1: a pendulum to be swung up and held by a torque from -2 to 2. Its state is the angle from upright and the angular
// velocity, the observation the angle's cosine and sine and the velocity. Each step costs angle^2 + 0.1 velocity^2 + 0.001 torque^2. It
// has no end of its own.
type Pendulum struct {
	env.Base
	config PendulumConfig
	state  pendulumState
	torque float64 // the last one, for pictures
}

// PendulumConfig has the options of the constructor.
type PendulumConfig struct {
	Gravity        float64 // 0: 10
	Float64Actions bool    // actions count as float64, as for numpy 1
}

type pendulumState struct{ theta, thetaDot float64 }

var (
	pendulumGravity   = 10.0
	pendulumMaxSpeed  = 8.0
	pendulumMaxTorque = 2.0
	pendulumTau       = 0.05 // seconds a step
)

// NewPendulum makes a Pendulum.
func NewPendulum(c PendulumConfig) *Pendulum {
	if c.Gravity == 0 {
		c.Gravity = pendulumGravity
	}
	return &Pendulum{Base: env.NewBase(symmetric([]float32{1, 1, float32(pendulumMaxSpeed)}), symmetric([]float32{float32(pendulumMaxTorque)})), config: c}
}

// Reset begins an episode at an angle drawn evenly from -x_init to x_init with a velocity from -y_init to y_init: two options, pi and 1
// without.
func (p *Pendulum) Reset(observation []float32, seed int64, o env.Options) (env.Info, error) {
	x, y, err := pendulumBounds(o)
	if err != nil {
		return nil, err
	}
	if err := p.Begin(observation, seed); err != nil {
		return nil, err
	}
	p.state.start(p.Random(), x, y)
	p.torque = 0
	p.state.observe(observation)
	return nil, nil
}

func pendulumBounds(o env.Options) (x, y float64, err error) {
	x, y = math.Pi, 1
	if len(o) == 0 {
		return x, y, nil
	}
	if err := known(o, "x_init", "y_init"); err != nil {
		return 0, 0, err
	}
	if v, ok := o["x_init"]; ok {
		x = v
	}
	if v, ok := o["y_init"]; ok {
		y = v
	}
	if !(x >= 0 && y >= 0) || math.IsInf(x+x, 0) || math.IsInf(y+y, 0) {
		return 0, 0, fmt.Errorf("%w: got x_init %v and y_init %v, want 0 or more, both finite", env.ErrOption, x, y)
	}
	return x, y, nil
}

// Step turns the pendulum for 0.05 seconds.
func (p *Pendulum) Step(observation, action []float32) (env.Outcome, error) {
	if err := p.Check(observation, action); err != nil {
		return env.Outcome{}, err
	}
	p.torque = pendulumTorque(action[0])
	cost := p.state.advance(p.torque, p.config)
	p.state.observe(observation)
	return env.Outcome{Reward: -cost}, nil
}

// State gives the state in float64.
func (p *Pendulum) State() []float64 { return []float64{p.state.theta, p.state.thetaDot} }

func (s *pendulumState) start(g *nprandom.Generator, x, y float64) {
	s.theta, s.thetaDot = g.Uniform(-x, x), g.Uniform(-y, y)
}

// pendulumTorque clips an action.
func pendulumTorque(action float32) float64 {
	return clip(float64(action), -pendulumMaxTorque, pendulumMaxTorque)
}

// advance turns the pendulum by a torque within its bounds and gives the step's cost.
func (s *pendulumState) advance(u float64, c PendulumConfig) float64 {
	effort, pull := float64(0.001*float64(u*u)), 3*u
	if !c.Float64Actions {
		narrow := float32(u)
		effort, pull = float64(float32(0.001)*float32(narrow*narrow)), float64(3*narrow)
	}
	angle := normalizedAngle(s.theta)
	cost := float64(angle*angle) + float64(0.1*float64(s.thetaDot*s.thetaDot)) + effort
	s.thetaDot += float64((float64(3*c.Gravity/2*trig.Sin(s.theta)) + pull) * pendulumTau)
	s.thetaDot = clip(s.thetaDot, -pendulumMaxSpeed, pendulumMaxSpeed)
	s.theta += float64(s.thetaDot * pendulumTau)
	return cost
}

func (s *pendulumState) observe(observation []float32) {
	_ = observation[2]
	sin, cos := trig.SinCos(s.theta)
	observation[0], observation[1], observation[2] = float32(cos), float32(sin), float32(s.thetaDot)
}

// normalizedAngle is x in [-pi, pi), by Python's remainder, which has the sign of the divisor.
func normalizedAngle(x float64) float64 {
	const turn = 2 * math.Pi
	x += math.Pi
	if !(math.Abs(x) < 1e6) {
		m := math.Mod(x, turn)
		if m < 0 {
			m += turn
		}
		return m - math.Pi
	}
	// What math.Mod would give, several times as fast: a remainder is a float64, so the fused operation has nothing to round.
	n := math.Trunc(x / turn)
	m := math.FMA(-n, turn, x)
	switch { // the quotient may have been rounded up to a whole number
	case m < 0 && x > 0:
		m = math.FMA(-(n - 1), turn, x)
	case m > 0 && x < 0:
		m = math.FMA(-(n + 1), turn, x)
	}
	if m < 0 {
		m += turn
	}
	return m - math.Pi
}
