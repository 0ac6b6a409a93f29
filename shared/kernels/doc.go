// Package kernels is the maths of training and inference on []float32: matrix products, attention, norms, activations,
// losses, the optimiser. Everything above it is arrangement.
//
// # Shapes
//
// A slice holds a dense array in row order; comments give its shape by one key of letters: B batch, T sequence (Tq
// queries, Tk keys), D model, H heads, K head size, F hidden, V vocabulary, N rows. Matrix products are [M, K] times
// [K, N]. Where rows may lie further apart than they are long, an argument named ld counts the floats from one to the
// next. A kernel panics on slices that are too short: that is a bug of its caller. Nothing else panics.
//
// # Canonical arithmetic
//
// The same inputs give the same bits on every processor, by every path, with any number of workers, and whatever else
// is in the batch. So every kernel keeps one order of operations:
//
//   - An element of a matrix product is one chain of float32 fused multiply-adds in ascending depth. It starts from +0, from
//     what the destination holds, or from a bias. Kernels vectorise over elements and share rows and columns among
//     workers; depth is cut only by storing the chain and taking it up again.
//   - A sum along a row has 16 lanes: element i goes to lane i mod 16, in ascending order; then lane l takes lane l+8, then l+4,
//     l+2, l+1. Masked elements count as zero in their places.
//   - A sum down the columns is one ascending chain a column, so rows of zeros change nothing.
//   - Exp, Log, Tanh and Erf are our own polynomials with a fixed order of fused operations. Division and square root are the exact
//     ones; there are no reciprocal estimates, and denormal numbers are kept.
//   - Random choices (dropout) hash a key and an element's place, never a worker or a padded position.
//
// Plain Go emulates the fused multiply-add exactly (fma32) and converts every product that is not fused with
// float32(a*b), which forbids the compiler to fuse it. Where a result is NaN, which NaN isn't specified.
//
// The order of a matrix product costs nothing that can be measured: AVX2 tiles whose chains start from the destination take
// 0.2 % more time in our measurement than tiles that sum each block of depth from zero and add it at the end (BenchmarkCanonicalCost,
// bound 3 %).
//
// # Paths
//
// The assembly is AVX2 with FMA, and AVX-512 for the matrix products; it is chosen at start by what the processor has, and
// Path says which it is. The generators are in _asm, a module of their own; go generate writes their output anew. The environment
// variable FMKIT_KERNELS set to avx2 or purego chooses a lesser path, and so does the build tag purego, with no assembly in
// the program at all; CheckPath finds a value that names none. Other architectures run plain Go: the oracle of the rest, right and slow.
//
// # Workers
//
// Kernels that are worth it share their work among a process-wide set of goroutines (SetWorkers, Parallel). The set serves
// one call at a time: a call that finds it busy runs in its caller, so independent requests don't wait for each other.
// In a steady state no kernel allocates. Who waits for a worker for long sleeps: on two cores that other processes
// keep busy too, a processor second so does 20 % more (products of 512x256x256 with a GELU and a softmax) than one spent watching.
package kernels
