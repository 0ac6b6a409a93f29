// Package train trains policies: online by PPO, or from recorded episodes.
//
// Online is proximal policy optimization (Schulman et al., 2017) with the details of CleanRL's ppo.py, over any encoder: generalized advantage estimation, the clipped
// objective, advantages normalized by minibatch, a rate that falls to 0, Adam's epsilon of 1e-5. What differs:
//
//   - Environments reset within the last step of an episode (SameStep), so no step is without meaning, and a truncated episode goes on from its own last
//     observation: V there stands for the rest.
//   - Observations are standardised by the model, with the mean and deviation of all that was seen up to the last rollout, so that a rollout and its updates see
//     the same; those of a base are kept. The adapter stores them. Rewards are divided by the deviation of the discounted return up to the last rollout.
//   - Every PPO.Renew rollouts all environments begin anew, with seeds of their own. A checkpoint is of such a moment, so it needs nothing of any environment, and a
//     run that was stopped or killed goes on to the same bits.
//   - The value has its head on the encoder that actions have.
//
// All is a function of recipe and seed: choices are drawn by their number, environments are seeded by rollout and number, and the weights are the same for any number of
// workers.
//
// From random weights, one block of width 64 over one token (about 35,000 weights), five seeds, each the mean return of 100 deterministic episodes: CartPole-v1 500.0
// in all after 99,328 steps; Acrobot-v1 -86 to -74 and Pendulum-v1 -174 to -160 after 299,008. TestBars has the bars. A hundred thousand steps of CartPole-v1 take
// about 3 s on two cores without other work.
//
// From episodes: Clone learns what was done after an observation, from all episodes or the best fraction; Return what was done after some steps given the return that
// was to come. Both split by episode, never by step. Transfer asks whether a base makes cloning need fewer episodes than random weights or a plain network do.
package train
