// Package bench compares this module's speed with other libraries on the same machine, in the same minute.
//
// The other side is a Python script of this folder, run as a child that does one timed piece of work when told and is idle otherwise.
// Ours and the peer's alternate, pair by pair, with a pause after each so that threads which spin for a while go to sleep. The figures are the
// medians; a ratio is ours over the peer's as rates, so that above 1 this module is faster. Both sides use the same number of threads.
//
// The peer is set up as fast as it gets: thread counts by environment before the interpreter starts, glibc told to keep large blocks instead of
// returning them to the kernel (about 5 % of a PyTorch training step), variables that pin OpenBLAS to older kernels removed, and where a library has
// several ways to do the work each is tried and the fastest counts.
//
// Infer has several peers, which may read a model folder of the user's. PyTorch reads it as transformers does, as a plain module with fused
// attention, and by nn.TransformerEncoder; torch.compile stands beside it. ONNX Runtime reads an export as it is and with its operators fused (Attention,
// SkipLayerNormalization, BiasGelu; of transformers' own export its optimizer fuses no attention, so BERT is written out in the form that
// it knows), with open and fixed shapes, with and without bound outputs. GoMLX's "go" backend, hugot's engine in pure Go, reads the same export; that
// program is the folder gopeer, a module of its own, built when it is wanted. One process tries the ways, another that knows only the fastest is
// timed, so that its memory is that of the way. All read the same random ids, without padding, and a peer whose vectors differ from ours by more than 1e-3
// is an error. The start-up of each is timed from the start of its process to the vector of one sentence, with files in the page cache
// and the system's own settings of malloc.
//
// Inspect times one picture after the other, as they come from a camera: `fm bench inspect --peer onnxruntime`, with --threads N for another number than 2. Here figures are
// latencies, what half of the inspections and what 99 of 100 take at most, and a ratio is the peer's over ours, so that above 1 this module is still faster. Pillow
// decodes and resizes, ONNX Runtime has the encoder, written as a graph in three forms of attention, and the rest as part of the graph or in numpy. What a picture
// doesn't change is computed beforehand: the processor is part of the projection of patches, the empty window and the mean of whitening are one shift, the map's enlarging and blur
// are two matrices, the neighbours of the bank's vectors are a table. Scores and maps must agree to 1e-3 of ours (of JPEG files to 0.1: libjpeg interpolates colours where Go's
// decoder repeats them), and labels too.
//
// The scripts tune_qa.py, tune_classify.py and tune_tag.py are run by hand: the recipes of `fm adapt` in PyTorch, with their scores, seconds and memory.
package bench
