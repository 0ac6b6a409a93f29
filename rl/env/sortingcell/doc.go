// Package sortingcell is an environment of our own, SortingCell-v0: an arm above a conveyor belt that pushes parts of three kinds into
// the bins of their kinds.
//
// The belt runs from 0 to 1000 millimetres, 20 a step. A part of a random kind is put on it every 16 to 24 steps (evenly drawn), until a
// batch of 20 is through. Bins with mouths of 80 millimetres stand beside the belt at 500, 600 and 700, one for each kind. The arm runs
// along the belt from 400 to 800, 50 a step. Its actions:
//
//	0  wait
//	1  move back, towards the beginning of the belt
//	2  move forward
//	3  push: the part nearest to the arm, at most 30 away, leaves the belt, into the bin whose mouth the arm is in
//
// A push keeps the arm busy: the next action counts as waiting. The arm acts first, then the belt moves.
//
// A part in the bin of its kind is worth 1. A part in another bin, one pushed off where no bin is, and one that reaches the end of the
// belt cost 1 and are mistakes; a push at nothing costs 0.02. The episode terminates when the batch is through or after the fifth
// mistake; rl.Make truncates it after 600 steps. The best return is 20.
//
// The observation has 24 numbers from 0 to 1: the arm's place on the belt, whether it is busy, then for each of the four parts nearest to
// the end of the belt, the nearest first, whether there is one, its place, and its kind one-hot, then the share of the batch that has yet to come and
// the mistakes by five. With Camera it is a picture of the cell from above instead, uint8 [64, 64, 3], and the kinds have to be told
// by shape and colour.
//
// All places are whole millimetres, so every machine has the same episodes. Options of a reset: speed, in whole millimetres a step from
// 5 to 40, and parts, the size of the batch from 1 to 1000.
package sortingcell
