// Package policy acts in environments: a head over the model of trajectories (package rl) that gives actions, and a value of what is seen.
//
//	p, err := policy.Load("pole", nil)                     // a folder that fm adapt policy has left; nil: it has no base of its own
//	s := p.NewSession(1)
//	d, err := s.Predict(action, observation, true)         // the likeliest action; what d holds can be logged and replayed
//	scores, err := policy.Evaluate(ctx, []*policy.Policy{p}, "CartPole-v1", policy.EvaluateOptions{})
//
// Actions are whole numbers, by their probabilities, or vectors within limits, by a normal distribution that tanh squashes. A policy reads the observation alone, or
// the last steps of returns to go, observations and actions, up to K of them (Chen et al., Decision transformer, 2021): then it is asked for a return. Such a session keeps the steps
// and the keys and values that the model has read of them, and reads each step once; see Session for what happens when K are there. A decision is 3.2 to 4.2 times
// as fast so (64 and 256 wide, K = 20) as with all K steps read anew in every step, by
//
//	go test ./adapters/policy -run - -bench Predict
//
// A policy knows the range of observations that it was trained on. What is further outside than the margin, or isn't finite, gets the fallback action and a flag: see
// Envelope.
//
// A Policy is an immutable snapshot, safe for concurrent use; a Session is one goroutine's, and makes no garbage. The same adapter, seed and observations give the same
// decisions to the bit, on every machine, which Log and Replay hold it to. Package train trains policies.
package policy
