package inspector

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"testing"
)

// pinned is the digest of a fit and an answer: the same on every machine.
const pinned = "b847e78871ea62ab37691a6ae7dda8a25aed7fc8aba79ecf11e226cc56a11033"

func TestDigest(t *testing.T) {
	p := fitted(t, settings())
	a, err := p.Inspect(flawed(2))
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	for _, v := range []any{p.bank.vectors, p.thresholds, a.Score, a.Map.Values} {
		if err := binary.Write(h, binary.LittleEndian, v); err != nil {
			t.Fatal(err)
		}
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != pinned {
		t.Errorf("got %s, want %s", got, pinned)
	}
}
