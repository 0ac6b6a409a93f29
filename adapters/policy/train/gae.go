package train

// estimate sets advantages and returns to go [T, N] by generalized advantage estimation (Schulman et al., High-dimensional continuous control using
// generalized advantage estimation, 2016, equations 11 to 16):
//
//	A(t) = r(t) + gamma V'(t) - V(t) + gamma lambda A(t+1),  R(t) = A(t) + V(t)
//
// next [T, N] holds V'(t), the value of the observation that follows: 0 after a termination, that of an episode's own last observation after a
// truncation. Where an episode ended, nothing comes from A(t+1).
func estimate(advantages, returns, values, next []float32, rewards []float64, ended []bool, n int, gamma, lambda float64) {
	for i := range n {
		carry := 0.0
		for at := len(rewards) - n + i; at >= 0; at -= n {
			if ended[at] {
				carry = 0
			}
			delta := rewards[at] + float64(gamma*float64(next[at])) - float64(values[at])
			carry = delta + float64(float64(gamma*lambda)*carry)
			advantages[at] = float32(carry)
			returns[at] = float32(carry + float64(values[at]))
		}
	}
}
