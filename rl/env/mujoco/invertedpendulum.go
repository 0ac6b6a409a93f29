package mujoco

import (
	"math"

	"github.com/fmkit/fmkit/rl/env/nprandom"
)

// invertedPendulum is a pole on a cart that is pushed from -3 to 3. It observes the cart's place, the pole's angle and their velocities, gets
// 1 a step, and ends when the pole leans by more than 0.2.
func invertedPendulum() task {
	return task{
		spec: Spec{"InvertedPendulum-v5", 1000, 950}, file: "inverted_pendulum.xml", nq: 2, nv: 2, nu: 1, skip: 2, size: 4,
		start: func(s *state, g *nprandom.Generator) {
			noise(s.qpos, g, 0.01)
			noise(s.qvel, g, 0.01)
		},
		observe: func(x []float32, s *state) { write(x, s.qpos, s.qvel) },
		judge: func(s *state, _ []float32, _, _ float64) (float64, bool) {
			if !finite(s.qpos) || !finite(s.qvel) || math.Abs(s.qpos[1]) > 0.2 {
				return 0, true
			}
			return 1, false
		},
	}
}
