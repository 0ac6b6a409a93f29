// Package random makes random numbers that depend on a key and a counter only.
//
// Nothing here has hidden state: the i-th number under a key is Mix(key, i), whichever worker asks for it and whatever
// was asked before, so a training run that stops and resumes, or runs on another number of workers, draws the same
// numbers. The outputs are pinned by tests and don't change between releases or between architectures: floating-point
// steps are written so that no compiler may fuse them.
package random

// golden is 2^64 divided by the golden ratio, the increment of SplitMix64.
const golden = 0x9e3779b97f4a7c15

// Mix returns the i-th number under key: output i of the SplitMix64 generator started at key (Steele, Lea and Flood,
// "Fast splittable pseudorandom number generators", 2014).
func Mix(key, i uint64) uint64 {
	z := key + (i+1)*golden
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Key derives the key of a named use (a parameter's initial values, the order of an epoch) from a seed, so that
// different names give unrelated streams. It mixes the FNV-1a hash of name into seed.
func Key(seed uint64, name string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 0x100000001b3
	}
	return Mix(Mix(seed, 0), h)
}
