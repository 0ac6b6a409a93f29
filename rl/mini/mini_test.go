package mini_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/rl/mini"
	"github.com/fmkit/fmkit/shared/checkpoint"
)

// TestCard: the card names the weights that it lies beside.
func TestCard(t *testing.T) {
	m, err := mini.Load()
	if err != nil {
		t.Fatal(err)
	}
	card, err := fs.ReadFile(mini.FS(), "README.md")
	if err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string]string{"fingerprint": m.Fingerprint(), "digest": checkpoint.Digest(m.Tensors())} {
		if !strings.Contains(string(card), want) {
			t.Errorf("README.md doesn't name the %s %s", what, want)
		}
	}
}

func ExampleLoad() {
	m, err := mini.Load()
	if err != nil {
		fmt.Println(err)
		return
	}
	i, err := m.Environment("CartPole-v1")
	if err != nil {
		fmt.Println(err)
		return
	}
	y := make([]float32, m.Width()) // features of one observation
	fmt.Println(len(m.Config.Environments), m.Width(), m.Snapshot().Observe(y, i, []float32{0, 0, 0.1, 0}, 1))
	// Output: 6 256 <nil>
}
