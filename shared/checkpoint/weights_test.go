package checkpoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The shards of the tests.
const (
	shard1 = "model-00001-of-00002.safetensors"
	shard2 = "model-00002-of-00002.safetensors"
)

// indexOf is an index file with the given members of weight_map.
func indexOf(members ...string) []byte {
	return []byte(`{"metadata": {"total_size": 16}, "weight_map": {` + strings.Join(members, ", ") + `}}`)
}

// in is a member of weight_map.
func in(tensor, shard string) string { return fmt.Sprintf("%q: %q", tensor, shard) }

// twoShards is a good folder: tensors a and b, then c.
func twoShards() map[string][]byte {
	return map[string][]byte{
		indexFile: indexOf(in("c", shard2), in("a", shard1), in("b", shard1)),
		shard1:    rawFile("{"+f32("a", 0, 1)+","+f32("b", 4, 2)+"}", 12),
		shard2:    rawFile("{"+f32("c", 0, 3)+"}", 12),
	}
}

func with(files map[string][]byte, name string, data []byte) map[string][]byte {
	all := map[string][]byte{name: data}
	for other, data := range files {
		if other != name {
			all[other] = data
		}
	}
	return all
}

// openAll opens the weights of files and reads every tensor that can be read. Nothing stays open.
func openAll(t testing.TB, m *memFS, opts ...Option) error {
	t.Helper()
	w, err := OpenWeights(m, opts...)
	if err == nil {
		for _, name := range w.Names() {
			info, ierr := w.Info(name)
			if ierr != nil {
				t.Fatal(ierr)
			}
			if info.DType.readable() && err == nil {
				err = w.Read(name, make([]float32, info.Count))
			}
		}
		err = errors.Join(err, w.Close())
	}
	if m.open != 0 {
		t.Fatalf("%d files are open after %v", m.open, err)
	}
	return err
}

func TestWeights(t *testing.T) {
	m := newMemFS(twoShards())
	w, err := OpenWeights(m)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := w.Names(), []string{"c", "a", "b"}; !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
	if info, err := w.Info("b"); err != nil || info.File != shard1 || !slices.Equal(info.Shape, []int{2}) || w.Name() != indexFile {
		t.Errorf("b is %+v, %v, of %s", info, err, w.Name())
	}
	_, err = w.Info("d")
	for about, err := range map[string]error{"Info": err, "Read": w.Read("d", nil)} {
		if !errors.Is(err, ErrMissingTensor) || !strings.Contains(err.Error(), indexFile) {
			t.Errorf("%s of a missing tensor: got %v, want %v with the name of the index", about, err, ErrMissingTensor)
		}
	}
	if err := w.Read("c", make([]float32, 2)); !errors.Is(err, ErrShape) || !strings.Contains(err.Error(), shard2) {
		t.Errorf("got %v, want %v with the name of the shard", err, ErrShape)
	}
	if m.open != 2 {
		t.Errorf("%d files are open, want 2", m.open)
	}
	m.stuck = true
	if err := w.Close(); !errors.Is(err, errDisk) || m.open != 0 {
		t.Errorf("%d files are open after Close, which says %v, want %v", m.open, err, errDisk)
	}
	m = newMemFS(with(twoShards(), singleFile, rawFile("{"+f32("x", 0, 1)+"}", 4)))
	if w, err = OpenWeights(m); err != nil || !slices.Equal(w.Names(), []string{"x"}) || w.Name() != singleFile {
		t.Errorf("with both forms: got %v, %v, want the single file", w, err)
	}
}

// TestCatalogueInFolders opens every file of the catalogue as the single file of a folder and as a shard of it: the answer is the same.
func TestCatalogueInFolders(t *testing.T) {
	for _, c := range catalogue {
		want, members, file := c.want, []string{in("a", shard2)}, shard2
		if want == nil {
			f, err := Parse(bytes.NewReader(c.file), int64(len(c.file)))
			if err != nil {
				t.Fatal(err)
			}
			members = nil
			for _, name := range f.Names() {
				members = append(members, in(name, shard2))
			}
			if len(members) == maxTensors { // and one in the other shard
				want, file = ErrTooManyTensors, indexFile
			}
		}
		shards := with(twoShards(), shard2, c.file)
		shards[indexFile] = indexOf(append(members, in("first", shard1))...)
		shards[shard1] = rawFile("{"+f32("first", 0, 1)+"}", 4)
		for _, form := range []struct {
			file  string
			files map[string][]byte
			want  error
		}{{singleFile, map[string][]byte{singleFile: c.file}, c.want}, {file, shards, want}} {
			err := openAll(t, newMemFS(form.files))
			var e *Error
			if !errors.Is(err, form.want) || form.want != nil && (!errors.As(err, &e) || e.File != form.file) {
				t.Errorf("%s %s as %s: got %v, want %v", c.id, c.about, form.file, err, form.want)
			}
		}
	}
}

// TestBadIndex is B38 and B39, and what else an index can say that is not so.
func TestBadIndex(t *testing.T) {
	deep := func(n int) []byte {
		return []byte(`{"metadata":{"x":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `},"weight_map":{` + in("c", shard2) + `}}`)
	}
	mapTo := func(shard string) []byte { return indexOf(in("c", shard2), `"a": `+shard) }
	tests := []struct {
		about string
		files map[string][]byte
		want  error
		file  string
	}{
		{"B38 up and away", with(nil, indexFile, mapTo(`"../../etc/passwd"`)), ErrPath, indexFile},
		{"B39 shard missing", map[string][]byte{indexFile: twoShards()[indexFile], shard2: twoShards()[shard2]}, ErrIndex, shard1},
		{"B39 shard is a folder", map[string][]byte{indexFile: indexOf(in("a", shard1)), shard1 + "/x": nil}, ErrNotRegular, shard1},
		{"B39 tensor in two shards", with(twoShards(), shard2, rawFile("{"+f32("c", 0, 3)+","+f32("a", 12, 1)+"}", 16)), ErrIndex, shard2},
		{"B39 tensor that is not mapped", with(twoShards(), shard1, rawFile("{"+f32("a", 0, 1)+","+f32("b", 4, 2)+","+f32("x", 12, 1)+"}", 16)), ErrIndex, shard1},
		{"B39 tensor of the first shard that is not mapped", with(twoShards(), shard2, rawFile("{"+f32("c", 0, 3)+","+f32("x", 12, 1)+"}", 16)), ErrIndex, shard2},
		{"B39 tensor missing from its shard", with(twoShards(), shard1, rawFile("{"+f32("a", 0, 1)+"}", 4)), ErrIndex, shard1},
		{"B39 tensor mapped twice", with(twoShards(), indexFile, indexOf(in("c", shard2), in("a", shard1), in("b", shard1), in("a", shard1))), ErrIndex, indexFile},
		{"B39 tensor mapped twice in other spelling", with(twoShards(), indexFile, indexOf(in("c", shard2), in("a", shard1), in("b", shard1), `"\u0061": "`+shard2+`"`)), ErrIndex, indexFile},
		{"B39 1,025 shards", with(nil, indexFile, []byte(`{"weight_map":`+many(1025, func(i int) string { return in(fmt.Sprint(i), fmt.Sprint(i, extension)) })+`}`)), ErrIndex, indexFile},
		{"B31 65,537 tensors", with(nil, indexFile, []byte(`{"weight_map":`+many(65537, func(i int) string { return in(fmt.Sprint(i), shard1) })+`}`)), ErrTooManyTensors, indexFile},
		{"B32 empty name", with(nil, indexFile, indexOf(in("", shard1))), ErrName, indexFile},
		{"B32 name ../x", with(nil, indexFile, indexOf(in("../x", shard1))), ErrName, indexFile},
		{"B32 name of 513 bytes", with(nil, indexFile, indexOf(in(strings.Repeat("n", 513), shard1))), ErrName, indexFile},
		{"B37 git-lfs", with(nil, indexFile, []byte("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")), ErrFormat, indexFile},
		{"B37 HTML", with(nil, indexFile, []byte("<html></html>")), ErrFormat, indexFile},
		{"B44 large", with(twoShards(), indexFile, append(twoShards()[indexFile], bytes.Repeat([]byte(" "), 16<<20)...)), ErrIndex, indexFile},
		{"B44 9,999 levels", with(nil, indexFile, deep(9999)), ErrIndex, indexFile},
		{"B44 1,000,000 levels, open", with(nil, indexFile, []byte(`{"metadata":`+strings.Repeat(`{"a":`, 1_000_000))), ErrIndex, indexFile},
		{"32 levels", with(nil, indexFile, deep(32)), ErrIndex, indexFile},
		{"31 levels", map[string][]byte{indexFile: deep(31), shard2: twoShards()[shard2]}, nil, ""},
		{"no bytes", with(nil, indexFile, nil), ErrIndex, indexFile},
		{"list", with(nil, indexFile, []byte(`[]`)), ErrIndex, indexFile},
		{"two values", with(nil, indexFile, append(indexOf(in("a", shard1)), "{}"...)), ErrIndex, indexFile},
		{"open", with(nil, indexFile, bytes.TrimSuffix(indexOf(in("a", shard1)), []byte("}"))), ErrIndex, indexFile},
		{"not UTF-8", with(nil, indexFile, indexOf("\"\xff\": \""+shard1+"\"")), ErrIndex, indexFile},
		{"no map", with(nil, indexFile, []byte(`{"metadata": {}}`)), ErrIndex, indexFile},
		{"empty map", with(nil, indexFile, indexOf()), ErrIndex, indexFile},
		{"map is a list", with(nil, indexFile, []byte(`{"weight_map": []}`)), ErrIndex, indexFile},
		{"two maps", with(nil, indexFile, []byte(`{"weight_map": {`+in("a", shard1)+`}, "weight_map": {`+in("b", shard1)+`}}`)), ErrIndex, indexFile},
		{"unknown field", with(nil, indexFile, []byte(`{"weight_map": {`+in("a", shard1)+`}, "Weight_Map": {}}`)), ErrIndex, indexFile},
		{"metadata is null", with(nil, indexFile, []byte(`{"metadata": null, "weight_map": {`+in("a", shard1)+`}}`)), ErrIndex, indexFile},
		{"shard is a number", with(nil, indexFile, mapTo(`1`)), ErrIndex, indexFile},
		{"shard is null", with(nil, indexFile, mapTo(`null`)), ErrIndex, indexFile},
		{"no metadata", with(twoShards(), indexFile, bytes.Replace(twoShards()[indexFile], []byte(`"metadata": {"total_size": 16}, `), nil, 1)), nil, ""},
		{"metadata of every kind", with(twoShards(), indexFile, bytes.Replace(twoShards()[indexFile], []byte(`"total_size": 16`),
			[]byte(`"total_size": -1.5e+10, "x": [true, false, null, "\ud83d\ude00", {}, [0]], "y": 0E1`), 1)), nil, ""},
	}
	for _, value := range []string{"01", "-", "1.", ".5", "1e", "1e+", "+1", "0x1", "NaN", "tru", "nulll", `"\ud800"`, `"\x41"`, "'x'", "[1,]", "[1 2]", `{"a"}`, `{"a":1,}`, "{1:2}", ""} {
		tests = append(tests, tests[0])
		last := &tests[len(tests)-1]
		last.about, last.want = "metadata "+value, ErrIndex
		last.files = with(twoShards(), indexFile, bytes.Replace(twoShards()[indexFile], []byte("16"), []byte(value), 1))
	}
	for _, tt := range tests {
		m := newMemFS(tt.files)
		err := openAll(t, m)
		var e *Error
		if !errors.Is(err, tt.want) || tt.want != nil && (!errors.As(err, &e) || e.File != tt.file || len(err.Error()) > 300) {
			t.Errorf("%s: got %v, want %v of %q", tt.about, err, tt.want, tt.file)
		}
		for _, other := range sentinels {
			if other != tt.want && errors.Is(err, other) {
				t.Errorf("%s: is also %v", tt.about, other)
			}
		}
		if tt.want != nil && tt.file == indexFile && len(m.opened) != 1 {
			t.Errorf("%s: opened %q, want the index alone", tt.about, m.opened)
		}
	}
}

// TestShardNames is B38: nothing but a plain file name is opened, whatever the rest says.
func TestShardNames(t *testing.T) {
	for _, name := range []string{
		"../../etc/passwd", "../x.safetensors", "/x.safetensors", "a/x.safetensors", `a\x.safetensors`, `..\x.safetensors`, "./x.safetensors",
		"..safetensors", "x..safetensors", ".safetensors", ".x.safetensors", "", ".", "..", "x", "x.bin", "x.safetensors.bin", "x.SAFETENSORS",
		"x.safetensors/", "x.safetensors ", " x.safetensors", "x.safetensors\x00", "x\x00.safetensors", "x\n.safetensors", "%2e%2e%2fx.safetensors",
		"C:x.safetensors", "x.safetensors:y", "~x.safetensors", "m\u043edel.safetensors", strings.Repeat("x", 300) + ".safetensors",
		strings.Repeat("x", 244) + ".safetensors", strings.Repeat("../", 300) + "x.safetensors",
	} {
		raw, err := json.Marshal(name)
		if err != nil {
			t.Fatal(err)
		}
		m := newMemFS(with(twoShards(), indexFile, indexOf(in("c", shard2), `"a": `+string(raw))))
		if err := openAll(t, m); !errors.Is(err, ErrPath) || !strings.Contains(err.Error(), `"a"`) || len(err.Error()) > 300 {
			t.Errorf("%.40q: got %v, want %v with the name of the tensor", name, err, ErrPath)
		}
		if !slices.Equal(m.opened, []string{indexFile}) {
			t.Errorf("%.40q: opened %q", name, m.opened)
		}
	}
	for _, name := range []string{"model.fp16-00001-of-00002.safetensors", "consolidated.00.safetensors", "X_1.safetensors", strings.Repeat("x", 243) + ".safetensors"} {
		if err := openAll(t, newMemFS(map[string][]byte{indexFile: indexOf(in("c", name)), name: twoShards()[shard2]})); err != nil {
			t.Errorf("%.40q: %v", name, err)
		}
	}
}

// TestHeadersTogether holds the limit on the headers of all shards.
func TestHeadersTogether(t *testing.T) {
	files := twoShards()
	meta := `"__metadata__":{"k":"` + strings.Repeat("v", 1000) + `"},`
	files[shard1] = rawFile("{"+meta+f32("a", 0, 1)+","+f32("b", 4, 2)+"}", 12)
	files[shard2] = rawFile("{"+meta+f32("c", 0, 3)+"}", 12)
	if err := openAll(t, newMemFS(files), MaxHeader(1500)); !errors.Is(err, ErrHeaderTooLarge) || !strings.Contains(err.Error(), shard1) {
		t.Errorf("got %v, want %v for the shard that is opened second", err, ErrHeaderTooLarge)
	}
	if err := openAll(t, newMemFS(files), MaxHeader(3000)); err != nil {
		t.Error(err)
	}
}

// TestWeightsFailingCalls fails every call of the file system in turn: the error is returned as it is and no file stays open.
func TestWeightsFailingCalls(t *testing.T) {
	for about, files := range map[string]map[string][]byte{
		"one file": {singleFile: twoShards()[shard1]},
		"shards":   twoShards(),
	} {
		for n := 0; ; n++ {
			m := newMemFS(files)
			m.failAt = n
			err := openAll(t, m)
			if m.calls <= n {
				if err != nil {
					t.Error(err)
				}
				t.Logf("%s: %d calls", about, m.calls)
				break
			}
			if e := (*Error)(nil); !errors.Is(err, errDisk) || !errors.As(err, &e) {
				t.Fatalf("%s: call %d: got %v, want an *Error of %v", about, n, err, errDisk)
			}
		}
	}
}

// TestWeightsChange is B33 to B35 in a shard: what goes wrong when values are read names the shard.
func TestWeightsChange(t *testing.T) {
	dir := t.TempDir()
	files := twoShards()
	files[shard2] = append(rawFile("{"+f32("c", 0, 3)+"}", 8), 0, 0, 0xc0, 0x7f)
	files[shard1] = rawFile(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},`+f32("b", 8, 2)+"}", 16)
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	w, err := OpenWeights(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	expect := func(tensor string, n int, want error, file string) {
		t.Helper()
		if err := w.Read(tensor, make([]float32, n)); !errors.Is(err, want) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: got %v, want %v of %s", tensor, err, want, file)
		}
	}
	expect("c", 3, ErrNonFinite, shard2)
	expect("a", 1, ErrDTypeUnsupported, shard1)
	if err := os.Truncate(filepath.Join(dir, shard1), int64(len(files[shard1])-2)); err != nil {
		t.Fatal(err)
	}
	expect("b", 2, ErrTruncated, shard1)
	if err := os.Truncate(filepath.Join(dir, shard1), 50); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenWeights(os.DirFS(dir)); err == nil || strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), shard1) {
		t.Errorf("got %v, want an error with the shard's name and without the folder's", err)
	}
}

// TestWeightsTogether reads all tensors of shards from many goroutines.
func TestWeightsTogether(t *testing.T) {
	w, err := OpenWeights(os.DirFS("testdata/shards/F32/shards"))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	want := map[string][]float32{}
	for _, name := range w.Names() {
		want[name] = read(t, w, name)
	}
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			names := w.Names()
			for i := range names {
				name := names[(i+g)%len(names)]
				got := make([]float32, len(want[name]))
				if err := w.Read(name, got); err != nil || !slices.Equal(got, want[name]) {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
	all.Wait()
}

func read(t testing.TB, w *Weights, name string) []float32 {
	t.Helper()
	info, err := w.Info(name)
	if err != nil {
		t.Fatal(err)
	}
	values := make([]float32, info.Count)
	if err := w.Read(name, values); err != nil {
		t.Fatal(err)
	}
	return values
}

// TestTransformersShards reads shards that transformers wrote (cmd/bench/golden/shards.py): every value is that of the same model
// in one file. FMKIT_SHARDS names another folder that the script wrote.
func TestTransformersShards(t *testing.T) {
	root := "testdata/shards"
	if s := os.Getenv("FMKIT_SHARDS"); s != "" {
		root = s
	}
	for _, dtype := range []DType{F32, F16, BF16} {
		whole, err := OpenWeights(os.DirFS(filepath.Join(root, dtype.String(), "whole")))
		if err != nil {
			t.Fatal(err)
		}
		defer whole.Close()
		shards, err := OpenWeights(os.DirFS(filepath.Join(root, dtype.String(), "shards")))
		if err != nil {
			t.Fatal(err)
		}
		defer shards.Close()
		names := shards.Names()
		if got, want := slices.Sorted(slices.Values(names)), slices.Sorted(slices.Values(whole.Names())); !slices.Equal(got, want) {
			t.Fatalf("%v: got the tensors %q, want %q", dtype, got, want)
		}
		if len(shards.files) < 2 || len(whole.files) != 1 {
			t.Errorf("%v: %d shards and %d whole files", dtype, len(shards.files), len(whole.files))
		}
		values := 0
		for _, name := range names {
			got, err := shards.Info(name)
			if err != nil {
				t.Fatal(err)
			}
			want, err := whole.Info(name)
			if err != nil {
				t.Fatal(err)
			}
			if got.DType != dtype || want.DType != dtype || !slices.Equal(got.Shape, want.Shape) {
				t.Errorf("%s: got %v, want %v of type %v", name, got, want, dtype)
			}
			if !slices.Equal(read(t, shards, name), read(t, whole, name)) {
				t.Errorf("%v: %s differs", dtype, name)
			}
			values += got.Count
		}
		t.Logf("%v: %d tensors, %d values, %d shards", dtype, len(names), values, len(shards.files))
	}
}
