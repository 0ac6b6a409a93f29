package vision

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/nn"
)

// ParsePooling returns what makes one vector of a picture's. "mean" is the mean over the patches without the class token, which a masked autoencoder never teaches
// anything (He et al., 2022, pool so where they tune); "cls" is the class token's vector, which transformers' ViTForImageClassification reads, after
// the final norm like all vectors here.
func ParsePooling(name string) (nn.Pooling, error) {
	switch name {
	case "mean":
		return nn.PoolRest, nil
	case "cls":
		return nn.PoolCLS, nil
	}
	return "", fmt.Errorf("vision: pooling: got %q, want mean or cls", name)
}
