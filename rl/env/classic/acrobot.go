package classic

import (
	"math"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/nprandom"
	"github.com/fmkit/fmkit/rl/env/trig"
)

// Acrobot is Acrobot-v1: two links that hang from a pivot, with a motor at the joint between them, whose torque is -1 (action 0), 0 (1) or
// 1 (2). The lower end is to be swung to a height of 1 above the pivot; each step before costs 1. The state is both angles, the second
// one against the first link, and their velocities; the observation has cosine and sine of both angles and the velocities. Sutton,
// "Generalization in reinforcement learning", 1996, with the equations of Sutton and Barto's book, by the fourth-order Runge-Kutta method.
type Acrobot struct {
	env.Base
	state acrobotState
}

// acrobotState is theta1, theta2 and their velocities.
type acrobotState [4]float64

var (
	acrobotTau                   = 0.2 // seconds a step
	acrobotSpeed1, acrobotSpeed2 = 4 * pi, 9 * pi
)

// NewAcrobot makes an Acrobot.
func NewAcrobot() *Acrobot {
	high := []float32{1, 1, 1, 1, float32(acrobotSpeed1), float32(acrobotSpeed2)}
	return &Acrobot{Base: env.NewBase(symmetric(high), discrete(3))}
}

// Reset begins an episode with every number of the state drawn evenly between the options low and high, -0.1 and 0.1 without.
func (a *Acrobot) Reset(observation []float32, seed int64, o env.Options) (env.Info, error) {
	low, high, err := bounds(o, -0.1, 0.1)
	if err != nil {
		return nil, err
	}
	if err := a.Begin(observation, seed); err != nil {
		return nil, err
	}
	a.state.start(a.Random(), low, high)
	a.state.observe(observation)
	return nil, nil
}

// Step applies the torque for 0.2 seconds.
func (a *Acrobot) Step(observation, action []float32) (env.Outcome, error) {
	if err := a.Check(observation, action); err != nil {
		return env.Outcome{}, err
	}
	reward, terminated := a.state.step(action[0], observation)
	return env.Outcome{Reward: reward, Terminated: terminated}, nil
}

// State gives the state in float64.
func (a *Acrobot) State() []float64 { return append([]float64(nil), a.state[:]...) }

// start draws a state, which Gymnasium rounds to float32.
func (s *acrobotState) start(g *nprandom.Generator, low, high float64) {
	for i := range s {
		s[i] = rounded(g.Uniform(low, high))
	}
}

func (s *acrobotState) observe(observation []float32) { s.write(observation) }

// write writes the observation and tells whether the lower end is above the height of 1.
func (s *acrobotState) write(observation []float32) bool {
	sin1, cos1 := trig.SinCos(s[0])
	sin2, cos2 := trig.SinCos(s[1])
	return s.put(observation, sin1, cos1, sin2, cos2, trig.Cos(s[1]+s[0]))
}

// put is write, given sines and cosines of both angles and the cosine of their sum: -cos theta1 - cos(theta1 + theta2) > 1.
func (s *acrobotState) put(observation []float32, sin1, cos1, sin2, cos2, cosBoth float64) bool {
	_ = observation[5]
	observation[0], observation[1], observation[2], observation[3] = float32(cos1), float32(sin1), float32(cos2), float32(sin2)
	observation[4], observation[5] = float32(s[2]), float32(s[3])
	return -cos1-cosBoth > 1
}

// advance is one step of the Runge-Kutta method, then angles wrap at pi and velocities are clipped.
func (s *acrobotState) advance(torque float64) {
	dt, half := acrobotTau, acrobotTau/2
	k1 := s.derivative(torque)
	k2 := s.plus(half, k1).derivative(torque)
	k3 := s.plus(half, k2).derivative(torque)
	s.move(k1, k2, k3, s.plus(dt, k3).derivative(torque))
}

// move is the end of a step, given the four slopes.
func (s *acrobotState) move(k1, k2, k3, k4 acrobotState) {
	sixth := acrobotTau / 6
	for i := range s {
		s[i] += float64(sixth * (k1[i] + 2*k2[i] + 2*k3[i] + k4[i]))
	}
	s[0], s[1] = wrapped(s[0]), wrapped(s[1])
	s[2] = clip(s[2], -acrobotSpeed1, acrobotSpeed1)
	s[3] = clip(s[3], -acrobotSpeed2, acrobotSpeed2)
}

// plus is s + h k.
func (s acrobotState) plus(h float64, k acrobotState) acrobotState {
	for i := range s {
		s[i] += float64(h * k[i])
	}
	return s
}

var (
	acrobotArm = 0.5 * gravity // mass times distance of the second link's centre times gravity
	acrobotAll = 1.5 * gravity
)

// derivative is the state's change a second.
func (s acrobotState) derivative(torque float64) acrobotState {
	sin2, cos2 := trig.SinCos(s[1])
	return s.slope(torque, sin2, cos2, trig.Cos(s[0]+s[1]-math.Pi/2), trig.Cos(s[0]-math.Pi/2))
}

// slope is derivative, given sine and cosine of theta2 and the cosines of theta1 + theta2 and of theta1, each less a quarter turn. Both links have mass 1, length 1, moment of
// inertia 1 and their centre in the middle.
func (s acrobotState) slope(torque, sin2, cos2, cosBoth, cos1 float64) acrobotState {
	dTheta1, dTheta2 := s[2], s[3]
	d1 := 0.25 + (1.25 + cos2) + 1 + 1
	d2 := 0.25 + float64(0.5*cos2) + 1
	phi2 := float64(acrobotArm * cosBoth)
	phi1 := float64(float64(-0.5*float64(dTheta2*dTheta2))*sin2) - float64(float64(dTheta2*dTheta1)*sin2) +
		float64(acrobotAll*cos1) + phi2
	ddTheta2 := (torque + float64(d2/d1*phi1) - float64(float64(0.5*float64(dTheta1*dTheta1))*sin2) - phi2) /
		(1.25 - float64(d2*d2)/d1)
	ddTheta1 := -(float64(d2*ddTheta2) + phi1) / d1
	return acrobotState{dTheta1, dTheta2, ddTheta1, ddTheta2}
}

// wrapped is x in [-pi, pi], by whole turns.
func wrapped(x float64) float64 {
	if !(math.Abs(x) < 1e6) {
		return math.Remainder(x, 2*math.Pi) // Gymnasium would count turns for ever
	}
	for x > math.Pi {
		x -= 2 * math.Pi
	}
	for x < -math.Pi {
		x += 2 * math.Pi
	}
	return x
}
