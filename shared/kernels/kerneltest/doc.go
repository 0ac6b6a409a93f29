// Package kerneltest is a conformance suite: what every implementation of the kernels must compute, to the bit, written
// a second time and independently of package kernels. It is handed the kernels as functions.
package kerneltest
