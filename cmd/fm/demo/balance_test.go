package demo

import (
	"image/gif"
	"os"
	"testing"
)

// TestBalance: the pole is balanced far longer than without learning, and the film is one.
func TestBalance(t *testing.T) {
	o := Options{Dir: t.TempDir()}
	if err := o.fill(); err != nil {
		t.Fatal(err)
	}
	r, err := o.balance(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", *r)
	if r.MeanReturn < 200 || r.MeanReturn < 3*r.Untrained {
		t.Errorf("got %+v", *r)
	}
	f, err := os.Open(r.Film)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if film, err := gif.DecodeAll(f); err != nil || len(film.Image) != filmed {
		t.Errorf("film: got %v", err)
	}
}
