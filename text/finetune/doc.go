// Package finetune is what the training of every text adapter shares: the fit of a head, with or without the model
// under it, to labelled rows; the choice of rate and epochs on a development split; the passport; training again from it.
//
// A task supplies a Head (the loss at the end of the chain), its rows and its score. Batches are buckets of rows of like length, a pure function of the step,
// so that a stopped run goes on to the same bits and a passport leads to the same digest.
package finetune
