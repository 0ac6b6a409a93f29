package pretrain

import (
	"fmt"
	"path/filepath"
)

// card is the README of the model folder.
func card(rec recipe, p *pictures, r Result) string {
	c := rec.Config
	library, stem := "library_name: transformers\n", ""
	if len(c.Model.Stem) > 0 {
		library, stem = "", fmt.Sprintf(" Before the projection of patches stand convolutions of %v channels, which transformers has no form for.", c.Model.Stem)
	}
	return fmt.Sprintf(`---
%spipeline_tag: image-feature-extraction
---
# Vision encoder, %d layers of width %d

Pretrained as a masked autoencoder on pictures of %d x %d pixels with %d channels in patches of %d, of which %.0f %% were hidden: %d pictures a step,
%d steps, seed %d. The decoder is %d wide and %d deep.%s

| held-back %.0f %% | model |
|---|---|
| loss | %.4f |

Digest of the weights: %s

`+"`fm verify`"+` on the run folder trains it again from recipe.json and compares.

## Data

%s, %s: %d pictures to train on, %d to evaluate on. SHA-256 of all %d and their list: %s
`, library, c.Model.Layers, c.Model.Hidden, c.Model.ImageSize, c.Model.ImageSize, c.Model.Channels, c.Model.PatchSize, 100*c.Mask, c.Batch*c.Train.Accumulate,
		r.Steps, c.Train.Seed, c.DecoderHidden, c.DecoderLayers, stem, 100*c.Held, r.EvalLoss, r.Digest,
		filepath.Base(rec.Data), p.layout, len(p.train), len(p.held), rec.Pictures, rec.Source)
}
