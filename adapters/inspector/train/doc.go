// Package train teaches an inspector.Detector kinds of defects from pictures whose defects are marked, by boxes or by masks.
//
// Every picture becomes a picture of marks. Windows are drawn at random, turned, mirrored and brightened at random; the target of a patch is the share of its pixels that each
// kind covers, and the loss the cross-entropy between that and what a linear head gives from the patch's vector. With templates the input is
// Template.Stack, and most windows lie round places that the template proposes.
//
// The threshold of score is the lowest for which pictures that were not trained on have at most so many false boxes each, on average. Every picture is looked at by a detector
// trained without its part of them (Config.Folds). Pictures of a group, such as a kind of board, stay on one side, and the threshold leaves room for a group like these that
// hasn't been seen (Boxes.Threshold). By the rule's assumptions that holds on average over groups, not for each. On DeepPCB, with templates, each of its seven groups left out in turn, 2,000
// steps of the preset tiny with windows of 48 pixels from random weights (cmd/bench/deeppcb --steps 2000):
//
//	thresholds for one false box  recall 0.998 [0.996, 1.000]  false boxes a picture 0.72 [0.51, 0.96], of a group 0.24 to 2.14
//	at half a false box           recall 0.992; the same network in PyTorch 0.991; the difference alone, which learns nothing, 0.998
//	found and called by kind      0.870 [0.853, 0.887]; mean average precision 0.799, in PyTorch 0.813 (one seed each)
//
// What is missed are mousebites (0.991); of every other kind all are found. So with a template what is learnt is how to call defects, not how to find them.
//
// Without templates, boards of a group that hasn't been seen are hard: what is good on them may be a defect elsewhere, such as digits etched into copper. What was tried on group 50600, from random weights of
// tiny, one seed (recall at one false box a picture; pixel AUROC):
//
//	windows of 48 pixels, 4,000 steps, a box scored by the sum of its chances   0.097  0.935
//	the same behind a stem of convolutions (vision.Config.Stem)                0.063  0.965
//	the same, a box scored by its highest chance (DetectorSettings.Highest)    0.282  0.965
//	the same with windows of 96 pixels, 2,000 steps                            0.369  0.968
//	good pictures to learn from too, a focus of 0.8, 2,500 steps               0.311  0.970
//	the same by Muon at 4e-3 and with zooms up to a quarter, 3,000 steps       0.301  0.973
//	the same with negatives (Config.Negative)                                  0.694
//
// The rest was chosen on group 00041 by detectors that had seen neither it nor group 92000 (cmd/bench/deeppcb --template=false --stem 32,64,128 --image 96 --steps 3000 --folds 0 --negative --inner
// --fold group92000, one seed; regions of boxes from a chance of 0.5, or of 0.3, and windows looked at in one way or in eight, DetectorSettings.Turns):
//
//	                                                             0.5    0.3    0.3, 8 ways
//	zooms up to a quarter                                        0.703  0.731  0.807
//	no zooms                                                     0.690  0.748  0.800
//	no zooms, 6,000 steps                                        0.724  0.772  0.872
//	no zooms, defects pasted into half of the windows (--paste)  0.731  0.783  0.869
//	the same, windows from 6 patches to 6 (--step), not 8                      0.897
//	the same, light parts of windows grown or shrunk by a pixel                0.841
//	zooms up to a quarter, defects pasted into all windows                     0.403
//
// So a level of 0.3 and no zooms are the default without templates, and Muon, by which group 77000 went from 0.641 to 0.823; pasting, negatives and ways are for data that have what they need. Of the
// highest false boxes left most lie on digits and characters in copper, which no other group has.
//
// A picture that is labelled defective without a box or a mask is marked whole. What good pictures have too is then as likely good, and what they don't have is the defect. That takes
// many steps: of the textiles of package inspector, with 200 good pictures, 20 of each defect and 200 steps on the untrained preset tiny, image_AUROC came to 0.43 [0.36, 0.49], which is nothing
// learnt (the same after 1,000 steps from a model of 300), where the bank of good pictures alone has 1.0000 and 1.0000, and its Naming needs no more than those labels. The weights have the same bits for any number of workers and across stop and resume; Verify trains again and compares.
//
// Transfer measures what labels are worth, and whether a base saves some: recall over numbers of defective pictures, from random weights, a base and without any (fm report transfer inspect, which
// took the place of cmd/bench/labels).
//
// Two other ways did worse on DeepPCB, with templates, trained on five groups of boards and tested on a sixth, by which the design was chosen. A class token that
// learns what a proposed place is as a whole found 88 % of the defects at one false box a picture where the patches inside the place, of the same model, found
// 92 %. A map of the whole board, with the difference as a channel, found 37 %; it had larger windows and fewer steps, so that says little.
package train
