package kernels

import "math"

// hash32 returns 32 uniform bits for element j of the row with the given key. The low half of the key starts a counter
// over the elements; after one round of xor-shift and multiply the high half enters, and two more rounds follow, those
// of the finaliser of MurmurHash3 (Austin Appleby).
func hash32(key uint64, j uint32) uint32 {
	h := j*hashStep + uint32(key)
	h ^= h >> 15
	h *= hashMul0
	h ^= uint32(key >> 32)
	h ^= h >> 16
	h *= hashMul1
	h ^= h >> 13
	h *= hashMul2
	return h ^ h>>16
}

const (
	hashStep = 0x9e3779b9 // 2^32 over the golden ratio
	hashMul0 = 0xd6e8feb9 // odd, with no short pattern
	hashMul1 = 0x85ebca6b
	hashMul2 = 0xc2b2ae35
)

// dropThreshold returns the bound of dropped for dropping with probability p in [0, 1).
func dropThreshold(p float32) int32 {
	return int32(min(max(int64(float64(p)*0x1p32), 0), math.MaxUint32) + math.MinInt32)
}

// dropped says whether element j of a row falls out: its hash, read as a signed number, lies below the threshold.
func dropped(key uint64, j uint32, threshold int32) bool { return int32(hash32(key, j)) < threshold }

// dropScale returns what survivors of dropping with probability p are multiplied by.
func dropScale(p float32) float32 { return float32(1 / (1 - float64(p))) }

// Dropout sets y [N, D] to x [N, D] with each element zero with probability p and else multiplied by 1/(1-p). Which
// elements fall out depends on p, the row's key rowKeys[i] and the column only, so the same call on the gradient is its
// backward. y may be x. It panics unless p is in [0, 1).
func Dropout(y, x []float32, rowKeys []uint64, p float32, n, d int) {
	if !(p >= 0 && p < 1) {
		panic("kernels: Dropout: probability outside [0, 1)")
	}
	if len(y) < n*d || len(x) < n*d || len(rowKeys) < n {
		panic("kernels: Dropout: slice too short")
	}
	dropouts.run(dropoutRows, dropoutArgs{y, x, rowKeys, d, dropThreshold(p), dropScale(p)}, n, d, 1)
}

type dropoutArgs struct {
	y, x      []float32
	rowKeys   []uint64
	d         int
	threshold int32
	scale     float32
}

var dropouts ranger[dropoutArgs]

func dropoutRows(a *dropoutArgs, lo, hi int) {
	for i := lo; i < hi; i++ {
		dropoutRow(a.y[i*a.d:(i+1)*a.d], a.x[i*a.d:(i+1)*a.d], a.rowKeys[i], a.threshold, a.scale)
	}
}

// dropoutRowPlain is dropoutRow in plain Go.
func dropoutRowPlain(y, x []float32, key uint64, threshold int32, scale float32) {
	for j, v := range x {
		if dropped(key, uint32(j), threshold) {
			y[j] = 0
		} else {
			y[j] = v * scale
		}
	}
}
