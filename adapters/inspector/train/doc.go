// Package train teaches an inspector.Detector kinds of defects from pictures whose defects are marked, by boxes or by masks.
//
// Every picture becomes a picture of marks. Windows are drawn at random, a share of them round a defect, turned and mirrored at random; the target of a patch is the share
// of its pixels that each kind covers, and the loss the cross-entropy between that and what a linear head gives from the patch's vector. So a box that
// ends inside a patch says so, and the map of chances, interpolated, crosses one half where the box ends. With templates the input is inspector.Stack.
//
// The threshold of score is the lowest for which held-back pictures have at most so many false boxes each. The weights have the same bits for any number
// of workers and across stop and resume.
package train
