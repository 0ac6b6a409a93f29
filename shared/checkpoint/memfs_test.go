package checkpoint

import (
	"io"
	"io/fs"
	"testing/fstest"
	"time"
)

// memFS is a folder of files that counts what is open, notes what was opened and fails one call. Closing fails by itself: nothing
// hangs on it.
type memFS struct {
	files   map[string][]byte
	opened  []string
	open    int
	calls   int
	failAt  int  // number of the call that fails; negative: none
	stuck   bool // closing a file is an error
	outside bool // something was read outside a file
}

func newMemFS(files map[string][]byte) *memFS { return &memFS{files: files, failAt: -1} }

func (m *memFS) fail() error {
	m.calls++
	if m.calls-1 == m.failAt {
		return errDisk
	}
	return nil
}

func (m *memFS) Stat(name string) (fs.FileInfo, error) {
	if err := m.fail(); err != nil {
		return nil, err
	}
	if data, ok := m.files[name]; ok {
		return &memFile{name: name, data: data, m: m}, nil
	}
	return fs.Stat(m.folders(), name)
}

func (m *memFS) Open(name string) (fs.File, error) {
	if err := m.fail(); err != nil {
		return nil, err
	}
	data, ok := m.files[name]
	if !ok {
		return m.folders().Open(name)
	}
	m.opened = append(m.opened, name)
	m.open++
	return &memFile{name: name, data: data, m: m}, nil
}

// folders knows the folders that the names speak of, and what is missing.
func (m *memFS) folders() fs.FS {
	all := fstest.MapFS{}
	for name, data := range m.files {
		all[name] = &fstest.MapFile{Data: data}
	}
	return all
}

// A memFile is an open file and its own description.
type memFile struct {
	name string
	data []byte
	m    *memFS
}

func (f *memFile) Name() string       { return f.name }
func (f *memFile) Size() int64        { return int64(len(f.data)) }
func (f *memFile) Mode() fs.FileMode  { return 0o444 }
func (f *memFile) ModTime() time.Time { return time.Time{} }
func (f *memFile) IsDir() bool        { return false }
func (f *memFile) Sys() any           { return nil }

func (f *memFile) Stat() (fs.FileInfo, error) { return f, f.m.fail() }

func (f *memFile) Read([]byte) (int, error) { return 0, errDisk } // only ReadAt is used

func (f *memFile) ReadAt(b []byte, off int64) (int, error) {
	if err := f.m.fail(); err != nil {
		return 0, err
	}
	if off < 0 || off+int64(len(b)) > int64(len(f.data)) {
		f.m.outside = true
		return 0, io.EOF
	}
	return copy(b, f.data[off:]), nil
}

func (f *memFile) Close() error {
	f.m.open--
	if f.m.stuck {
		return errDisk
	}
	return nil
}
