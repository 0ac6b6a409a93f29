// Package classic has Gymnasium's five environments of classic control, exact to Gymnasium 1.4.0 with numpy 2.4.6: from the same seed
// the same first state, and after the same actions the same rewards and flags and states within 1e-9 over hundreds of steps. What differs
// is the last bit of sines and cosines, which are those of package trig, so that every machine has the same episodes.
//
// Observations are float32 and states float64, except where Gymnasium rounds its state too. Actions are float32 like those of
// Gymnasium's action spaces. numpy 2 multiplies such an action by a constant in float32; numpy 1, and numpy 2 for a float64
// action, in float64. Pendulum and MountainCarContinuous have an option for that.
//
// The constructors give environments without a time limit and without a check for steps after the end, like Gymnasium's classes;
// rl.Make adds both.
package classic
