package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
)

// movedBytes is what a try has to bring to count as having got on.
const movedBytes = 256 << 10

// fetch puts the blob of a file into the store, whose name there is not yet synced. A cut leaves what came of it in blobs/<digest>.incomplete, and the next call goes on from there.
func (s *store) fetch(ctx context.Context, r ref, commit string, f file) error {
	if s.hasBlob(f) {
		s.c.progress(f.name, f.size, f.size)
		return nil
	}
	lock, err := s.lock(ctx, f)
	if err != nil {
		return fmt.Errorf("hub: %s: %w", f.name, err)
	}
	defer lock.Unlock()
	if s.hasBlob(f) { // another process was quicker
		s.c.progress(f.name, f.size, f.size)
		return nil
	}
	stale, err := s.download(ctx, r, commit, f)
	if stale {
		s.c.logf("hub: %s: what was left of an earlier download doesn't fit; beginning again", f.name)
		_, err = s.download(ctx, r, commit, f)
	}
	return err
}

// download fills the partial blob, reads it back and makes it the blob. A partial blob with the wrong content is removed; it is stale if
// some of it was there before.
func (s *store) download(ctx context.Context, r ref, commit string, f file) (stale bool, err error) {
	fail := func(err error) error { return fmt.Errorf("hub: %s: %s: %w", r, f.name, err) }
	blob := "blobs/" + f.digest
	partial := blob + ".incomplete"
	part, err := s.openPartial(partial)
	if err != nil {
		return false, fail(err)
	}
	defer part.Close()
	have, err := part.Seek(0, io.SeekEnd)
	if err != nil {
		return false, fail(err)
	}
	err = s.c.retry(ctx, s.c.attempts(), func() (bool, error) { return s.receive(ctx, r, commit, f, part) })
	if err != nil {
		return false, s.c.explain(r, fmt.Errorf("%s: %w", f.name, err))
	}
	if err := part.Sync(); err != nil {
		return false, fail(err)
	}
	if _, err := part.Seek(0, io.SeekStart); err != nil {
		return false, fail(err)
	}
	err = verify(ctx, part, f.digest, f.size)
	if errors.Is(err, ErrCorrupt) {
		return have > 0, fail(errors.Join(err, part.Close(), s.root.Remove(partial)))
	}
	if err == nil {
		err = part.Close()
	}
	if err == nil {
		err = s.root.Rename(partial, blob)
	}
	if err != nil {
		return false, fail(err)
	}
	return false, nil
}

// openPartial opens a partial blob. What isn't a plain file is put aside.
func (s *store) openPartial(name string) (*os.File, error) {
	if info, err := s.root.Lstat(name); err == nil && !info.Mode().IsRegular() {
		if err := s.root.Remove(name); err != nil {
			return nil, err
		}
	}
	return s.root.OpenFile(name, os.O_RDWR|os.O_CREATE, filePerm)
}

// receive adds to a partial blob what is missing. It reports whether it got on.
func (s *store) receive(ctx context.Context, r ref, commit string, f file, part *os.File) (moved bool, err error) {
	have, err := part.Seek(0, io.SeekEnd)
	if err != nil {
		return false, err
	}
	if have > f.size {
		if have, err = empty(part); err != nil {
			return false, err
		}
	}
	s.c.progress(f.name, have, f.size)
	if have == f.size {
		return false, nil
	}
	header := http.Header{}
	if have > 0 {
		header.Set("Range", "bytes="+strconv.FormatInt(have, 10)+"-")
	}
	res, err := s.c.do(ctx, http.MethodGet, s.c.address(r, commit, f.name), header, nil)
	if e, ok := errors.AsType[*statusError](err); ok && e.status == http.StatusRequestedRangeNotSatisfiable {
		if _, err := empty(part); err != nil {
			return false, err
		}
		return false, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	if err != nil {
		return false, err
	}
	defer res.Body.Close()
	whole := res.StatusCode != http.StatusPartialContent && have > 0 // it takes no notice of the range
	from := have
	if whole {
		from = 0
	}
	if err := fits(res, from, f.size); err != nil {
		return false, err
	}
	if whole {
		if have, err = empty(part); err != nil {
			return false, err
		}
	}
	body := &counting{from: io.LimitReader(res.Body, f.size-have+1), report: func(n int64) { s.c.progress(f.name, min(have+n, f.size), f.size) }}
	n, err := io.Copy(part, body)
	moved = n >= movedBytes
	switch {
	case have+n > f.size:
		_, err := empty(part)
		return false, errors.Join(fmt.Errorf("%w: more than the %d bytes that were promised", ErrCorrupt, f.size), err)
	case body.err != nil:
		return moved, unreachable(res.Request.URL, body.err)
	case err != nil: // of writing
		return moved, err
	case have+n < f.size:
		return moved, unreachable(res.Request.URL, fmt.Errorf("the connection was cut after %d of %d bytes", have+n, f.size))
	}
	return moved, nil
}

// fits holds an answer's headers to what is to come: the bytes from have to size.
func fits(res *http.Response, have, size int64) error {
	if e := res.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return fmt.Errorf("%w: the content is encoded as %q", ErrProtocol, shorten(e))
	}
	if res.StatusCode == http.StatusPartialContent {
		want := fmt.Sprintf("bytes %d-%d/%d", have, size-1, size)
		if got := res.Header.Get("Content-Range"); got != want {
			return fmt.Errorf("%w: Content-Range: got %q, want %q", ErrProtocol, shorten(got), want)
		}
	}
	if n := res.ContentLength; n >= 0 && n != size-have {
		return fmt.Errorf("%w: got a length of %d bytes, want %d", ErrCorrupt, n, size-have)
	}
	return nil
}

// empty cuts a file to nothing.
func empty(f *os.File) (int64, error) {
	if err := f.Truncate(0); err != nil {
		return 0, err
	}
	return f.Seek(0, io.SeekStart)
}

// A counting reader tells how many bytes have been read.
type counting struct {
	from   io.Reader
	n      int64
	err    error // of reading
	report func(n int64)
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	if c.n += int64(n); n > 0 {
		c.report(c.n)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}
