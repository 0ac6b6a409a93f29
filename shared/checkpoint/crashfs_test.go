package checkpoint

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// errCrashed is what every call after the crash returns.
var errCrashed = errors.New("power is off")

// A crashFS is a file system in memory that knows which of its content would survive a power cut. Content of
// a file survives from its last Sync on, names in a folder from the last SyncDir of that folder on. Of what came later
// any part may survive: each change of names by itself, each 4 KiB page of a file by itself or torn at a
// sector. It is stricter than journalling file systems, which keep changes of names in order.
type crashFS struct {
	root       *node
	ops        int // changes and syncs so far
	stopAt     int // the op with this number and all later ones fail; negative: none
	syncs      int // syncs so far
	ignore     func(sync int, dir bool) bool
	noExchange bool
	open       int
}

// A node is a file or a folder.
type node struct {
	data, synced []byte           // of a file
	names        map[string]*node // of a folder; nil for a file
	durable      map[string]*node
	pending      []map[string]*node // changes since the last sync; a nil node is a removal
}

func newFolder() *node {
	return &node{names: map[string]*node{}, durable: map[string]*node{}}
}

func newCrashFS() *crashFS { return &crashFS{root: newFolder(), stopAt: -1} }

// op counts a change and reports whether the power is off.
func (c *crashFS) op() error {
	if c.stopAt >= 0 && c.ops >= c.stopAt {
		return errCrashed
	}
	c.ops++
	return nil
}

func (c *crashFS) find(path string) *node {
	n := c.root
	for _, name := range strings.Split(strings.Trim(filepath.ToSlash(path), "/"), "/") {
		if name == "" {
			continue
		}
		if n == nil || n.names == nil {
			return nil
		}
		n = n.names[name]
	}
	return n
}

// change applies a change of names in one folder.
func (n *node) change(set map[string]*node) {
	n.pending = append(n.pending, set)
	apply(n.names, set)
}

func apply(names, set map[string]*node) {
	for name, to := range set {
		if to == nil {
			delete(names, name)
		} else {
			names[name] = to
		}
	}
}

func (c *crashFS) add(path string, n *node) error {
	if err := c.op(); err != nil {
		return err
	}
	parent := c.find(filepath.Dir(path))
	switch {
	case parent == nil || parent.names == nil:
		return os.ErrNotExist
	case parent.names[filepath.Base(path)] != nil:
		return os.ErrExist
	}
	parent.change(map[string]*node{filepath.Base(path): n})
	return nil
}

func (c *crashFS) Mkdir(path string) error { return c.add(path, newFolder()) }

func (c *crashFS) Create(path string) (SyncWriter, error) {
	n := &node{}
	if err := c.add(path, n); err != nil {
		return nil, err
	}
	c.open++
	return &crashFile{c, n}, nil
}

func (c *crashFS) Open(path string) (ReaderAtCloser, int64, error) {
	n := c.find(path)
	switch {
	case n == nil:
		return nil, 0, os.ErrNotExist
	case n.names != nil:
		return nil, 0, ErrNotRegular
	}
	return struct {
		*bytes.Reader
		nopCloser
	}{bytes.NewReader(n.data), nopCloser{}}, int64(len(n.data)), nil
}

type nopCloser struct{}

func (nopCloser) Close() error { return nil }

func (c *crashFS) Rename(old, new string) error {
	if err := c.op(); err != nil {
		return err
	}
	n := c.find(old)
	if n == nil {
		return os.ErrNotExist
	}
	if to := c.find(new); to != nil && (to.names != nil || n.names != nil) {
		return os.ErrExist
	}
	c.find(filepath.Dir(old)).change(map[string]*node{filepath.Base(old): nil, filepath.Base(new): n})
	return nil
}

func (c *crashFS) Exchange(a, b string) error {
	if c.noExchange {
		return errors.ErrUnsupported
	}
	if err := c.op(); err != nil {
		return err
	}
	na, nb := c.find(a), c.find(b)
	if na == nil || nb == nil {
		return os.ErrNotExist
	}
	c.find(filepath.Dir(a)).change(map[string]*node{filepath.Base(a): nb, filepath.Base(b): na})
	return nil
}

func (c *crashFS) Remove(path string) error {
	if err := c.op(); err != nil {
		return err
	}
	n := c.find(path)
	switch {
	case n == nil:
		return os.ErrNotExist
	case len(n.names) > 0:
		return errors.New("folder is not empty")
	}
	c.find(filepath.Dir(path)).change(map[string]*node{filepath.Base(path): nil})
	return nil
}

func (c *crashFS) List(path string) ([]string, error) {
	n := c.find(path)
	switch {
	case n == nil:
		return nil, os.ErrNotExist
	case n.names == nil:
		return nil, errors.New("not a folder")
	}
	var names []string
	for name, n := range n.names {
		if n.names != nil {
			name += "/"
		}
		names = append(names, name)
	}
	return names, nil
}

// syncing counts a sync and reports whether it is to do nothing.
func (c *crashFS) syncing(dir bool) bool {
	c.syncs++
	return c.ignore != nil && c.ignore(c.syncs-1, dir)
}

func (c *crashFS) SyncDir(path string) error {
	if err := c.op(); err != nil {
		return err
	}
	n := c.find(path)
	if n == nil {
		return os.ErrNotExist
	}
	if !c.syncing(true) {
		for _, set := range n.pending {
			apply(n.durable, set)
		}
		n.pending = nil
	}
	return nil
}

type crashFile struct {
	c *crashFS
	n *node
}

func (f *crashFile) Write(b []byte) (int, error) {
	if err := f.c.op(); err != nil {
		return 0, err
	}
	f.n.data = append(f.n.data, b...)
	return len(b), nil
}

func (f *crashFile) Sync() error {
	if err := f.c.op(); err != nil {
		return err
	}
	if !f.c.syncing(false) {
		f.n.synced = bytes.Clone(f.n.data)
	}
	return nil
}

func (f *crashFile) Close() error { f.c.open--; return nil }

// A survival decides what of the unsynced content is on the disk after the power cut.
type survival struct {
	about string
	keep  func() bool // asked for every change of names, page and sector
	torn  func() bool // whether a page is torn
}

func never() bool  { return false }
func always() bool { return true }

// survivals are: nothing, all, and subsets drawn at random.
func survivals(subsets int, r *rand.Rand) []survival {
	all := []survival{{"nothing unsynced", never, never}, {"all", always, never}}
	for range subsets {
		share := r.Float64()
		all = append(all, survival{
			"a random subset", func() bool { return r.Float64() < share }, func() bool { return r.IntN(4) == 0 },
		})
	}
	return all
}

// after returns what is found when the power is back.
func (c *crashFS) after(s survival) *crashFS {
	return &crashFS{root: c.root.after(s), stopAt: -1, noExchange: c.noExchange}
}

func (n *node) after(s survival) *node {
	if n.names == nil {
		data := surviving(n.synced, n.data, s)
		return &node{data: data, synced: bytes.Clone(data)}
	}
	names := map[string]*node{}
	apply(names, n.durable)
	for _, set := range n.pending {
		if s.keep() {
			apply(names, set)
		}
	}
	out := newFolder()
	for name, child := range names {
		out.names[name] = child.after(s)
	}
	apply(out.durable, out.names)
	return out
}

// surviving mixes the old and the new content of a file page by page.
func surviving(old, new []byte, s survival) []byte {
	const page, sector = 4096, 512
	if bytes.Equal(old, new) {
		return bytes.Clone(new)
	}
	size := len(old)
	if s.keep() {
		size = len(new)
	}
	out := make([]byte, size)
	copy(out, old)
	for at := 0; at < min(size, len(new)); at += page {
		unit := page
		if s.torn() {
			unit = sector
		}
		for from := at; from < min(at+page, size, len(new)); from += unit {
			if s.keep() {
				copy(out[from:min(from+unit, size)], new[from:])
			}
		}
	}
	return out
}
