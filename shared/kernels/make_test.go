package kernels

import (
	"fmt"
	"testing"
)

func TestMake(t *testing.T) {
	for _, n := range []int{0, 1, largeFloats - 1, largeFloats, 3*largeFloats + 5} {
		x := Make[float32](n)
		if len(x) != n || Sum(x) != 0 {
			t.Errorf("%d: got %d elements with sum %g", n, len(x), Sum(x))
		}
	}
}

func TestGrow(t *testing.T) {
	var buf []int32
	long := Grow(&buf, 10)
	long[9] = 7
	if short := Grow(&buf, 4); len(short) != 4 || len(buf) != 4 {
		t.Errorf("got %d and %d elements, want 4", len(short), len(buf))
	}
	if again := Grow(&buf, 10); again[9] != 7 || &again[0] != &long[0] {
		t.Error("a shorter use in between replaced the array")
	}
	if n := testing.AllocsPerRun(10, func() { Grow(&buf, 10) }); n != 0 {
		t.Errorf("%g allocations where the array is long enough", n)
	}
}

// largeFloats is a size, in elements, that large pages are asked for.
const largeFloats = 1 << 20

func ExampleGrow() {
	var workspace []float32
	for _, n := range []int{3, 2, 3} {
		fmt.Println(len(Grow(&workspace, n)))
	}
	// Output:
	// 3
	// 2
	// 3
}
