// Package baseline answers questions without a model, as something cheap to compare one with: the run of words of the context that the words of the
// question stand nearest to, of a kind that the question asks for (after the sliding window of Richardson et al., "MCTest", 2013).
package baseline
