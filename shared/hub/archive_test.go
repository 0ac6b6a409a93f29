package hub_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/hub"
)

// An entry is one of an archive in the making.
type entry struct {
	name    string
	content string
	mode    fs.FileMode // kind and permissions, 0 for a plain file
	stored  bool        // not compressed
}

// entries puts a model into a folder of an archive, beside a program.
func entries(folder string) []entry {
	all := []entry{{name: "pkg/__init__.py", content: "import os"}, {name: "pkg/data.json", content: "{}"}}
	for _, name := range slices.Sorted(maps.Keys(model(1))) {
		all = append(all, entry{name: folder + name, content: string(model(1)[name])})
	}
	return all
}

func zipOf(t testing.TB, all ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range all {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.stored {
			h.Method = zip.Store
		}
		if e.mode != 0 {
			h.SetMode(e.mode)
		}
		f, err := w.CreateHeader(h)
		if err == nil {
			_, err = f.Write([]byte(e.content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarOf(t testing.TB, all ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, e := range all {
		h := &tar.Header{Name: e.name, Size: int64(len(e.content)), Mode: 0o644, Typeflag: tar.TypeReg, Format: tar.FormatPAX}
		switch {
		case e.mode&fs.ModeSymlink != 0:
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, e.content, 0
		case e.mode&fs.ModeCharDevice != 0:
			h.Typeflag, h.Size = tar.TypeChar, 0
		case e.mode&fs.ModeNamedPipe != 0:
			h.Typeflag, h.Size = tar.TypeFifo, 0
		case e.mode&fs.ModeIrregular != 0:
			h.Typeflag, h.Linkname, h.Size = tar.TypeLink, e.content, 0
		case e.mode.IsDir():
			h.Typeflag = tar.TypeDir
		}
		err := w.WriteHeader(h)
		if err == nil && h.Size > 0 {
			_, err = w.Write([]byte(e.content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// take writes an archive and takes the model out of it.
func take(t testing.TB, name string, archive []byte, o hub.ArchiveOptions) (dir string, s *hub.Snapshot, err error) {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, archive, 0o644); err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(folder, "out", "model")
	s, err = hub.FromArchive(t.Context(), path, dir, o)
	if err != nil {
		if left := tree(t, filepath.Dir(dir)); len(left) > 0 {
			t.Errorf("%v: left %q", err, left)
		}
		if !strings.Contains(err.Error(), name) {
			t.Errorf("error %q doesn't name %s", err, name)
		}
	}
	return dir, s, err
}

func TestFromArchive(t *testing.T) {
	inner := zipOf(t, entries("")...)
	for _, c := range []struct {
		name    string
		archive []byte
		path    string
	}{
		{"root.zip", zipOf(t, entries("")...), ""},
		{"deep.whl", zipOf(t, entries("pkg/a/model/")...), ""},
		{"deep.ZIP", zipOf(t, entries("pkg/a/model/")...), "pkg/a/model"},
		{"slashes.zip", zipOf(t, entries("pkg/a/model/")...), "/pkg/a/model/"},
		{"root.tar.gz", tarOf(t, entries("")...), ""},
		{"root by path.tar.gz", tarOf(t, entries("")...), "."},
		{"dot.tgz", tarOf(t, append([]entry{{name: "./", mode: fs.ModeDir}}, entries("./")...)...), ""},
		{"deep.tgz", tarOf(t, append([]entry{{name: "x/", mode: fs.ModeDir}, {name: "x/y/", mode: fs.ModeDir}}, entries("x/y/")...)...), ""},
		{"nested.whl", zipOf(t, entry{name: "pkg/model.zip", content: string(inner)}, entry{name: "pkg/cli.py"}), ""},
		{"nested and stored.whl", zipOf(t, entry{name: "pkg/model.zip", content: string(inner), stored: true}), ""},
		{"nested with a path.whl", zipOf(t, entry{name: "model.zip", content: string(zipOf(t, entries("sub/")...))}), "sub"},
		{"nested.tar.gz", tarOf(t, entry{name: "pkg/model.zip", content: string(inner)}), ""},
		{"two, one named.zip", zipOf(t, append(entries("a/"), entry{name: "b/config.json"}, entry{name: "b/x.safetensors"})...), "a"},
		{"a form of the weights inside.zip", zipOf(t, append(entries("a/"), entry{name: "a/fp16/config.json"})...), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			last := map[string]int64{}
			dir, s, err := take(t, c.name, c.archive, hub.ArchiveOptions{Path: c.path, Progress: func(file string, done, total int64) {
				if done > total || done < last[file] {
					t.Errorf("%s: %d of %d", file, done, total)
				}
				last[file] = done
			}})
			if err != nil {
				t.Fatal(err)
			}
			sameFiles(t, dir, model(1), wanted)
			total := int64(0)
			for _, f := range s.Files {
				total += f.Size
				if f.Size != int64(len(model(1)[f.Name])) || last[f.Name] != f.Size {
					t.Errorf("%s: size %d, progress %d", f.Name, f.Size, last[f.Name])
				}
			}
			if s.Dir != dir || s.Bytes != total || len(s.Files) != len(wanted) || s.Commit != "" {
				t.Errorf("got %+v", s)
			}
		})
	}
}

// TestArchiveAgain replaces what it wrote, and nothing else.
func TestArchiveAgain(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.zip")
	if err := os.WriteFile(path, zipOf(t, entries("m/")...), 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "model")
	for range 2 {
		if _, err := hub.FromArchive(t.Context(), path, out, hub.ArchiveOptions{}); err != nil {
			t.Fatal(err)
		}
		sameFiles(t, out, model(1), wanted)
	}
	note := filepath.Join(out, "1_Pooling", "note.txt")
	if err := os.WriteFile(note, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := hub.FromArchive(t.Context(), path, out, hub.ArchiveOptions{}); err == nil {
		t.Error("a folder with a file of somebody else was replaced")
	}
	if raw, err := os.ReadFile(note); err != nil || string(raw) != "mine" {
		t.Errorf("got %q, %v", raw, err)
	}
}

// TestArchiveRefused: what isn't a plain archive of one model is refused whole, and leaves nothing.
func TestArchiveRefused(t *testing.T) {
	plain := []entry{{name: "m/config.json", content: "{}"}, {name: "m/model.safetensors", content: "weights"}}
	with := func(more ...entry) []entry { return append(slices.Clone(plain), more...) }
	for _, c := range []struct {
		name    string
		entries []entry
		o       hub.ArchiveOptions
		want    error
		message string
	}{
		{"traversal", with(entry{name: "../../etc/passwd"}), hub.ArchiveOptions{}, hub.ErrUnsafeName, ".."},
		{"traversal inside", with(entry{name: "m/../../x"}), hub.ArchiveOptions{}, hub.ErrUnsafeName, ".."},
		{"absolute", with(entry{name: "/etc/passwd"}), hub.ArchiveOptions{}, hub.ErrUnsafeName, "absolute"},
		{"backslash", with(entry{name: `m\config.json`}), hub.ArchiveOptions{}, hub.ErrUnsafeName, "backslash"},
		{"drive", with(entry{name: "C:/x"}), hub.ArchiveOptions{}, hub.ErrUnsafeName, "drive"},
		{"long name", with(entry{name: strings.Repeat("a", 300)}), hub.ArchiveOptions{}, hub.ErrUnsafeName, "300"},
		{"device by name", []entry{{name: "m/config.json"}, {name: "m/nul.safetensors"}}, hub.ArchiveOptions{}, hub.ErrUnsafeName, "device"},
		{"link", with(entry{name: "m/tokenizer.json", content: "/etc/passwd", mode: fs.ModeSymlink | 0o777}), hub.ArchiveOptions{}, hub.ErrArchive, "link"},
		{"link outside the model", with(entry{name: "x", content: "m", mode: fs.ModeSymlink | 0o777}), hub.ArchiveOptions{}, hub.ErrArchive, "link"},
		{"pipe", with(entry{name: "m/tokenizer.json", mode: fs.ModeNamedPipe | 0o644}), hub.ArchiveOptions{}, hub.ErrArchive, "plain file"},
		{"device", with(entry{name: "m/tokenizer.json", mode: fs.ModeDevice | fs.ModeCharDevice | 0o644}), hub.ArchiveOptions{}, hub.ErrArchive, "plain file"},
		{"twice", with(entry{name: "m/config.json", content: "[]"}), hub.ArchiveOptions{}, hub.ErrArchive, "twice"},
		{"file and folder", with(entry{name: "m/config.json/a"}), hub.ArchiveOptions{}, hub.ErrArchive, "a file and a folder"},
		{"empty", nil, hub.ArchiveOptions{}, hub.ErrNoModel, "no folder"},
		{"weights elsewhere", []entry{{name: "m/config.json"}, {name: "w/model.safetensors"}}, hub.ArchiveOptions{}, hub.ErrNoModel, "safetensors"},
		{"pickles", []entry{{name: "m/config.json"}, {name: "m/pytorch_model.bin"}}, hub.ArchiveOptions{}, hub.ErrNoModel, "pytorch_model.bin"},
		{"two models", with(entry{name: "n/config.json"}, entry{name: "n/model.safetensors"}), hub.ArchiveOptions{}, hub.ErrNoModel, "m, n"},
		{"no such path", plain, hub.ArchiveOptions{Path: "n"}, hub.ErrNoModel, `"n"`},
		{"path out", plain, hub.ArchiveOptions{Path: "../m"}, hub.ErrNoModel, "m"},
		{"index without shards", []entry{{name: "config.json"}, {name: "a.safetensors"}, {name: "model.safetensors.index.json", content: `{"weight_map": {"a": "b.safetensors"}}`}}, hub.ArchiveOptions{}, hub.ErrNoModel, "b.safetensors"},
		{"index that leads out", []entry{{name: "config.json"}, {name: "a.safetensors"}, {name: "model.safetensors.index.json", content: `{"weight_map": {"a": "../b.safetensors"}}`}}, hub.ArchiveOptions{}, hub.ErrUnsafeName, ".."},
		{"two archives inside", []entry{{name: "a.zip", content: "x"}, {name: "b.zip", content: "x"}}, hub.ArchiveOptions{}, hub.ErrNoModel, "a.zip, b.zip"},
		{"archive inside is none", []entry{{name: "a.zip", content: "x"}}, hub.ArchiveOptions{}, hub.ErrArchive, "a.zip"},
		{"archive two levels down", []entry{{name: "a.zip", content: string(zipOf(t, entry{name: "b.zip", content: string(zipOf(t, plain...))}))}}, hub.ArchiveOptions{}, hub.ErrNoModel, "a.zip"},
		{"larger than allowed", plain, hub.ArchiveOptions{MaxBytes: 8}, hub.ErrLimit, "8 bytes"},
		{"archive inside larger than allowed", []entry{{name: "a.zip", content: string(zipOf(t, plain...))}}, hub.ArchiveOptions{MaxBytes: 50}, hub.ErrLimit, "50"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, archive := range map[string][]byte{"a.zip": zipOf(t, c.entries...), "a.tgz": tarOf(t, c.entries...)} {
				_, _, err := take(t, name, archive, c.o)
				if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.message) {
					t.Errorf("%s: got %v, want %v with %q", name, err, c.want, c.message)
				}
			}
		})
	}
	if _, _, err := take(t, "a.tgz", tarOf(t, with(entry{name: "m/x", content: "m/config.json", mode: fs.ModeIrregular})...), hub.ArchiveOptions{}); !errors.Is(err, hub.ErrArchive) {
		t.Errorf("a hard link: got %v, want %v", err, hub.ErrArchive)
	}
}

// TestDamagedArchive: sums, sizes and ends are held to what the archive says.
func TestDamagedArchive(t *testing.T) {
	weights := strings.Repeat("weights ", 1000)
	plain := []entry{{name: "m/config.json", content: "{}"}, {name: "m/model.safetensors", content: weights, stored: true}}
	z, tgz := zipOf(t, plain...), tarOf(t, plain...)
	at := bytes.Index(z, []byte(weights))
	central := bytes.LastIndex(z, []byte("PK\x01\x02")) // of the weights
	edit := func(change func(b []byte)) []byte {
		b := bytes.Clone(z)
		change(b)
		return b
	}
	for _, c := range []struct {
		name    string
		file    string
		archive []byte
		want    error
	}{
		{"a bit of the content", "a.zip", edit(func(b []byte) { b[at] ^= 1 }), hub.ErrArchive},
		{"smaller than it says", "a.zip", edit(func(b []byte) { binary.LittleEndian.PutUint32(b[central+24:], 9000) }), hub.ErrArchive},
		{"larger than it says", "a.zip", edit(func(b []byte) { binary.LittleEndian.PutUint32(b[central+24:], 7000) }), hub.ErrArchive},
		{"huge", "a.zip", edit(func(b []byte) { binary.LittleEndian.PutUint32(b[central+24:], 0xfffffff0) }), hub.ErrArchive},
		{"encrypted", "a.zip", edit(func(b []byte) { b[central+8] |= 1 }), hub.ErrArchive},
		{"unknown method", "a.zip", edit(func(b []byte) { b[central+10] = 99 }), hub.ErrArchive},
		{"cut", "a.zip", z[:len(z)-30], hub.ErrArchive},
		{"cut in the middle", "a.zip", z[:len(z)/2], hub.ErrArchive},
		{"nothing", "a.zip", nil, hub.ErrArchive},
		{"something else", "a.zip", []byte("hello"), hub.ErrArchive},
		{"a tar", "a.zip", tgz, hub.ErrArchive},
		{"nothing", "a.tgz", nil, hub.ErrArchive},
		{"a zip", "a.tgz", z, hub.ErrArchive},
		{"cut", "a.tgz", tgz[:len(tgz)/2], hub.ErrArchive},
		{"end is missing", "a.tgz", tgz[:len(tgz)-8], hub.ErrArchive},
		{"a bit", "a.tgz", func() []byte { b := bytes.Clone(tgz); b[len(b)-6] ^= 1; return b }(), hub.ErrArchive},
		{"no archive by its name", "a.rar", z, hub.ErrArchive},
		{"no ending", "zip", z, hub.ErrArchive},
	} {
		if _, _, err := take(t, c.file, c.archive, hub.ArchiveOptions{}); !errors.Is(err, c.want) {
			t.Errorf("%s, %s: got %v, want %v", c.file, c.name, err, c.want)
		}
	}
}

// TestArchiveBombs: what unpacks to much more than there is of it comes to an end early.
func TestArchiveBombs(t *testing.T) {
	zeros := strings.Repeat("\x00", 4<<20)
	model := []entry{{name: "config.json", content: "{}"}, {name: "model.safetensors", content: "w"}}
	if _, _, err := take(t, "a.tgz", tarOf(t, append(model, entry{name: "x", content: zeros})...), hub.ArchiveOptions{MaxBytes: 1 << 20}); !errors.Is(err, hub.ErrLimit) {
		t.Errorf("tar: got %v, want %v", err, hub.ErrLimit)
	}
	// In a zip, what isn't taken isn't unpacked.
	if _, _, err := take(t, "a.zip", zipOf(t, append(model, entry{name: "x", content: zeros})...), hub.ArchiveOptions{MaxBytes: 1 << 20}); err != nil {
		t.Errorf("zip: %v", err)
	}
	// A directory of an entry that says it is small, and isn't.
	lying := zipOf(t, model[0], entry{name: "model.safetensors", content: zeros})
	central := bytes.LastIndex(lying, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(lying[central+24:], 5)
	if _, _, err := take(t, "a.zip", lying, hub.ArchiveOptions{MaxBytes: 1 << 20}); !errors.Is(err, hub.ErrArchive) {
		t.Errorf("lying zip: got %v, want %v", err, hub.ErrArchive)
	}
	// A directory too large to be held in memory.
	var b bytes.Buffer
	head := append([]byte("PK\x01\x02"), make([]byte, 42)...)
	binary.LittleEndian.PutUint16(head[28:], 60_000)
	name := bytes.Repeat([]byte("a"), 60_000)
	for b.Len() < 17<<20 {
		b.Write(head)
		b.Write(name)
	}
	end := append([]byte("PK\x05\x06"), make([]byte, 18)...)
	n := uint16(b.Len() / (46 + 60_000))
	binary.LittleEndian.PutUint16(end[8:], n)
	binary.LittleEndian.PutUint16(end[10:], n)
	binary.LittleEndian.PutUint32(end[12:], uint32(b.Len()))
	b.Write(end)
	if _, _, err := take(t, "a.zip", b.Bytes(), hub.ArchiveOptions{}); !errors.Is(err, hub.ErrLimit) {
		t.Errorf("large directory: got %v, want %v", err, hub.ErrLimit)
	}
}

// TestArchiveCancelled: the end of the context ends it, and nothing is left.
func TestArchiveCancelled(t *testing.T) {
	cause := errors.New("enough")
	for name, archive := range map[string][]byte{"a.zip": zipOf(t, entries("")...), "a.tgz": tarOf(t, entries("")...)} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, archive, 0o644); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		o := hub.ArchiveOptions{Progress: func(string, int64, int64) { cancel(cause) }}
		if _, err := hub.FromArchive(ctx, path, filepath.Join(dir, "out"), o); !errors.Is(err, cause) {
			t.Errorf("%s: got %v, want %v", name, err, cause)
		}
		if got := tree(t, dir); len(got) != 1 {
			t.Errorf("%s: left %q", name, got)
		}
	}
	if _, err := hub.FromArchive(t.Context(), filepath.Join(t.TempDir(), "none.zip"), t.TempDir(), hub.ArchiveOptions{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no archive: got %v", err)
	}
}

// checkTake holds what is taken from an archive to the rule: there is a model of plain files in the folder, or an error of this package and nothing.
func checkTake(t *testing.T, name string, raw []byte) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	s, err := hub.FromArchive(t.Context(), path, out, hub.ArchiveOptions{MaxBytes: 1 << 20})
	if err != nil {
		if got := tree(t, dir); len(got) != 1 {
			t.Errorf("%v: left %q", err, got)
		}
		if !errors.Is(err, hub.ErrArchive) && !errors.Is(err, hub.ErrUnsafeName) && !errors.Is(err, hub.ErrLimit) && !errors.Is(err, hub.ErrNoModel) {
			t.Errorf("got %v", err)
		}
		return
	}
	got := tree(t, out)
	if len(got) != len(s.Files) || len(tree(t, dir)) != len(got)+1 {
		t.Errorf("got %q, want %v", got, s.Files)
	}
	for _, f := range s.Files {
		if info, err := os.Lstat(filepath.Join(out, f.Name)); err != nil || !info.Mode().IsRegular() || info.Size() != f.Size {
			t.Errorf("%v: %v", f, err)
		}
	}
}

var small = []entry{{name: "m/config.json", content: "{}", stored: true}, {name: "m/model.safetensors", content: "weights", stored: true}}

func FuzzZip(f *testing.F) {
	f.Add(zipOf(f, small...))
	f.Add(zipOf(f, entry{name: "a.zip", content: string(zipOf(f, small...)), stored: true}))
	f.Add(zipOf(f, append(slices.Clone(small), entry{name: "l", content: "m", mode: fs.ModeSymlink | 0o777}, entry{name: "m/1_Pooling/config.json"})...))
	f.Fuzz(func(t *testing.T, raw []byte) { checkTake(t, "a.zip", raw) })
}

// FuzzTar mutates what is compressed: a change of the compressed bytes would hardly ever come through.
func FuzzTar(f *testing.F) {
	for _, all := range [][]entry{small, append(slices.Clone(small), entry{name: "l", content: "m", mode: fs.ModeSymlink}, entry{name: "m/1_Pooling/config.json"})} {
		z, err := gzip.NewReader(bytes.NewReader(tarOf(f, all...)))
		if err != nil {
			f.Fatal(err)
		}
		raw, err := io.ReadAll(z)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err := z.Write(raw)
		if err := errors.Join(err, z.Close()); err != nil {
			t.Fatal(err)
		}
		checkTake(t, "a.tgz", b.Bytes())
	})
}

// FuzzEntries puts entries of any name and kind beside those of a model.
func FuzzEntries(f *testing.F) {
	f.Add("m/../../x", uint32(0o644), "a")
	f.Add("m/1_a.safetensors/config.json", uint32(0), "{}")
	f.Add("m/vocab.txt", uint32(fs.ModeSymlink), "/etc/passwd")
	f.Fuzz(func(t *testing.T, name string, mode uint32, content string) {
		e := entry{name: name, content: content, mode: fs.FileMode(mode)}
		if strings.HasSuffix(name, "/") || e.mode.IsDir() || len(name) > 60_000 {
			return // archive/zip writes no such files
		}
		checkTake(t, "a.zip", zipOf(t, append(slices.Clone(small), e)...))
	})
}
