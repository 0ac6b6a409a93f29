package classic

import (
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/vector"
)

// NewCartPoleVector makes n environments as NewCartPole(CartPoleConfig{}) makes one, with a time limit in steps.
func NewCartPoleVector(n, limit int, mode vector.Autoreset) (vector.Env, error) {
	return newVector[cartPoleState](NewCartPole(CartPoleConfig{}), boundsOf(-0.05, 0.05), n, limit, mode)
}

// NewMountainCarVector makes n environments as NewMountainCar(MountainCarConfig{}) makes one, with a time limit in steps.
func NewMountainCarVector(n, limit int, mode vector.Autoreset) (vector.Env, error) {
	return newVector[carState](NewMountainCar(MountainCarConfig{}), boundsOf(-0.6, -0.4), n, limit, mode)
}

// NewMountainCarContinuousVector makes n environments as NewMountainCarContinuous(MountainCarContinuousConfig{}) makes one, with a time
// limit in steps.
func NewMountainCarContinuousVector(n, limit int, mode vector.Autoreset) (vector.Env, error) {
	return newVector[continuousCarState](NewMountainCarContinuous(MountainCarContinuousConfig{}), boundsOf(-0.6, -0.4), n, limit, mode)
}

// NewAcrobotVector makes n environments as NewAcrobot makes one, with a time limit in steps.
func NewAcrobotVector(n, limit int, mode vector.Autoreset) (vector.Env, error) {
	v, err := newVector[acrobotState](NewAcrobot(), boundsOf(-0.1, 0.1), n, limit, mode)
	if err != nil {
		return nil, err
	}
	v.many = new(acrobotMany)
	return v, nil
}

// NewPendulumVector makes n environments as NewPendulum(PendulumConfig{}) makes one, with a time limit in steps.
func NewPendulumVector(n, limit int, mode vector.Autoreset) (vector.Env, error) {
	return newVector[pendulumState](NewPendulum(PendulumConfig{}), pendulumBounds, n, limit, mode)
}

// boundsOf reads the options low and high.
func boundsOf(low, high float64) func(env.Options) (float64, float64, error) {
	return func(o env.Options) (float64, float64, error) { return bounds(o, low, high) }
}

func (s *cartPoleState) step(action float32, observation []float32) (float64, bool) {
	terminated := s.advance(action)
	s.observe(observation)
	return 1, terminated
}

func (s *carState) step(action float32, observation []float32) (float64, bool) {
	reached := s.advance(action, 0)
	s.observe(observation)
	return -1, reached
}

func (s *continuousCarState) step(action float32, observation []float32) (float64, bool) {
	reward, reached := s.advance(action, MountainCarContinuousConfig{})
	s.observe(observation)
	return reward, reached
}

func (s *pendulumState) step(action float32, observation []float32) (float64, bool) {
	cost := s.advance(pendulumTorque(action), PendulumConfig{Gravity: pendulumGravity})
	s.observe(observation)
	return -cost, false
}

func (s *acrobotState) step(action float32, observation []float32) (float64, bool) {
	s.advance(float64(action - 1))
	if s.write(observation) {
		return 0, true
	}
	return -1, false
}
