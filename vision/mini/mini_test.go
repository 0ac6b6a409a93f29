package mini_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/vision/mini"
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
	if !strings.Contains(string(card), m.Fingerprint()) {
		t.Errorf("README.md doesn't name the fingerprint %s", m.Fingerprint())
	}
}

func ExampleLoad() {
	m, err := mini.Load()
	if err != nil {
		fmt.Println(err)
		return
	}
	s := m.Snapshot()
	rows, cols := s.Grid()
	pixels, vectors := make([]float32, 28*28), make([]float32, s.Tokens()*s.Width())
	fmt.Println(rows, cols, s.Width(), s.Encode(vectors, pixels, 1))
	// Output: 7 7 256 <nil>
}
