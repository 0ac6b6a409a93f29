package checkpoint

import "os"

// openRegular opens path for reading if it is a regular file on a real file system.
func openRegular(path string) (*os.File, int64, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|openFlags, 0) // does not wait for a pipe's writer
	if err != nil {
		return nil, 0, fileError(path, err)
	}
	info, err := f.Stat()
	if err == nil && (!info.Mode().IsRegular() || onPseudoFS(f)) {
		err = ErrNotRegular
	}
	if err != nil {
		f.Close()
		return nil, 0, fileError(path, err)
	}
	return f, info.Size(), nil
}
