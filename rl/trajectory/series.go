package trajectory

import (
	"errors"
	"fmt"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// filesPerChunk is LeRobot's chunks_size: how many files a folder has.
const filesPerChunk = 1000

// A series is a table in files one after another: FOLDER/chunk-000/file-000.parquet and so on.
type series struct {
	dir     *checkpoint.Dir
	folder  string
	columns []column
	limit   int64 // bytes after which the next episode begins another file

	files int // begun so far
	now   *sheet
	out   *checkpoint.FileWriter
	checkpoint.FileWriter
}

// chunk and file are the indices of the file that is being written.
func (s *series) chunk() int64 { return int64((s.files - 1) / filesPerChunk) }
func (s *series) file() int64  { return int64((s.files - 1) % filesPerChunk) }

// pathOf names a file of a series.
func pathOf(folder string, chunk, file int64) string {
	return fmt.Sprintf("%s/chunk-%03d/file-%03d.parquet", folder, chunk, file)
}

// sheet gives the file that the next episode belongs into.
func (s *series) sheet() (*sheet, error) {
	if s.now != nil && s.now.size() < s.limit {
		return s.now, nil
	}
	if err := s.close(); err != nil {
		return nil, err
	}
	s.files++
	f, err := s.dir.Create(pathOf(s.folder, s.chunk(), s.file()))
	if err != nil {
		return nil, err
	}
	s.out, s.now = f, newSheet(f, s.columns, nil)
	return s.now, nil
}

// close ends the file that is being written.
func (s *series) close() error {
	if s.now == nil {
		return nil
	}
	err := errors.Join(s.now.w.Close(), s.out.Close())
	s.now = nil
	return err
}
