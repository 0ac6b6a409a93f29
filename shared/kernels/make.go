package kernels

// Make returns a slice of n zeros, as make does. Where the operating system backs memory with large pages only on request,
// Make requests them for a large slice: products that walk matrices of many megabytes otherwise wait for address translation
// (up to a fifth of their time). It is for operands that live long: weights, gradients, moments, workspaces. The contents
// are the same with and without.
func Make[E any](n int) []E {
	s := make([]E, n)
	largePages(s)
	return s
}

// Grow returns n elements of *buf, which it replaces by a longer array of Make when it is too short. The contents are undefined.
func Grow[E any](buf *[]E, n int) []E {
	if cap(*buf) < n {
		*buf = Make[E](n)
	}
	*buf = (*buf)[:n]
	return *buf
}
