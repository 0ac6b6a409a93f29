package classic

import (
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/nprandom"
	"github.com/fmkit/fmkit/rl/env/trig"
)

// CartPole is CartPole-v1: a pole on a cart, to be kept upright by pushing the cart to the left (0) or right (1). Its state and
// observation are the cart's position and velocity, the pole's angle and its velocity. An episode ends when the cart is more than 2.4
// from the middle or the pole more than 12 degrees from upright. Barto, Sutton and Anderson, "Neuronlike adaptive elements that can
// solve difficult learning control problems", 1983; the equations are those of Florian, "Correct equations for the dynamics of the
// cart-pole system", 2007, without friction, integrated by Euler's method.
type CartPole struct {
	env.Base
	config CartPoleConfig
	state  cartPoleState
	fallen bool // the episode ended, and another step has no reward
}

// CartPoleConfig has the options of the constructor.
type CartPoleConfig struct {
	SuttonBartoReward bool // 0 for each step and -1 for the last, not 1 for each
}

type cartPoleState struct{ x, xDot, theta, thetaDot float64 }

// Constants of the model. They are variables so that expressions of them are rounded as in Gymnasium.
var (
	gravity        = 9.8
	massPole       = 0.1
	totalMass      = massPole + 1.0
	poleLength     = 0.5 // half of it
	poleMassLength = massPole * poleLength
	forceMagnitude = 10.0
	cartTau        = 0.02 // seconds a step
	fourThirds     = 4.0 / 3.0
	cartLimit      = 2.4
	poleLimit      = 12 * 2 * pi / 360
)

// NewCartPole makes a CartPole.
func NewCartPole(c CartPoleConfig) *CartPole {
	high := []float32{float32(cartLimit * 2), inf, float32(poleLimit * 2), inf}
	return &CartPole{Base: env.NewBase(symmetric(high), discrete(2)), config: c}
}

// Reset begins an episode with every number of the state drawn evenly between the options low and high, -0.05 and 0.05 without.
func (c *CartPole) Reset(observation []float32, seed int64, o env.Options) (env.Info, error) {
	low, high, err := bounds(o, -0.05, 0.05)
	if err != nil {
		return nil, err
	}
	if err := c.Begin(observation, seed); err != nil {
		return nil, err
	}
	c.state.start(c.Random(), low, high)
	c.fallen = false
	c.state.observe(observation)
	return nil, nil
}

// Step pushes the cart for 0.02 seconds.
func (c *CartPole) Step(observation, action []float32) (env.Outcome, error) {
	if err := c.Check(observation, action); err != nil {
		return env.Outcome{}, err
	}
	o := env.Outcome{Reward: 1, Terminated: c.state.advance(action[0])}
	switch {
	case c.config.SuttonBartoReward && o.Terminated:
		o.Reward = -1
	case c.config.SuttonBartoReward, o.Terminated && c.fallen:
		o.Reward = 0
	}
	c.fallen = c.fallen || o.Terminated
	c.state.observe(observation)
	return o, nil
}

// State gives the state in float64.
func (c *CartPole) State() []float64 {
	return []float64{c.state.x, c.state.xDot, c.state.theta, c.state.thetaDot}
}

func (s *cartPoleState) start(g *nprandom.Generator, low, high float64) {
	s.x, s.xDot, s.theta, s.thetaDot = g.Uniform(low, high), g.Uniform(low, high), g.Uniform(low, high), g.Uniform(low, high)
}

// advance is one step of Euler's method. It tells whether the pole fell or the cart left the track.
func (s *cartPoleState) advance(action float32) bool {
	force := -forceMagnitude
	if action == 1 {
		force = forceMagnitude
	}
	sin, cos := trig.SinCos(s.theta)
	temp := (force + float64(float64(poleMassLength*float64(s.thetaDot*s.thetaDot))*sin)) / totalMass
	thetaAcc := (float64(gravity*sin) - float64(cos*temp)) /
		float64(poleLength*(fourThirds-float64(massPole*float64(cos*cos))/totalMass))
	xAcc := temp - float64(float64(poleMassLength*thetaAcc)*cos)/totalMass
	s.x += float64(cartTau * s.xDot)
	s.xDot += float64(cartTau * xAcc)
	s.theta += float64(cartTau * s.thetaDot)
	s.thetaDot += float64(cartTau * thetaAcc)
	return s.x < -cartLimit || s.x > cartLimit || s.theta < -poleLimit || s.theta > poleLimit
}

func (s *cartPoleState) observe(observation []float32) {
	_ = observation[3]
	observation[0], observation[1] = float32(s.x), float32(s.xDot)
	observation[2], observation[3] = float32(s.theta), float32(s.thetaDot)
}
