// Package pretrain trains models of trajectories on recorded episodes, without anybody's goal, by hiding parts of them (Wu et al., "Masked Trajectory Models for
// Prediction, Representation, and Control", 2023; Liu et al., "Masked Autoencoding for Scalable and Generalizable Decision Making", 2022) and by
// reading on where they end (Chen et al., "Decision Transformer", 2021).
//
// A micro-batch is windows of one environment: a share of them is read causally, where every token predicts what comes next; of the others each is a question of
// its own, asked by what is hidden: tokens at random, everything from some token on, the last action with or without returns, the next
// observation, the actions between observations, one observation in the middle. Losses are the cross-entropy of discrete actions and the mean squared error of
// standardised observations, actions and returns; each is a mean over its tokens, and the recipe weighs them.
// A share of the micro-batches is single observations, each by itself, which predict the action and the next observation: what a policy without a memory reads.
//
// Episodes are held back whole. What standardises is measured on the others, in their order, and becomes part of the model's config. Windows and masks are
// pure functions of the seed and the sample's number, and package train owns the loop, so a run that was stopped goes on to the same bits. Verify trains
// again and compares.
package pretrain
