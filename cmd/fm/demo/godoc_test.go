package demo

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestReadGOROOT(t *testing.T) {
	root := t.TempDir()
	write := func(path, text string) {
		path = filepath.Join(root, "src", path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("a/b/b.go", "// Package b does one thing. It does it\n// well, see [io.Reader].\n//\n//\tcode(here)\n//\n// Then a list:\n//\n//   - An item ends here.\npackage b\n\n// F is a function.\nfunc F() {}\n\n// hidden helps F.\nfunc hidden() {}\n\n// Limits of things.\nconst (\n\t// Most is the largest.\n\tMost = 1\n\tLeast = 0\n)\n")
	write("a/b/b_windows.go", "package b\n\n// F is a function.\nfunc F() {}\n")
	write("a/b/b_test.go", "package b\n\n// TestX must not show.\nfunc TestX() {}\n")
	write("a/b/testdata/x.go", "// Package x must not show.\npackage x\n")
	write("a/broken/x.go", "package")
	write("cmd/tool/main.go", "// Tool is a command.\npackage main\n")
	lib, err := ReadGOROOT(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range lib.Sentences {
		if s.Package != "a/b" {
			t.Errorf("package %q, want a/b", s.Package)
		}
		got = append(got, s.Text)
	}
	want := []string{"Package b does one thing.", "It does it well, see io.Reader.", "Then a list:", "An item ends here.", "F is a function.", "Limits of things.", "Most is the largest."}
	if !slices.Equal(got, want) {
		t.Errorf("exported:\n got %q\nwant %q", got, want)
	}
	if len(lib.Pages) != 1 || !slices.Equal(lib.Pages[0].Sentences, want[:4]) {
		t.Errorf("pages %v, want the package comment", lib.Pages)
	}
}
