package kernels

// drop applies dropout to columns lo...hi of the row of query i.
func (h *head) drop(row []float32, i, lo, hi int) {
	clear(row[:lo])
	key := mixKey(h.Keys[h.b], uint64(h.h)<<32|uint64(i))
	dropoutRow(row[:hi], row[:hi], key, dropThreshold(h.Dropout), dropScale(h.Dropout))
}

// mixKey is the keyed hash of package random: splitmix64's finaliser of key + (i+1) times the golden ratio.
func mixKey(key, i uint64) uint64 {
	z := key + (i+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
