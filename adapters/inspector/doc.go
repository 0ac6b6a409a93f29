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
// On simulated textiles (pictures of 250x250; 100 good, 150 with a local and 150 with a global defect), seen through windows of 28x28 by vision/mini, which has seen
// nothing but clothes:
//
//	fm data prepare textile --src vis-textile --train 200 --out data
//	fm adapt inspect --base vision/mini --data data --out adapter --standardize --coreset 0.005 --seed 1
//	fm eval inspect --adapter adapter --data data
//	fm eval inspect --data data --baseline pca
//
//	good pictures  way                   image_AUROC local  global  recall at 1 % false alarms local  global
//	20             principal components           1.0000  0.9988                             1.000   0.980
//	20             bank                           0.9999  1.0000                             1.000   1.000
//	200            principal components           1.0000  0.9987                             1.000   0.967
//	200            bank                           1.0000  1.0000                             1.000   1.000
//
// With --train 20 the flags are --coreset 0.1 --false-alarms 0.05. A model that knows nothing does as well: the preset tiny after one step (--image 64 --patch 8) has
// 0.9999 and 1.0000 with 20 pictures. Contrast matters: of the pictures as they are, exposure and all, the bank of 20 has 0.9999 local and 0.9590 global; brought to a
// standard deviation of 1, four times what cloth has, 0.9925 and 1.0000. That of the good pictures (View.Contrast) was chosen on training pictures with specks, blur, turns
// and stretching put in, where it has 0.9458 and 1.0000, and the others 0.9397 and 0.9461, and 0.8792 and 0.9969. The ridge of
// whitening was chosen likewise, never on the test.
// Resizing pictures from 250 to 248 pixels hid such scratches from patches of 8 pixels (from an image_AUROC of 0.98 to 0.57 by Mahalanobis distances of pixels), so pictures are looked at in their
// own size.
//
// Where some defective pictures are labelled, though nobody says where their defects are, Naming calls what it finds by their kinds. With 20 of each (--names 20, a model of the preset tiny after 300 steps, contrast 1) the
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
