// Package baseline tags words without a pretrained model: an averaged perceptron (Collins, 2002) over the words, their spelling and the tags before them, from
// left to right. It learns from WNUT 17 in seconds; pretraining has to beat it.
//
// All its numbers are integers, so its tags are the same on every machine.
package baseline
