// Package policy acts in environments: a head over the model of trajectories (package rl) that gives actions, and a value of what is seen.
//
//	p, err := policy.Load("pole", nil)                     // a folder that fm adapt policy has left; nil: it has no base of its own
//	s := p.NewSession(1)
//	d, err := s.Predict(action, observation, true)         // the likeliest action; what d holds can be logged and replayed
//	scores, err := policy.Evaluate(ctx, []*policy.Policy{p}, "CartPole-v1", policy.EvaluateOptions{})
//
// Actions are whole numbers, by their probabilities, or vectors within limits, by a normal distribution that tanh squashes. A policy reads the observation alone, or
// the last K steps of returns to go, observations and actions (Chen et al., Decision transformer, 2021): then it is asked for a return. Such a session keeps the last K
// steps and reads them anew in every step, for their places in the window change.
//
// A policy knows the range of observations that it was trained on. What is further outside than the margin, or isn't finite, gets the fallback action and a flag: see
// Envelope.
//
// A Policy is an immutable snapshot, safe for concurrent use; a Session is one goroutine's, and makes no garbage. The same adapter, seed and observations give the same
// decisions to the bit, on every machine, which Log and Replay hold it to. Package train trains policies.
package policy
