//go:build !linux

package kernels

func largePages[E any]([]E) {}
