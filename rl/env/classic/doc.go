// Package classic has Gymnasium's five environments of classic control, exact to Gymnasium 1.4.0 with numpy 2.4.6: from the same seed
// the same first state, and after the same actions the same rewards and flags and states within 1e-9. What differs is the last bit of
// some sines and cosines, which are those of package trig, so that every machine has the same episodes.
//
// Over 200 seeds of 200 steps each, with random and scripted actions, all states of CartPole and MountainCarContinuous are equal,
// those of MountainCar within 3e-16, of Pendulum within 1e-11. Acrobot is chaotic once it swings: in 198 of its 200 episodes states are within 1e-9,
// in two that are swung up within 3e-8.
//
// Observations are float32 and states float64, except where Gymnasium rounds its state too. Actions are float32 like those of
// Gymnasium's action spaces. numpy 2 multiplies such an action by a constant in float32; numpy 1, and numpy 2 for a float64
// action, in float64. Pendulum and MountainCarContinuous have an option for that.
//
// The constructors give environments without a time limit and without a check for steps after the end, like Gymnasium's classes;
// rl.Make adds both.
package classic
