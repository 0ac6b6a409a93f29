package bench

import (
	"context"
	"testing"

	"github.com/fmkit/fmkit/vision/picture"
)

// TestPictures: every picture is resized alone and after decoding, and the levels handed to a peer are those of the small picture.
func TestPictures(t *testing.T) {
	size := PictureSize{40, 30, 16, picture.Bicubic}
	r, err := Pictures(context.Background(), PictureOptions{Options: Options{Pairs: 1}, Sizes: []PictureSize{size}})
	if err != nil || len(r.Results) != 3 {
		t.Fatalf("got %d results, %v, want 3", len(r.Results), err)
	}
	for _, x := range r.Results {
		if x.Ours <= 0 || x.Threads != 1 {
			t.Errorf("got %+v", x)
		}
	}
	duels, err := size.duels(t.TempDir() + "/a")
	if err != nil || len(duels[0].Output) != 3*16*16 || duels[2].Output != nil {
		t.Errorf("got outputs of %d and %d levels, %v", len(duels[0].Output), len(duels[2].Output), err)
	}
}
