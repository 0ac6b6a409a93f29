package hub

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

var etagPattern = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

// A remote is what the hub says of a file.
type remote struct {
	etag string // SHA-256 of a large file, git's hash of a small one
	size int64
}

// fetch brings one file of a commit into the cache, unless it is there, and gives its size. limit is what may still come.
func (c *Client) fetch(ctx context.Context, r *repo, n Name, commit, file string, limit int64) (int64, error) {
	address := c.Endpoint + "/" + n.Repo + "/resolve/" + commit + "/" + (&url.URL{Path: file}).EscapedPath()
	f, err := c.ask(ctx, n, address, commit)
	if err != nil {
		return 0, err
	}
	if f.size > limit {
		return 0, fmt.Errorf("%w: it has %d bytes, want at most %d more", ErrLimit, f.size, limit)
	}
	if !r.has(f.etag, f.size) {
		lock, err := c.lock(ctx, filepath.Join(r.locks, f.etag+".lock"))
		if err != nil {
			return 0, err
		}
		defer lock.Unlock()
		if !r.has(f.etag, f.size) { // somebody else has fetched it meanwhile
			if err := c.download(ctx, r, n, address, file, f); err != nil {
				return 0, err
			}
		}
	}
	return f.size, r.link(commit, file, f.etag)
}

// lock waits for whoever fetches the same blob.
func (c *Client) lock(ctx context.Context, path string) (*checkpoint.Lock, error) {
	for told := false; ; {
		l, err := checkpoint.LockFile(path)
		if !errors.Is(err, checkpoint.ErrLocked) {
			return l, err
		}
		if !told {
			c.logf("another process fetches the same file")
			told = true
		}
		if err := c.sleep(ctx, 100*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// ask finds out the digest and the size of a file.
func (c *Client) ask(ctx context.Context, n Name, address, commit string) (f remote, err error) {
	err = c.retry(ctx, n.String(), func() (bool, error) {
		a, err := c.get(ctx, http.MethodHead, address, http.Header{"Accept-Encoding": {"identity"}})
		if err != nil {
			return false, err
		}
		a.Body.Close()
		if err := c.status(a, n); err != nil {
			return false, err
		}
		if got := a.Header.Get("X-Repo-Commit"); got != commit {
			return false, fmt.Errorf("%w: it is of commit %.60q, want %s", ErrServer, got, commit)
		}
		f.etag, f.size = a.Header.Get("X-Linked-Etag"), int64(-1)
		if f.etag == "" {
			f.etag = a.Header.Get("Etag")
		}
		f.etag = strings.Trim(strings.TrimPrefix(f.etag, "W/"), `"`)
		if !etagPattern.MatchString(f.etag) {
			return false, fmt.Errorf("%w: its digest is %.100q, want SHA-1 or SHA-256", ErrServer, f.etag)
		}
		size := a.Header.Get("X-Linked-Size")
		if size == "" {
			size = a.Header.Get("Content-Length")
		}
		if f.size, err = strconv.ParseInt(size, 10, 64); err != nil || f.size < 0 {
			return false, fmt.Errorf("%w: its size is %.40q", ErrServer, size)
		}
		return false, nil
	})
	return f, err
}

// download fetches a blob into its .incomplete file, from where that ends, checks it and gives it its name.
func (c *Client) download(ctx context.Context, r *repo, n Name, address, file string, f remote) error {
	part := "blobs/" + f.etag + ".incomplete"
	out, err := r.root.OpenFile(part, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	defer out.Close()
	if info, err := out.Stat(); err != nil || !info.Mode().IsRegular() {
		return fmt.Errorf("cache: %s: %w", part, errors.Join(err, checkpoint.ErrNotRegular))
	}
	furthest := int64(0)
	if at, err := out.Seek(0, io.SeekEnd); err == nil {
		furthest = at
	}
	err = c.retry(ctx, file, func() (bool, error) {
		at, err := c.more(ctx, out, n, address, file, f)
		progress := at > furthest // starting anew is none
		furthest = max(furthest, at)
		return progress, err
	})
	if err == nil {
		err = f.verify(out)
	}
	if err != nil {
		if errors.Is(err, ErrDigest) || errors.Is(err, ErrSize) {
			_ = r.root.Remove(part) // nothing that it could go on from
		}
		return err
	}
	if err := out.Sync(); err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	if err := r.root.Rename(part, "blobs/"+f.etag); err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	return syncDir(filepath.Join(r.dir, "blobs"))
}

// more appends what out lacks and gives its length then.
func (c *Client) more(ctx context.Context, out *os.File, n Name, address, file string, f remote) (length int64, err error) {
	have, err := out.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, fmt.Errorf("cache: %w", err)
	}
	if have > f.size {
		if have, err = 0, out.Truncate(0); err != nil {
			return 0, fmt.Errorf("cache: %w", err)
		}
	}
	if have == f.size {
		return have, nil
	}
	header := http.Header{"Accept-Encoding": {"identity"}}
	if have > 0 {
		header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	a, err := c.get(ctx, http.MethodGet, address, header)
	if err != nil {
		return 0, err
	}
	defer a.Body.Close()
	switch {
	case a.StatusCode == http.StatusPartialContent && have > 0:
		if got, want := a.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", have); !strings.HasPrefix(got, want) {
			return 0, fmt.Errorf("%w: it sends %.60q, want %s", ErrServer, got, want)
		}
	case a.StatusCode == http.StatusOK, a.StatusCode == http.StatusRequestedRangeNotSatisfiable: // from the start
		have = 0
		if err := out.Truncate(0); err != nil {
			return 0, fmt.Errorf("cache: %w", err)
		}
		if a.StatusCode != http.StatusOK {
			return 0, temporary{error: fmt.Errorf("status %d", a.StatusCode)}
		}
	default:
		if err := c.status(a, n); err != nil {
			return 0, err
		}
		return 0, fmt.Errorf("%w: status %d", ErrServer, a.StatusCode)
	}
	if _, err := out.Seek(have, io.SeekStart); err != nil {
		return 0, fmt.Errorf("cache: %w", err)
	}
	body := &watched{r: a.Body, limit: c.idleTime(), stop: func() { cancel(errIdle) }}
	w := &counted{w: out, done: have, tell: func(done int64) {
		if c.Progress != nil {
			c.Progress(file, done, f.size)
		}
	}}
	came, err := io.Copy(w, io.LimitReader(body, f.size-have+1))
	body.end()
	switch {
	case w.err != nil:
		return have + came, fmt.Errorf("cache: %w", w.err)
	case have+came > f.size:
		return 0, fmt.Errorf("%w: more than %d bytes came", ErrSize, f.size)
	case have+came == f.size:
		return f.size, nil
	case ctx.Err() != nil && context.Cause(ctx) != errIdle:
		return have + came, context.Cause(ctx)
	case err == nil:
		err = io.ErrUnexpectedEOF
	case context.Cause(ctx) == errIdle:
		err = errIdle
	}
	return have + came, temporary{error: fmt.Errorf("cut off after %d of %d bytes: %w", have+came, f.size, err)}
}

var errIdle = errors.New("no byte came for too long")

func (c *Client) idleTime() time.Duration {
	if c.idle > 0 {
		return c.idle
	}
	return defaultIdle
}

// watched calls stop when no byte has come for a while.
type watched struct {
	r     io.Reader
	limit time.Duration
	stop  func()
	timer *time.Timer
}

func (w *watched) Read(b []byte) (int, error) {
	if w.timer == nil {
		w.timer = time.AfterFunc(w.limit, w.stop)
	} else {
		w.timer.Reset(w.limit)
	}
	return w.r.Read(b)
}

func (w *watched) end() {
	if w.timer != nil {
		w.timer.Stop()
	}
}

// counted tells how many bytes have been written, and keeps an error of writing apart from those of reading.
type counted struct {
	w    io.Writer
	done int64
	tell func(done int64)
	err  error
}

func (w *counted) Write(b []byte) (int, error) {
	n, err := w.w.Write(b)
	w.done += int64(n)
	w.err = err
	w.tell(w.done)
	return n, err
}

// verify reads a file again and compares it with its digest.
func (f remote) verify(file io.ReadSeeker) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	var h hash.Hash
	if len(f.etag) == 2*sha256.Size {
		h = sha256.New()
	} else { // git's name of a blob
		h = sha1.New()
		fmt.Fprintf(h, "blob %d\x00", f.size)
	}
	n, err := io.Copy(h, file)
	if err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	if n != f.size {
		return fmt.Errorf("%w: got %d bytes, want %d", ErrSize, n, f.size)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != f.etag {
		return fmt.Errorf("%w: got %s, want %s", ErrDigest, got, f.etag)
	}
	return nil
}
