package hub

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// address is where a file of a commit is served.
func (c *Client) address(r ref, commit, name string) string {
	return c.Endpoint + "/" + r.repo + "/resolve/" + commit + "/" + (&url.URL{Path: name}).EscapedPath()
}

// A promise is what the hub says of a file before it sends it.
type promise struct {
	commit, linked, etag  string
	linkedSize, plainSize int64 // -1 for none
}

// take notes what the headers of an answer say and reports whether nothing is missing. A redirect speaks for the file that it leads to in
// X-Linked-Etag and X-Linked-Size; ETag and Content-Length are those of the answer itself. What was said first counts.
func (p *promise) take(res *http.Response) bool {
	if kind := res.StatusCode / 100; kind != 2 && kind != 3 {
		return false
	}
	if p.commit == "" {
		p.commit = res.Header.Get("X-Repo-Commit")
	}
	if p.linked == "" {
		p.linked = tag(res.Header.Get("X-Linked-Etag"))
	}
	if n, err := strconv.ParseInt(res.Header.Get("X-Linked-Size"), 10, 64); err == nil && n >= 0 && p.linkedSize < 0 {
		p.linkedSize = n
	}
	if res.StatusCode/100 == 2 {
		p.etag = tag(res.Header.Get("ETag"))
		p.plainSize = res.ContentLength
	}
	return p.commit != "" && p.linked != "" && p.linkedSize >= 0
}

// tag strips the quotes of an entity tag and the mark of a weak one.
func tag(header string) string {
	return strings.Trim(strings.TrimPrefix(header, "W/"), `"`)
}

// head asks for size and digest of a file. What the hub has said in its list must hold.
func (c *Client) head(ctx context.Context, r ref, commit string, f file) (file, error) {
	var p promise
	err := c.retry(ctx, c.attempts(), func() (bool, error) {
		p = promise{linkedSize: -1, plainSize: -1}
		res, err := c.do(ctx, http.MethodHead, c.address(r, commit, f.name), nil, p.take)
		if err != nil {
			return false, err
		}
		return false, res.Body.Close()
	})
	if err != nil {
		return f, c.explain(r, fmt.Errorf("%s: %w", f.name, err))
	}
	got := file{name: f.name, size: p.linkedSize, digest: p.linked}
	if got.digest == "" {
		got.digest = p.etag
	}
	if got.size < 0 {
		got.size = p.plainSize
	}
	if got.size < 0 {
		got.size = f.size
	}
	fail := func(format string, arguments ...any) (file, error) {
		return f, fmt.Errorf("hub: %s: %s: %w: %s", r, f.name, ErrProtocol, fmt.Sprintf(format, arguments...))
	}
	switch {
	case p.commit != commit:
		return fail("X-Repo-Commit: got %q, want %s", shorten(p.commit), commit)
	case !isDigest(got.digest):
		return fail("the entity tag is %q, want a SHA-256 or a git blob id", shorten(got.digest))
	case f.digest != "" && f.digest != got.digest:
		return fail("got digest %s, the list has %s", got.digest, f.digest)
	case got.size < 0:
		return fail("no size")
	case f.size >= 0 && f.size != got.size:
		return fail("got a size of %d bytes, the list has %d", got.size, f.size)
	}
	return got, nil
}
