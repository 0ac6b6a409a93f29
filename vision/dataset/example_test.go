package dataset_test

import (
	"context"
	"fmt"
	"image"
	"image/png"
	"log"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/vision/dataset"
)

// folders makes two class folders with a picture each.
func folders() string {
	root, err := os.MkdirTemp("", "pictures")
	if err != nil {
		log.Fatal(err)
	}
	for i, class := range []string{"cat", "dog"} {
		if err := os.Mkdir(filepath.Join(root, class), 0o755); err != nil {
			log.Fatal(err)
		}
		f, err := os.Create(filepath.Join(root, class, "1.png"))
		if err != nil {
			log.Fatal(err)
		}
		if err := png.Encode(f, image.NewGray(image.Rect(0, 0, 8+i, 8))); err != nil {
			log.Fatal(err)
		}
		if err := f.Close(); err != nil {
			log.Fatal(err)
		}
	}
	return root
}

// Decode the pictures of class folders, in order, with all CPUs.
func ExampleLoad() {
	root := folders()
	defer os.RemoveAll(root)
	set, err := dataset.Open(root)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.Layout, dataset.Classes(set.Items))
	width := func(_ int, m *image.NRGBA) (int, error) { return m.Rect.Dx(), nil }
	for p, err := range dataset.Load(context.Background(), set.Items, dataset.LoadOptions{}, width) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(set.Items[p.Index].ID, set.Items[p.Index].Label, p.Value)
	}
	// Output:
	// class folders [cat dog]
	// cat/1.png cat 8
	// dog/1.png dog 9
}

// Keep decoded pictures on disk, so that only the first epoch decodes.
func ExampleOpenCache() {
	root := folders()
	defer os.RemoveAll(root)
	set, err := dataset.Open(root)
	if err != nil {
		log.Fatal(err)
	}
	corner := dataset.Recorder{
		Shape: dataset.CacheShape{Channels: 1, Height: 1, Width: 2}, Version: "the first two pixels, red",
		Record: func(dst []byte, m *image.NRGBA) error { dst[0], dst[1] = m.Pix[0], m.Pix[4]; return nil },
	}
	cache, err := dataset.OpenCache(context.Background(), filepath.Join(root, "corners.cache"), set.Items, corner, dataset.LoadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer cache.Close()
	record := make([]byte, cache.Shape().Size())
	for i := range cache.Len() {
		if err := cache.Read(record, i); err != nil {
			log.Fatal(err)
		}
		fmt.Println(dataset.Classes(set.Items)[cache.Label(i)], record)
	}
	// Output:
	// cat [0 0]
	// dog [0 0]
}
