// Package finetune is what the training of every adapter shares, whatever its base reads: the fit of a head, with or without the model under it,
// to labelled rows; the choice of rate and epochs on a development split; the passport; training again from it.
//
// An adapter is three things: a package with a Predictor (adapters/<task>), a train package below it that describes the Task, and a line in
// cmd/fm/task.go. The Task's Fit lays examples out in rows, makes a Head, which ends in the loss, and calls Fit of this package; the rest
// of the Task says how examples are read, divided and scored.
//
// A modality has a model that is a Base, and Rows that the model reads: text.Rows are tokens, vision.Rows pictures.
//
// Batches are buckets of rows of like length, a pure function of the step, so that a stopped run goes on to the same bits and a passport leads
// to the same digest.
package finetune
