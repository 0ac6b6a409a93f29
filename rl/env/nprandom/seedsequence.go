package nprandom

const poolSize = 4

// seedWords gives the n 64-bit words that numpy's SeedSequence(seed).generate_state(n, uint64) gives, after O'Neill's
// seed_seq_fe ("Developing a seed_seq alternative", 2015): the seed's 32-bit words are hashed into a pool of four, every word of
// the pool into every other, and the output is hashed from the pool.
func seedWords(seed uint64, out []uint64) {
	const (
		initB, multB = 0x8b51f9dd, 0x58f38ded
		shift        = 16
	)
	pool := mixEntropy([2]uint32{uint32(seed), uint32(seed >> 32)})
	hash := uint32(initB)
	next := func(i int) uint64 {
		v := pool[i%poolSize] ^ hash
		hash *= multB
		v *= hash
		return uint64(v ^ v>>shift)
	}
	for i := range out {
		low := next(2 * i)
		out[i] = next(2*i+1)<<32 | low
	}
}

// mixEntropy fills the pool. A missing word counts as zero, so seeds below 2^32 need no case of their own.
func mixEntropy(entropy [2]uint32) (pool [poolSize]uint32) {
	const (
		initA, multA = 0x43b0d7e5, 0x931e8875
		left, right  = 0xca01f9dd, 0x4973f715
		shift        = 16
	)
	hash := uint32(initA)
	hashed := func(v uint32) uint32 {
		v ^= hash
		hash *= multA
		v *= hash
		return v ^ v>>shift
	}
	for i := range pool {
		v := uint32(0)
		if i < len(entropy) {
			v = entropy[i]
		}
		pool[i] = hashed(v)
	}
	for from := range pool {
		for to := range pool {
			if from != to {
				v := left*pool[to] - right*hashed(pool[from])
				pool[to] = v ^ v>>shift
			}
		}
	}
	return pool
}
