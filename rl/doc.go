// Package rl gives environments by their names, and the model of their trajectories. What environments are is in package env and below, what episodes are
// as data in package trajectory.
//
//	m, err := rl.Load("my-model")                  // config.json, model.safetensors
//	err = m.Snapshot().Observe(y, 0, observation, 1) // [1, D]: features of one observation of the first environment
//
// A Model is one encoder for all environments, with projections of each one's own before and behind it, as in Gato's and Decision Transformer's line (Chen et al.,
// 2021; Reed et al., 2022). A step is up to three tokens, the return to go, the observation and the action; each may be hidden, which is what pretraining
// does (package pretrain) and how one set of weights answers different questions (Wu et al., "Masked Trajectory Models", 2023). Parameters bear the names of
// transformers' Decision Transformer where it has them, those of an environment behind its name. Folders may come from strangers: sizes are checked against
// limits, and against the header of the weight files, before anything is allocated.
//
// A Model is what training changes; an Inference is an immutable snapshot of it, safe for concurrent use.
package rl
