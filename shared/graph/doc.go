// Package graph trains chains of sublayers as Gorgonia graphs, and is the only package that imports Gorgonia.
//
// Gorgonia differentiates, orders and runs; the numbers come from the sublayers. Each sublayer is one op that owns its output: ops carry
// activations only, parameters stay in package nn, and the batch reaches the ops beside the graph. So a graph costs little
// over calling the sublayers directly, and its loss and gradients are those of the direct calls to the bit.
//
// What is fenced off, because it is slow or wrong in Gorgonia v0.9.18: its own softmax, solvers, buffers and shape arithmetic; graph building
// without a lock (Grad puts a package-wide node into every graph); ops that hash alike (they would be merged); panics inside
// ops (they would end the process); a second run without Reset (it would return the first run's values).
package graph
