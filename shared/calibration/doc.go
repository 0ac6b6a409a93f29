// Package calibration makes an adapter's scores mean something: a confidence that is right as often as it says, a threshold below which it abstains, sets of
// labels that hold the true one with a promised chance, and a way to tell what is none of its classes.
//
//	Temperature        a confidence out of logits (Guo et al., "On calibration of modern neural networks", 2017)
//	Above, Below       thresholds that a further score keeps with a promised chance (split conformal prediction; Vovk, Gammerman and Shafer, 2005)
//	Fit, Classes       all of it for a classifier, as its passport keeps it
//	FitBinary, Binary  the confidence of answers that are right or wrong, such as spans of a text
//	FitAnswers         the same with a threshold
//	Verdict            what an answer says of itself: answer or abstain, its confidence, why
//
// Out of scope is what has a low energy, log of the sum of exp(logits) (Liu et al., "Energy-based out-of-distribution detection", 2020). On clinc150's validation texts and its
// 200 texts out of scope, by logistic regression over all-MiniLM-L6-v2, it was chosen among scores by their AUROC; none has seen a text out of scope:
//
//	                                15,000 texts  10 a class
//	largest probability, calibrated     0.939         0.933
//	largest logit                       0.976         0.971
//	energy                              0.977         0.972
//	cosine to the nearest class mean    0.984         0.978
//	Mahalanobis to the nearest mean     0.970         0.963
//	cosine to the 5th neighbour         0.977         0.966
//
// The cosine to class means is a little better and needs a mean of every class in the adapter; the energy needs nothing. The largest probability is better at telling right answers from
// wrong ones among texts in scope (AUROC 0.93 against 0.85), so both are used.
//
// What is learnt here is learnt from examples that the adapter wasn't trained on and isn't scored on. The promises hold on average over inputs that are exchangeable
// with those; no threshold keeps them for other inputs. Everything is canonical: the same bits on every machine.
package calibration
