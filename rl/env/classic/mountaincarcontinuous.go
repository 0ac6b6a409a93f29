package classic

import (
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/nprandom"
	"github.com/fmkit/fmkit/rl/env/trig"
)

// MountainCarContinuous is MountainCarContinuous-v0: the car of MountainCar with an action from -1 to 1 that says how hard it is pushed.
// Reaching position 0.45 with at least the goal velocity is worth 100, each step costs a tenth of the squared action (before it is
// clipped). Gymnasium keeps this state in float32 from the first step on.
type MountainCarContinuous struct {
	env.Base
	config MountainCarContinuousConfig
	state  continuousCarState
}

type continuousCarState struct {
	carState
	narrowed bool // it is in float32
}

// MountainCarContinuousConfig has the options of the constructor.
type MountainCarContinuousConfig struct {
	GoalVelocity   float64 // at the goal, at least
	Float64Actions bool    // actions count as float64, as for numpy 1
}

var (
	carContinuousGoal = 0.45
	carPower          = 0.0015
)

// NewMountainCarContinuous makes a MountainCarContinuous.
func NewMountainCarContinuous(c MountainCarContinuousConfig) *MountainCarContinuous {
	return &MountainCarContinuous{Base: env.NewBase(carSpace(), symmetric([]float32{1})), config: c}
}

// Reset begins an episode as MountainCar's does.
func (m *MountainCarContinuous) Reset(observation []float32, seed int64, o env.Options) (env.Info, error) {
	low, high, err := bounds(o, -0.6, -0.4)
	if err != nil {
		return nil, err
	}
	if err := m.Begin(observation, seed); err != nil {
		return nil, err
	}
	m.state.start(m.Random(), low, high)
	m.state.observe(observation)
	return nil, nil
}

// Step pushes the car.
func (m *MountainCarContinuous) Step(observation, action []float32) (env.Outcome, error) {
	if err := m.Check(observation, action); err != nil {
		return env.Outcome{}, err
	}
	reward, terminated := m.state.advance(action[0], m.config)
	m.state.observe(observation)
	return env.Outcome{Reward: reward, Terminated: terminated}, nil
}

// State gives the state.
func (m *MountainCarContinuous) State() []float64 {
	return []float64{m.state.position, m.state.velocity}
}

func (s *continuousCarState) start(g *nprandom.Generator, low, high float64) {
	s.carState.start(g, low, high)
	s.narrowed = false
}

// advance moves the car by whichever arithmetic numpy would use. It gives the reward and whether the car reached the goal.
func (s *continuousCarState) advance(action float32, c MountainCarContinuousConfig) (reward float64, reached bool) {
	angle := 3 * s.position
	if s.narrowed {
		angle = rounded(angle)
	}
	slope := float64(carGravity * trig.Cos(angle))
	push := float64(clip(float64(action), -1, 1)*carPower) - slope
	beyond := action < -1 || action > 1 // the bound counts instead, a Python float, which takes the type of what it meets
	if !c.Float64Actions && !beyond {
		push = float64(float32(action*float32(carPower)) - float32(slope))
	}
	narrow := s.narrowed && (beyond || !c.Float64Actions)
	s.velocity = add(s.velocity, push, narrow)
	speed, low, high, goal := carMaxSpeed, carMin, carMax, carContinuousGoal
	if narrow {
		speed, low, high, goal = rounded(speed), rounded(low), rounded(high), rounded(goal)
	}
	s.velocity = clip(s.velocity, -speed, speed)
	s.position = clip(add(s.position, s.velocity, narrow), low, high)
	if s.position == low && s.velocity < 0 {
		s.velocity = 0
	}
	if reached = s.position >= goal && s.velocity >= c.GoalVelocity; reached {
		reward = 100
	}
	reward -= float64(float64(float64(action)*float64(action)) * 0.1)
	s.position, s.velocity, s.narrowed = rounded(s.position), rounded(s.velocity), true
	return reward, reached
}

// add is a + b in float64, or in float32 for narrow numbers.
func add(a, b float64, narrow bool) float64 {
	if narrow {
		return float64(float32(a) + float32(b))
	}
	return a + b
}

// rounded is v as float32 has it.
func rounded(v float64) float64 { return float64(float32(v)) }
