package random_test

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/random"
)

func ExampleKey() {
	key := random.Key(1, "order of epoch 3")
	fmt.Println(random.Perm(key, 5))
	// Output: [2 1 4 3 0]
}

func ExampleStream() {
	s := random.New(random.Key(1, "coin"))
	fmt.Println(s.IntN(2), s.IntN(2), s.IntN(2))
	// Output: 1 0 1
}

func ExampleMix() {
	fmt.Printf("%#x\n", random.Mix(0, 0))
	// Output: 0xe220a8397b1dcdaf
}
