package checkpoint

import "bytes"

// formatOf names the well-known format that a file of another kind starts like, "" if none.
func formatOf(b []byte) string {
	for _, f := range []struct{ magic, name string }{
		{"PK\x03\x04", "a zip archive (PyTorch .pt or .npz)"},
		{"\x80\x02", "a Python pickle"},
		{"\x80\x03", "a Python pickle"},
		{"\x80\x04", "a Python pickle"},
		{"\x80\x05", "a Python pickle"},
		{"\x93NUMPY", "a NumPy array"},
		{"GGUF", "a GGUF file"},
		{"\x89HDF", "an HDF5 file"},
		{"version https://", "a git-lfs pointer: the file itself has not been fetched"},
		{"<!DOCTYPE", "an HTML page"},
		{"<!doctype", "an HTML page"},
		{"<html", "an HTML page"},
	} {
		if bytes.HasPrefix(b, []byte(f.magic)) {
			return f.name
		}
	}
	return ""
}
