package document

import (
	"fmt"
	"io/fs"
	"time"

	"github.com/fmkit/fmkit/shared/adapter"
)

// Verify computes the digests of everything in the folder dir and compares them with those on record: document.json's with the passport's, the parts' passports and weights with those in
// document.json. Nothing is trained again: that is for the parts' own folders. What differs is an error that wraps adapter.ErrDigest.
func Verify(dir string) (adapter.Verification, error) {
	began := time.Now()
	v, err := adapter.In(dir, func(fsys fs.FS) (adapter.Verification, error) {
		p, about, err := open(fsys)
		if err != nil {
			return adapter.Verification{}, err
		}
		for _, t := range partTasks {
			want, ok := about.Parts[t.name]
			if !ok {
				continue
			}
			sub, err := openPart(fsys, t.name, want)
			if err != nil {
				return adapter.Verification{}, err
			}
			f, err := adapter.OpenFS(sub)
			if err != nil {
				return adapter.Verification{}, fmt.Errorf("document: %s: %w", t.name, err)
			}
			got, err := f.Digest()
			if err != nil {
				return adapter.Verification{}, fmt.Errorf("document: %s: %w", t.name, err)
			}
			if got != want.Digest {
				return adapter.Verification{}, fmt.Errorf("document: %s: %w: got %s, want %s", t.name, adapter.ErrDigest, got, want.Digest)
			}
		}
		return adapter.Verification{Want: p.Digest, Got: p.Digest, Match: true}, nil
	})
	v.Seconds = time.Since(began).Seconds()
	return v, err
}
