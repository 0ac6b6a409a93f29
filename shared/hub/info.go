package hub

import (
	"context"
	"fmt"
	"net/url"

	"github.com/fmkit/fmkit/shared/strictjson"
)

const (
	maxInfoBytes = 16 << 20
	maxFiles     = 50_000 // files of a repository or an archive
)

// An info is what the hub says of a revision.
type info struct {
	commit string
	files  []file
}

// A file is one that the hub lists.
type file struct {
	name   string
	size   int64  // bytes, -1 where the hub doesn't say
	digest string // name of its blob, empty where the hub doesn't say
}

// names lists the files.
func (i info) names() []string {
	all := make([]string, len(i.files))
	for j, f := range i.files {
		all[j] = f.name
	}
	return all
}

// info asks for the commit of a revision and its files.
func (c *Client) info(ctx context.Context, r ref, attempts int) (info, error) {
	address := c.Endpoint + "/api/models/" + r.repo + "/revision/" + url.PathEscape(r.revision) + "?blobs=true"
	var i info
	err := c.retry(ctx, attempts, func() (bool, error) {
		raw, err := c.getAll(ctx, address, maxInfoBytes)
		if err != nil {
			return false, err
		}
		i, err = parseInfo(raw)
		return false, err
	})
	if err != nil {
		return info{}, c.explain(r, err)
	}
	if isCommit(r.revision) && i.commit != r.revision {
		return info{}, fmt.Errorf("hub: %s: %w: it names commit %s", r, ErrProtocol, i.commit)
	}
	return i, nil
}

// parseInfo reads the answer of the hub's API about a revision.
func parseInfo(raw []byte) (info, error) {
	var v struct {
		Commit string `json:"sha"`
		Files  []struct {
			Name string `json:"rfilename"`
			Size *int64 `json:"size"`
			Blob string `json:"blobId"`
			LFS  *struct {
				SHA256 string `json:"sha256"`
				Size   *int64 `json:"size"`
			} `json:"lfs"`
		} `json:"siblings"`
	}
	if err := strictjson.Decode(raw, &v, strictjson.Limits{Bytes: maxInfoBytes, Depth: 64, AllowUnknown: true}); err != nil {
		return info{}, fmt.Errorf("%w: %v", ErrProtocol, err) // no input of the caller's is wrong
	}
	if !isCommit(v.Commit) {
		return info{}, fmt.Errorf("%w: sha: got %q, want 40 hexadecimal digits", ErrProtocol, shorten(v.Commit))
	}
	if len(v.Files) > maxFiles {
		return info{}, fmt.Errorf("%w: %d files, want at most %d", ErrLimit, len(v.Files), maxFiles)
	}
	i := info{commit: v.Commit, files: make([]file, len(v.Files))}
	seen := make(map[string]bool, len(v.Files))
	for j, s := range v.Files {
		f := file{name: s.Name, size: -1, digest: s.Blob}
		if s.LFS != nil {
			f.digest = s.LFS.SHA256
			if s.LFS.Size != nil {
				s.Size = s.LFS.Size
			}
		}
		if s.Size != nil {
			f.size = *s.Size
		}
		switch {
		case seen[f.name]:
			return info{}, fmt.Errorf("%w: %q is listed twice", ErrProtocol, shorten(f.name))
		case s.Size != nil && f.size < 0:
			return info{}, fmt.Errorf("%w: %q: got a size of %d bytes", ErrProtocol, shorten(f.name), f.size)
		case f.digest != "" && !isDigest(f.digest):
			return info{}, fmt.Errorf("%w: %q: got %q for a digest", ErrProtocol, shorten(f.name), shorten(f.digest))
		}
		if err := inside(f.name); err != nil {
			return info{}, err
		}
		seen[f.name] = true
		i.files[j] = f
	}
	return i, nil
}
