package trajectory

import (
	"fmt"
	"path/filepath"
	"sync"

	"github.com/fmkit/fmkit/rl/trajectory/columnar"
	"github.com/fmkit/fmkit/shared/checkpoint"
)

// maxOpen is how many files a shelf keeps open between uses.
const maxOpen = 32

// A shelf opens the Parquet files of a folder as they are wanted, and closes those that weren't for the longest time.
type shelf struct {
	root string

	mu    sync.Mutex
	clock int64
	books map[string]*book
}

type book struct {
	once sync.Once
	path string
	file *columnar.File
	raw  checkpoint.ReaderAtCloser
	err  error

	users int
	used  int64 // when it was put back
}

// with calls f with the file at a slash-separated path.
func (s *shelf) with(path string, f func(*columnar.File) error) error {
	b := s.take(path)
	defer s.put(b)
	b.once.Do(func() {
		var size int64
		if b.raw, size, b.err = checkpoint.OS.Open(filepath.Join(s.root, filepath.FromSlash(path))); b.err == nil {
			b.file, b.err = columnar.Open(b.raw, size, columnar.Limits{})
		}
	})
	err := b.err
	if err == nil {
		err = f(b.file)
	}
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrFormat, path, err)
	}
	return nil
}

func (s *shelf) take(path string) *book {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.books[path]
	if !ok {
		if s.books == nil {
			s.books = map[string]*book{}
		}
		b = &book{path: path}
		s.books[path] = b
	}
	b.users++
	return b
}

// put gives a file back. One that couldn't be opened goes, and so does the one that wasn't used for the longest time where there are too many.
func (s *shelf) put(b *book) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock++
	b.users, b.used = b.users-1, s.clock
	if b.err != nil && b.users == 0 {
		s.remove(b)
	}
	for len(s.books) > maxOpen {
		var oldest *book
		for _, b := range s.books {
			if b.users == 0 && (oldest == nil || b.used < oldest.used) {
				oldest = b
			}
		}
		if oldest == nil {
			return
		}
		s.remove(oldest)
	}
}

func (s *shelf) remove(b *book) {
	if s.books[b.path] == b {
		delete(s.books, b.path)
	}
	if b.raw != nil {
		_ = b.raw.Close() // it was only read
		b.raw = nil
	}
}

// close closes what nobody uses.
func (s *shelf) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.books {
		if b.users == 0 {
			s.remove(b)
		}
	}
}
