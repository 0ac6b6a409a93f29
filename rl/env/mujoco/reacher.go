package mujoco

import (
	"math"

	"github.com/fmkit/fmkit/rl/env/nprandom"
	"github.com/fmkit/fmkit/rl/env/trig"
)

// reacher is an arm of two links on a table whose fingertip goes for a target. It observes cosines and sines of the joints, the
// target's place, the joints' velocities and the way from the target to the fingertip, and pays for its distance and for effort.
func reacher() task {
	return task{
		spec: Spec{"Reacher-v5", 50, -3.75}, file: "reacher.xml", nq: 4, nv: 4, nu: 2, skip: 2, size: 10,
		bodies: [2]string{"fingertip", "target"},
		start: func(s *state, g *nprandom.Generator) {
			noise(s.qpos, g, 0.1)
			for {
				s.qpos[2], s.qpos[3] = g.Uniform(-0.2, 0.2), g.Uniform(-0.2, 0.2)
				if math.Sqrt(float64(s.qpos[2]*s.qpos[2])+float64(s.qpos[3]*s.qpos[3])) < 0.2 {
					break
				}
			}
			noise(s.qvel, g, 0.005)
			s.qvel[2], s.qvel[3] = 0, 0
		},
		observe: func(x []float32, s *state) {
			for i := range 2 {
				sin, cos := trig.SinCos(s.qpos[i])
				x[i], x[2+i] = float32(cos), float32(sin)
				x[4+i], x[6+i], x[8+i] = float32(s.qpos[2+i]), float32(s.qvel[i]), float32(s.reach[i])
			}
		},
		judge: func(s *state, action []float32, _, _ float64) (float64, bool) {
			r := s.reach
			distance := math.Sqrt(float64(r[0]*r[0]) + float64(r[1]*r[1]) + float64(r[2]*r[2]))
			return -distance - float64(effort(action)), false
		},
	}
}
