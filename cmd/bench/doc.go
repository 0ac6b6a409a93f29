// Package bench compares this module's speed with other libraries on the same machine, in the same minute.
//
// The other side is a Python script of this folder, run as a child that does one timed piece of work when told and is idle otherwise.
// Ours and the peer's alternate, pair by pair, with a pause after each so that threads which spin for a while go to sleep. The figures are the
// medians; a ratio is ours over the peer's as rates, so that above 1 this module is faster. Both sides use the same number of threads.
//
// The peer is set up as fast as it gets: thread counts by environment before the interpreter starts, glibc told to keep large blocks instead of
// returning them to the kernel (about 5 % of a PyTorch training step), variables that pin OpenBLAS to older kernels removed, and where a library has
// several ways to do the work each is tried and the fastest counts.
package bench
