package finetune

import (
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/nn"
)

// A Base is a model, M itself, that adapters are tuned on.
type Base[M any] interface {
	adapter.Model[M]
	// Fresh returns the same model with initial weights by seed.
	Fresh(seed uint64) (M, error)
	// Identity names the model in passports.
	Identity() adapter.Base
	// Width is D, the size of a token's vector.
	Width() int
}

// Rows are examples laid out for models of type M, which read them in batches of type B. One Rows serves one Fit at a time.
type Rows[M, B any] interface {
	// Lengths gives the tokens of every row.
	Lengths() []int32
	// Lay lays rows out side by side. What l says of them is set but for T and, where rows are padded, Lengths, which Lay sets. Where l.Train is set, rows may
	// be varied, each by its key in l.Keys alone. A batch stays as it is until the third one after it is laid out.
	Lay(l *nn.Batch, rows []int32) (B, error)
	// Varied says whether Lay does vary them.
	Varied() bool
	// Chain gives the sublayers of m from its embedding on, and what hands a batch to them.
	Chain(m M) (layers []nn.Sublayer, feed func(b B))
	// Encoder gives what sets y [B, T, D] to the vectors that m as it is now makes of a batch.
	Encoder(m M) func(y []float32, b B, l *nn.Batch) error
}
