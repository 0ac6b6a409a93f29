// Package inspector finds what is wrong with a picture when it has seen good ones only, or a template, or pictures whose defects are marked.
//
// An Inspector keeps a memory bank of patch vectors of good pictures (PatchCore: Roth et al., "Towards total recall in industrial anomaly
// detection", CVPR 2022). A patch is as bad as it is far from the bank; a picture as its worst patch. The thresholds come from the good pictures
// alone, and with a stated rate of false alarms. A Template compares with a picture of how it should be.
//
// On simulated textiles, with amplitudes of waves as features by hand instead of a model's, a bank of 200 good pictures reaches an image_AUROC of 1.000 for
// local and 0.986 for global defects, one of 20 pictures 1.000 and 0.885; 1 of 100 other good pictures is then called defective where 5 were allowed
// (TestTextile).
//
// A Detector has learnt kinds of defects from marked pictures, by the train package, and names what it finds. With templates it judges the places where picture and
// template differ; without, it searches the whole picture.
//
// All arithmetic is canonical: a bank, its thresholds and every answer have the same bits on every machine and with any number of workers.
// The baseline sub-package has the cheap methods that a pretrained model has to beat.
package inspector
