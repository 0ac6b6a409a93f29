// Package metrics scores predictions, and says how sure a score is.
//
//	Accuracy, MacroF1, ConfusionMatrix, ROCAUC   as in scikit-learn: the truth first
//	SQuAD, SQuAD2                                exact match and F1 as in the official scripts
//	ROUGE                                        as in Google's rouge-score package
//	Bootstrap, PairedBootstrap                   95 % intervals, the same for the same seed
//	Mean, SD, IQM                                of runs
//
// Scores are fractions from 0 to 1.
package metrics
