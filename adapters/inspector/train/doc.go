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
// Without templates too little is found at few false boxes. What was tried on group 50600, from random weights of tiny, one seed (recall at one false box a picture; at the threshold of a group
// held back; pixel AUROC):
//
//	windows of 48 pixels, 4,000 steps, a box scored by the sum of its chances   0.097   0.160 with 1.86 false boxes   0.935
//	the same behind a stem of convolutions (vision.Config.Stem)                0.063   0.461 with 2.92               0.965
//	the same, a box scored by its highest chance (DetectorSettings.Highest)    0.282                                 0.965
//	the same with windows of 96 pixels, 2,000 steps                            0.369   0.820 with 4.27               0.968
//	good pictures to learn from too, a focus of 0.8, 2,500 steps               0.311   0.820 with 5.43               0.970
//	the same by Muon at 4e-3 and with zooms up to a quarter, 3,000 steps       0.301   0.689 with 4.41               0.973
//
// Mean average precision rose from 0.481 to 0.650 by the last line. On group 77000, 2,000 steps each, from the line before it to the last: 0.641 by AdamW at 1.5e-3, 0.823 by Muon at 2e-3, 0.859 by Muon at
// 4e-3 with zooms (0.677 with 0.24 at the threshold; cmd/bench/deeppcb --template=false --stem 32,64,128 --image 96 --steps 2000 --folds 0 --fold group77000), so Muon and zooms are the default
// without templates. The plain first recipe has 0.140 over all groups and 0.297 on group 77000. What is left depends on the group: of the 40 highest false boxes of
// group 50600 nearly all lay on good traces that grow thin between wide ends, as in no other group.
//
// A picture that is labelled defective without a box or a mask is marked whole. What good pictures have too is then as likely good, and what they don't have is the defect. That takes
// many steps: of the textiles of package inspector, with 200 good pictures, 20 of each defect and 200 steps on its untrained model, image_AUROC came to 0.43 [0.36, 0.49], which is nothing
// learnt (the same after 1,000 steps from a model of 300), where the bank of good pictures alone has 0.9997 and 1.0000, and its Naming needs no more than those labels. The weights have the same bits for any number of workers and across stop and resume; Verify trains again and compares.
//
// Transfer measures what labels are worth, and whether a base saves some: recall over numbers of defective pictures, from random weights, a base and without any (fm report transfer inspect, which
// took the place of cmd/bench/labels).
//
// Two other ways did worse on DeepPCB, with templates, trained on five groups of boards and tested on a sixth, by which the design was chosen. A class token that
// learns what a proposed place is as a whole found 88 % of the defects at one false box a picture where the patches inside the place, of the same model, found
// 92 %. A map of the whole board, with the difference as a channel, found 37 %; it had larger windows and fewer steps, so that says little.
package train
