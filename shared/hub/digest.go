package hub

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
)

// isDigest knows the two names that a blob has: the SHA-256 of a file that the hub keeps outside git (LFS), and
// git's blob id, a SHA-1, of one inside.
func isDigest(s string) bool { return (len(s) == 2*sha256.Size || len(s) == 2*sha1.Size) && isHex(s) }

// newDigest begins the digest of a file of size bytes that is to be called want.
func newDigest(want string, size int64) hash.Hash {
	if len(want) == 2*sha256.Size {
		return sha256.New()
	}
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", size)
	return h
}

// verify reads all of r and holds it to its size and digest.
func verify(ctx context.Context, r io.Reader, want string, size int64) error {
	h := newDigest(want, size)
	n, err := io.Copy(h, &withContext{ctx, io.LimitReader(r, size+1)})
	if err != nil {
		return err
	}
	if n != size {
		return fmt.Errorf("%w: got %d bytes, want %d", ErrCorrupt, n, size)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		return fmt.Errorf("%w: got digest %s, want %s", ErrCorrupt, got, want)
	}
	return nil
}

// A withContext reads until its context ends.
type withContext struct {
	ctx context.Context
	r   io.Reader
}

func (w *withContext) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, context.Cause(w.ctx)
	}
	return w.r.Read(p)
}
