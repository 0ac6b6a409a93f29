// Package inspector finds what is wrong with a picture when it has seen good ones only, or a template, or pictures whose defects are marked.
//
// An Inspector keeps a memory bank of patch vectors of good pictures (PatchCore: Roth et al., "Towards total recall in industrial anomaly
// detection", CVPR 2022). A patch is as bad as it is far from the bank; a picture as its worst patch. The thresholds come from the good pictures
// alone, and with a stated rate of false alarms. Windows are features of a vision transformer, Station judges pictures of any size with it, Adapt and
// Evaluate go from data sets to adapters and scores. A Template compares with a picture of how it should be.
//
// Where Settings ask for it, vectors are whitened and a picture is also judged on the whole: by the means and the logarithms of the mean squares of its
// vectors, against those of good pictures. What is further off for a good picture, the worst patch or the whole, is its score. So one rule finds a defect in
// one place and one that is everywhere, which leaves no patch far from the bank.
//
// On simulated textiles (pictures of 250x250; 100 good, 150 with a local and 150 with a global defect), seen through windows of 64x64 by models of the preset
// tiny that fm pretrain vision made of the 200 good training pictures, in one step (untrained for all purposes) or in 300:
//
//	fm data prepare textile --src vis-textile --train 200 --out data
//	fm pretrain vision --data data --out base --image 64 --patch 8 --gray --preset tiny --batch 16 --steps 1
//	fm adapt inspect --base base --data data --out adapter --standardize --coreset 0.005 --seed 1
//	fm eval inspect --adapter adapter --data data
//	fm eval inspect --data data --baseline pca
//
//	good pictures  way              image_AUROC local  global  recall at 1 % false alarms local  global
//	20             principal components           1.0000  0.9988                             1.000   0.980
//	20             bank, untrained model          0.9999  1.0000                             1.000   1.000
//	20             bank, model of 300 steps       0.9993  1.0000                             0.980   1.000
//	200            principal components           1.0000  0.9987                             1.000   0.967
//	200            bank, untrained model          0.9997  1.0000                             0.993   1.000
//	200            bank, model of 300 steps       0.9997  1.0000                             0.987   1.000
//
// With --train 20 the flags are --coreset 0.1 --false-alarms 0.05; the models are the same, so that of 300 steps has seen more than 20 good pictures. With 20 pictures
// 0 and 4 of the 100 other good ones are called defective (5 were allowed), with 200 it is 0 and 1 (1 was). Training that briefly does not help. vision/mini, whose patches have 4
// pixels, has 0.9925 local and 1.0000 global with 20 pictures and the same flags: what its convolutions make of a patch; of its layers 2 and 3 it is 0.6709 local. That was seen on
// the cloth of fm demo first. The ridge of
// whitening, the layers and the size of cells were chosen on training pictures with scratches and changes of weave drawn into them, never on the test.
// Resizing pictures from 250 to 248 pixels hid such scratches from patches of 8 pixels (from an image_AUROC of 0.98 to 0.57 by Mahalanobis distances of pixels), so pictures are looked at in their
// own size.
//
// Where some defective pictures are labelled, though nobody says where their defects are, Naming calls what it finds by their kinds. With 20 of each (--names 20, the model of 300 steps) the
// scores stay as they are, and of the 260 other defective pictures 0.965 [0.942, 0.985] are found and called by their kind with 200 good pictures, 0.973 [0.954, 0.992] with 20: all
// global ones, and 0.931 and 0.946 of the local ones. Their places are those of the map; the data set doesn't say where its defects are.
//
// With amplitudes of waves as features by hand, neither whitened nor judged on the whole, a bank of 200 good pictures reaches an image_AUROC of 1.000 for
// local and 0.986 for global defects, one of 20 pictures 1.000 and 0.885 (TestTextile).
//
// A Detector has learnt kinds of defects from marked pictures, by the train package, and names what it finds. With templates it judges the places where picture and
// template differ; without, it searches the whole picture.
//
// All arithmetic is canonical: a bank, its thresholds and every answer have the same bits on every machine and with any number of workers.
// The baseline sub-package has the cheap methods that a pretrained model has to beat.
package inspector
