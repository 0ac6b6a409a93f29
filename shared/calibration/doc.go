// Package calibration makes an adapter's scores mean something: a confidence that is right as often as it says, a threshold below which it abstains, sets of
// labels that hold the true one with a promised chance, and a way to tell what is none of its classes.
//
//	Temperature        a confidence out of logits (Guo et al., "On calibration of modern neural networks", 2017)
//	Above, Below       thresholds that a further score keeps with a promised chance (split conformal prediction; Vovk, Gammerman and Shafer, 2005)
//	Fit, Classes       all of it for a classifier, as its passport keeps it
//	FitBinary, Binary  the same for answers that are right or wrong, such as spans of a text
//	Verdict            what an answer says of itself: answer or abstain, its confidence, why
//
// What is learnt here is learnt from examples that the adapter wasn't trained on and isn't scored on. The promises hold on average over inputs that are exchangeable
// with those; no threshold keeps them for other inputs. Everything is canonical: the same bits on every machine.
package calibration
