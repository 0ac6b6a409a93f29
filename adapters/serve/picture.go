package serve

import (
	"context"
	"encoding/base64"
	"image"
	"strings"

	"github.com/fmkit/fmkit/vision/picture"
)

// picture decodes a picture of a request: base64, bare or as data:image/...;base64,... Paths and addresses are no pictures. Few are decoded at once, for each may take
// as much memory as its limits allow.
func (b *batcher) picture(ctx context.Context, field, s string) (*image.NRGBA, error) {
	if s == "" {
		return nil, missing(field)
	}
	if head, data, ok := strings.Cut(s, ","); ok {
		if !strings.HasPrefix(head, "data:image/") || !strings.HasSuffix(head, ";base64") {
			return nil, badf("%s: got %.40q, want data:image/...;base64", field, head)
		}
		s = data
	}
	raw, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil, badf("%s: want base64: %w", field, err)
	}
	select {
	case b.decoding <- struct{}{}:
		defer func() { <-b.decoding }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return picture.Decode(raw, picture.Limits{WebP: true})
}

// maxDecoding is how many pictures are decoded at once.
const maxDecoding = 2
