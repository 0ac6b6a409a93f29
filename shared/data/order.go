package data

import (
	"math/bits"

	"github.com/fmkit/fmkit/shared/random"
)

// An Order is a seeded shuffle of 0..n-1 that needs no memory: the i-th entry is computed alone, so training can resume
// anywhere in data of any size. It is a Feistel network with keyed rounds on the next even number of bits, walked along its cycle
// until it lands below n (Black and Rogaway, Ciphers with arbitrary finite domains, 2002).
type Order struct {
	n    uint64
	half int // bits of each half
	keys [feistelRounds]uint64
}

// feistelRounds of a strong round function: four already give a pseudo-random permutation (Luby and Rackoff, 1988).
const feistelRounds = 6

// NewOrder makes the shuffle of n items for an epoch. It holds for 1 <= n <= 2^62; n < 1 is taken as 1.
func NewOrder(n int64, seed uint64, epoch int64) Order {
	o := Order{n: uint64(max(n, 1))}
	o.half = (bits.Len64(o.n-1) + 1) / 2
	key := random.Mix(random.Key(seed, "data.order"), uint64(epoch))
	for i := range o.keys {
		o.keys[i] = random.Mix(key, uint64(i))
	}
	return o
}

// At gives entry i, 0 <= i < n, of the shuffle.
func (o *Order) At(i int64) int64 {
	x := uint64(i)
	for ok := true; ok; ok = x >= o.n { // at most 4n values: four turns on average at worst
		x = o.encrypt(x)
	}
	return int64(x)
}

func (o *Order) encrypt(x uint64) uint64 {
	mask := uint64(1)<<o.half - 1
	l, r := x>>o.half, x&mask
	for _, k := range o.keys {
		l, r = r, l^(random.Mix(k, r)&mask)
	}
	return l<<o.half | r
}

// Batch gives the samples of one training step into dst, which is reused when it is long enough: batch indices out of n, every
// index once per epoch, each epoch in another order. A batch at the end of an epoch goes on into the next. It is a pure
// function of (n, batch, seed, step).
func Batch(dst []int64, n int64, batch int, seed uint64, step int64) []int64 {
	dst = dst[:0]
	n = max(n, 1)
	at := step * int64(batch)
	epoch := at / n
	o := NewOrder(n, seed, epoch)
	for i := at; i < at+int64(batch); i++ {
		if e := i / n; e != epoch {
			epoch, o = e, NewOrder(n, seed, e)
		}
		dst = append(dst, o.At(i%n))
	}
	return dst
}
