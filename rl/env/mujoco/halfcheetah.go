package mujoco

import "github.com/fmkit/fmkit/rl/env/nprandom"

// halfCheetah is a two-legged runner. It observes its posture, without its place, and its velocities, gets its speed and pays for effort.
func halfCheetah() task {
	return task{
		spec: Spec{"HalfCheetah-v5", 1000, 4800}, file: "half_cheetah.xml", nq: 9, nv: 9, nu: 6, skip: 5, size: 17,
		start: func(s *state, g *nprandom.Generator) {
			noise(s.qpos, g, 0.1)
			for i := range s.qvel {
				s.qvel[i] += float64(0.1 * g.Normal())
			}
		},
		observe: func(x []float32, s *state) { write(x, s.qpos[1:], s.qvel) },
		judge: func(s *state, action []float32, x, dt float64) (float64, bool) {
			return (s.qpos[0]-x)/dt - float64(float32(0.1)*effort(action)), false
		},
	}
}
