package mujoco

import (
	"math"

	"github.com/fmkit/fmkit/rl/env/nprandom"
)

// hopper is a leg that hops forward. It observes its posture, without its place, and its velocities up to 10 either way, gets its
// speed and 1 a step, pays for effort, and ends when it falls.
func hopper() task {
	return task{
		spec: Spec{"Hopper-v5", 1000, 3800}, file: "hopper.xml", nq: 6, nv: 6, nu: 3, skip: 4, size: 11,
		start: func(s *state, g *nprandom.Generator) {
			noise(s.qpos, g, 5e-3)
			noise(s.qvel, g, 5e-3)
		},
		observe: func(x []float32, s *state) {
			write(x, s.qpos[1:], s.qvel)
			for i := range s.qvel {
				x[5+i] = min(max(x[5+i], -10), 10)
			}
		},
		judge: func(s *state, action []float32, x, dt float64) (float64, bool) {
			reward := (s.qpos[0] - x) / dt
			healthy := upright(s)
			if healthy {
				reward++
			}
			return reward - float64(float32(1e-3)*effort(action)), !healthy
		},
	}
}

// upright tells whether the hopper stands: not too low, not too slanted, and nothing beyond 100.
func upright(s *state) bool {
	within := func(x []float64) bool {
		for _, v := range x {
			if !(v > -100 && v < 100) {
				return false
			}
		}
		return true
	}
	return s.qpos[1] > 0.7 && s.qpos[1] < math.Inf(1) && s.qpos[2] > -0.2 && s.qpos[2] < 0.2 && within(s.qpos[2:]) && within(s.qvel)
}
