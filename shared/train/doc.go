// Package train is the one training loop: schedule, accumulation, clipping, evaluation, early stopping, and a run
// folder from which a run continues to the same bits after a kill.
//
// A Task supplies batches, the forward and backward pass and the evaluation; Run does the rest. Batches
// are a pure function of the step, so the state of a run is small: the step, weights, the optimizer's moments, and a few counters.
// A run folder holds
//
//	recipe.json          Config and the caller's recipe, compared on resume
//	metrics.jsonl        one line per step and per evaluation, no times in it: the same run writes the same bytes;
//	                     what stands before a checkpoint is as durable as that
//	checkpoint-<step>/   model.safetensors, optimizer.safetensors, state.json with the SHA-256 of all files and of itself;
//	                     average.safetensors where the weights are averaged; best.safetensors if the best evaluation's own checkpoint could not be written
//	report.html          curves and facts, without scripts
//	lock                 held while a run is going on
//
// Only parameters that are not frozen are saved and digested.
//
// A loss or gradient that is not finite costs that step: weights and optimizer keep their bits, the step is counted, and
// after 10 in a row the run ends with ErrNonFinite. A save that fails is logged and
// training goes on; only the last one's failure is returned.
package train
