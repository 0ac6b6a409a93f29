package vision_test

import (
	"fmt"
	"image"

	"github.com/fmkit/fmkit/vision"
)

// A picture becomes one vector, the mean over its patches.
func ExampleEmbedder_Embed() {
	m, err := vision.Load("testdata/vit")
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := vision.NewEmbedder(m, vision.EmbedConfig{Normalize: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	v := make([]float32, e.Width())
	fmt.Println(len(v), e.Embed(v, image.NewNRGBA(image.Rect(0, 0, 40, 30))))
	// Output: 16 <nil>
}

// The head of a checkpoint of transformers' ViTForImageClassification.
func ExampleLoadHead() {
	m, err := vision.Load("testdata/vit")
	if err != nil {
		fmt.Println(err)
		return
	}
	h, err := vision.LoadHead("testdata/vit", m)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(h.Labels)
	// Output: [LABEL_0 LABEL_1 LABEL_2]
}
