package mini_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/mini"
	"github.com/fmkit/fmkit/text/texttest"
)

// TestCard: the card names the weights that it lies beside.
func TestCard(t *testing.T) {
	m, err := mini.Load()
	if err != nil {
		t.Fatal(err)
	}
	texttest.Card(t, mini.FS(), m)
}

func ExampleLoad() {
	m, err := mini.Load()
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := text.NewEmbedder(m, text.EmbedConfig{Normalize: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := e.Embed(context.Background(), []string{"my card has not arrived", "where is my new card?", "it rained all day"})
	if err != nil {
		fmt.Println(err)
		return
	}
	dot := func(a, b []float32) (s float32) {
		for i, x := range a {
			s += x * b[i]
		}
		return s
	}
	fmt.Println(dot(v[0], v[1]) > dot(v[0], v[2]))
	// Output: true
}
