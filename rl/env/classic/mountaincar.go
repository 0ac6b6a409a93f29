package classic

import (
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/nprandom"
	"github.com/fmkit/fmkit/rl/env/trig"
)

// MountainCar is MountainCar-v0: a car in a valley, too weak to drive up the hill on its right at once. Actions push it to the left (0), not
// at all (1) or to the right (2). Its state and observation are position and velocity. Each step costs 1 until the car reaches
// position 0.5 with at least the goal velocity. Moore, "Efficient memory-based learning for robot control", 1990.
type MountainCar struct {
	env.Base
	config MountainCarConfig
	state  carState
}

// MountainCarConfig has the options of the constructor.
type MountainCarConfig struct {
	GoalVelocity float64 // at the goal, at least
}

type carState struct{ position, velocity float64 }

var (
	carMin, carMax = -1.2, 0.6
	carMaxSpeed    = 0.07
	carGoal        = 0.5
	carForce       = 0.001
	carGravity     = 0.0025
)

// NewMountainCar makes a MountainCar.
func NewMountainCar(c MountainCarConfig) *MountainCar {
	return &MountainCar{Base: env.NewBase(carSpace(), discrete(3)), config: c}
}

// Reset begins an episode at rest at a position drawn evenly between the options low and high, -0.6 and -0.4 without.
func (m *MountainCar) Reset(observation []float32, seed int64, o env.Options) (env.Info, error) {
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
func (m *MountainCar) Step(observation, action []float32) (env.Outcome, error) {
	if err := m.Check(observation, action); err != nil {
		return env.Outcome{}, err
	}
	o := env.Outcome{Reward: -1, Terminated: m.state.advance(action[0], m.config.GoalVelocity)}
	m.state.observe(observation)
	return o, nil
}

// State gives the state in float64.
func (m *MountainCar) State() []float64 { return []float64{m.state.position, m.state.velocity} }

func (s *carState) start(g *nprandom.Generator, low, high float64) {
	s.position, s.velocity = g.Uniform(low, high), 0
}

// advance moves the car and tells whether it reached the goal.
func (s *carState) advance(action float32, goalVelocity float64) bool {
	s.velocity += float64(float64(action-1)*carForce) + float64(trig.Cos(3*s.position)*-carGravity)
	s.velocity = clip(s.velocity, -carMaxSpeed, carMaxSpeed)
	s.position = clip(s.position+s.velocity, carMin, carMax)
	if s.position == carMin && s.velocity < 0 {
		s.velocity = 0
	}
	return s.position >= carGoal && s.velocity >= goalVelocity
}

func (s *carState) observe(observation []float32) {
	_ = observation[1]
	observation[0], observation[1] = float32(s.position), float32(s.velocity)
}
