// Package metrics scores predictions, and says how sure a score is.
//
//	Accuracy, MacroF1, ConfusionMatrix, ROCAUC   as in scikit-learn: the truth first
//	LogLoss, Brier, ECE                          probabilities, as in scikit-learn and Guo et al.
//	CoverageRisk                                 what abstaining below a confidence is worth: the curve and its area
//	Rank, BootstrapRank                          scores of good and bad items: F1, average precision, recall at a false alarm rate
//	PixelScores                                  anomaly maps: pixel AUROC and AUPRO, as anomalib and MVTec define them
//	MeanAveragePrecision, RecallAtFalseBoxes     boxes, as PASCAL VOC matches them
//	SQuAD, SQuAD2                                exact match and F1 as in the official scripts
//	Entities, ScoreEntities                      runs of words and their F1, as in conlleval and seqeval
//	RecallAt, ReciprocalRank, NDCG               rankings of what was searched for, as in trec_eval
//	ROUGE                                        as in Google's rouge-score package
//	Bootstrap, PairedBootstrap                   95 % intervals, the same for the same seed
//	Mean, SD, IQM                                of runs
//
// Scores are fractions from 0 to 1.
package metrics
