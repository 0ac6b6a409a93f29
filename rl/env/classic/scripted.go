package classic

// The scripted policies below are what a person would try first. They give a return to compare with.

// ScriptedCartPole pushes the cart to where the pole is falling.
func ScriptedCartPole(observation, action []float32) {
	action[0] = 0
	if observation[2]+observation[3] > 0 {
		action[0] = 1
	}
}

// ScriptedMountainCar pushes to where the car is moving.
func ScriptedMountainCar(observation, action []float32) {
	action[0] = 0
	if observation[1] >= 0 {
		action[0] = 2
	}
}

// ScriptedMountainCarContinuous pushes to where the car is moving.
func ScriptedMountainCarContinuous(observation, action []float32) {
	action[0] = -1
	if observation[1] >= 0 {
		action[0] = 1
	}
}

// ScriptedAcrobot turns the second link to where it is turning.
func ScriptedAcrobot(observation, action []float32) {
	action[0] = 0
	if observation[5] >= 0 {
		action[0] = 2
	}
}

// ScriptedPendulum pumps the pendulum up to the energy that it has at rest on top, and holds it there.
func ScriptedPendulum(observation, action []float32) {
	cos, sin, speed := float64(observation[0]), float64(observation[1]), float64(observation[2])
	if cos > 0.9 {
		action[0] = float32(clip(float64(-15*sin)-float64(4*speed), -pendulumMaxTorque, pendulumMaxTorque))
		return
	}
	energy := float64(speed*speed)/6 + float64(5*cos) // of a rod of mass 1 and length 1, and 5 on top
	push := pendulumMaxTorque
	if energy > 5 {
		push = -push
	}
	if speed < 0 {
		push = -push
	}
	action[0] = float32(push)
}
