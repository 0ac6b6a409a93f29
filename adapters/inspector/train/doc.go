// Package train teaches an inspector.Detector kinds of defects from pictures whose defects are marked, by boxes or by masks.
//
// Every picture becomes a picture of marks. Windows are drawn at random, turned, mirrored and brightened at random; the target of a patch is the share of its pixels that each
// kind covers, and the loss the cross-entropy between that and what a linear head gives from the patch's vector. So a box that ends inside a
// patch says so, and the map of chances, interpolated, crosses one half where the box ends.
//
// With templates the input is Template.Stack, most windows lie round places that the template proposes, and the class token learns what such a place is as a
// whole: the kind of the true box that it overlaps most of all places, or good.
//
// The threshold of score is the lowest for which held-back pictures have at most so many false boxes each, on average. The weights have the same bits for
// any number of workers and across stop and resume.
package train
