package corpus

// maxBucket bounds how many texts share one key: more of them look alike in one band without being duplicates, and comparing with every
// one would take time without end.
const maxBucket = 64

// buckets is a hash table from the key of a band to the texts that have it, with open addressing and 8 bytes a slot.
type buckets struct {
	slots []uint64 // key << 32 | text+1; 0 is empty
	used  int
}

func slotOf(key uint32, size int) int {
	return int(uint64(key) * 0x9e3779b97f4a7c15 >> 20 & uint64(size-1))
}

// get calls one for the texts under key, oldest first, until it returns true.
func (b *buckets) get(key uint32, one func(text int) bool) {
	if len(b.slots) == 0 {
		return
	}
	for i := slotOf(key, len(b.slots)); b.slots[i] != 0; i = (i + 1) & (len(b.slots) - 1) {
		if uint32(b.slots[i]>>32) == key && one(int(uint32(b.slots[i]))-1) {
			return
		}
	}
}

// add puts a text under key, unless the bucket is full.
func (b *buckets) add(key uint32, text int) {
	if 4*(b.used+1) > 3*len(b.slots) {
		b.grow()
	}
	n := 0
	i := slotOf(key, len(b.slots))
	for ; b.slots[i] != 0; i = (i + 1) & (len(b.slots) - 1) {
		if uint32(b.slots[i]>>32) == key {
			if n++; n == maxBucket {
				return
			}
		}
	}
	b.slots[i] = uint64(key)<<32 | uint64(uint32(text+1))
	b.used++
}

// grow doubles the table. Texts of one key stay in order because the old table is walked from the end of a run of full slots.
func (b *buckets) grow() {
	old := b.slots
	b.slots = make([]uint64, max(1024, 2*len(old)))
	start := 0
	for start < len(old) && old[start] != 0 {
		start++
	}
	for k := range old {
		s := old[(start+k)&(len(old)-1)]
		if s == 0 {
			continue
		}
		i := slotOf(uint32(s>>32), len(b.slots))
		for b.slots[i] != 0 {
			i = (i + 1) & (len(b.slots) - 1)
		}
		b.slots[i] = s
	}
}
