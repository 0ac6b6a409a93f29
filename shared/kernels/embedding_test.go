package kernels

import (
	"fmt"
	"testing"
)

func TestEmbedding(t *testing.T) {
	const v, d = 9, 21
	table, ids := numbers(1, v*d), []int32{3, 8, 0, 3, 3}
	y, z := make([]float32, len(ids)*d), numbers(2, len(ids)*d)
	sum := append([]float32(nil), z...)
	Gather(y, table, ids, d)
	GatherAdd(sum, table, ids, d)
	for i, id := range ids {
		for j := range d {
			if w := table[int(id)*d+j]; y[i*d+j] != w || sum[i*d+j] != z[i*d+j]+w {
				t.Fatalf("row %d column %d: %v and %v from %v", i, j, y[i*d+j], sum[i*d+j], w)
			}
		}
	}
	want := append([]float32(nil), table...)
	ids[1] = -1
	for i, id := range ids {
		for j := range d {
			if id >= 0 {
				want[int(id)*d+j] += z[i*d+j]
			}
		}
	}
	ScatterAdd(table, z, ids, d)
	equalBits(t, "ScatterAdd", table, want)
	for _, bad := range []func(){
		func() { Gather(y, table, []int32{9}, d) },
		func() { Gather(y, table, []int32{-1}, d) },
		func() { GatherAdd(y, table, []int32{-1}, d) },
		func() { ScatterAdd(table, y, []int32{9}, d) },
		func() { Gather(y[:d-1], table, []int32{0}, d) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("a bad id or a short slice does not panic")
				}
			}()
			bad()
		}()
	}
}

func ExampleGather() {
	table := []float32{0, 1, 10, 11, 20, 21}
	y := make([]float32, 4)
	Gather(y, table, []int32{2, 0}, 2)
	fmt.Println(y)
	// Output: [20 21 0 1]
}
