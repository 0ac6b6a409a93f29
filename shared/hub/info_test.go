package hub

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

const digestA = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func TestParseInfo(t *testing.T) {
	i, err := parseInfo([]byte(`{"_id": "1", "sha": "` + commitA + `", "tags": [["deep"]], "siblings": [
		{"rfilename": "config.json", "size": 12, "blobId": "` + commitA + `"},
		{"rfilename": "model.safetensors", "size": 5, "blobId": "` + commitA + `", "lfs": {"sha256": "` + digestA + `", "size": 5, "pointerSize": 130}},
		{"rfilename": "README.md"}]}`))
	want := []file{{"config.json", 12, commitA}, {"model.safetensors", 5, digestA}, {"README.md", -1, ""}}
	if err != nil || i.commit != commitA || !slices.Equal(i.files, want) {
		t.Errorf("got %+v, %v, want %+v", i, err, want)
	}
}

func TestParseInfoRefuses(t *testing.T) {
	answer := func(siblings string) string { return `{"sha": "` + commitA + `", "siblings": [` + siblings + `]}` }
	many := strings.Repeat(`{"rfilename": "a"},`, maxFiles+1)
	for _, c := range []struct {
		name, raw string
		want      error
	}{
		{"nothing", "", ErrProtocol},
		{"a page", "<html>", ErrProtocol},
		{"a list", "[]", ErrProtocol},
		{"cut", answer("")[:30], ErrProtocol},
		{"more behind", answer("") + "{}", ErrProtocol},
		{"no commit", `{"siblings": []}`, ErrProtocol},
		{"short commit", `{"sha": "abc"}`, ErrProtocol},
		{"commit is a path", `{"sha": "../../../../../../../../../../../../../etc"}`, ErrProtocol},
		{"commit in capitals", `{"sha": "` + strings.ToUpper(commitA) + `"}`, ErrProtocol},
		{"two commits", `{"sha": "` + commitA + `", "sha": "` + commitA + `"}`, ErrProtocol},
		{"listed twice", answer(`{"rfilename": "a"}, {"rfilename": "a"}`), ErrProtocol},
		{"negative size", answer(`{"rfilename": "a", "size": -1}`), ErrProtocol},
		{"huge size", answer(`{"rfilename": "a", "size": 1e300}`), ErrProtocol},
		{"digest is a path", answer(`{"rfilename": "a", "blobId": "../x"}`), ErrProtocol},
		{"too many files", answer(many[:len(many)-1]), ErrLimit},
		{"too deep", `{"a": ` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, ErrProtocol},
		{"too large", answer("") + strings.Repeat(" ", maxInfoBytes), ErrProtocol},
		{"traversal", answer(`{"rfilename": "../../config.json"}`), ErrUnsafeName},
		{"absolute", answer(`{"rfilename": "/etc/passwd"}`), ErrUnsafeName},
		{"backslash", answer(`{"rfilename": "a\\b"}`), ErrUnsafeName},
		{"NUL", answer(`{"rfilename": "a\u0000"}`), ErrUnsafeName},
		{"drive", answer(`{"rfilename": "C:config.json"}`), ErrUnsafeName},
		{"too long", answer(`{"rfilename": "` + strings.Repeat("a/", 300) + `a"}`), ErrUnsafeName},
	} {
		if _, err := parseInfo([]byte(c.raw)); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}

// FuzzParseInfo: whatever a hub answers, what is taken from it is a commit and plain files inside the folder.
func FuzzParseInfo(f *testing.F) {
	f.Add([]byte(`{"sha": "` + commitA + `", "siblings": [{"rfilename": "a/b", "size": 3, "blobId": "` + commitA + `", "lfs": {"sha256": "` + digestA + `", "size": 3}}]}`))
	f.Add([]byte(`{"sha": "` + commitA + `", "siblings": [{"rfilename": "config.json"}, {"rfilename": "model.safetensors"}, {"rfilename": "1_P/config.json"}]}`))
	f.Add([]byte(`{"sha": null, "siblings": null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		i, err := parseInfo(raw)
		if err != nil {
			return
		}
		if !isCommit(i.commit) {
			t.Errorf("commit %q", i.commit)
		}
		for _, f := range i.files {
			if inside(f.name) != nil || f.size < -1 || f.digest != "" && !isDigest(f.digest) {
				t.Errorf("file %+v", f)
			}
		}
		chosen, err := choose(i.names())
		if err != nil {
			return
		}
		if chosen[len(chosen)-1] != configFile {
			t.Errorf("chose %q", chosen)
		}
		for _, name := range chosen {
			if writable(name) != nil || !slices.Contains(i.names(), name) {
				t.Errorf("chose %q", name)
			}
		}
	})
}

func TestChoose(t *testing.T) {
	for _, c := range []struct {
		name  string
		files []string
		want  []string
	}{
		{"plain", []string{"model.safetensors", "config.json", "tokenizer.json"}, []string{"tokenizer.json", "model.safetensors", "config.json"}},
		{
			"the standard weights of many",
			[]string{
				"config.json", "model.fp16.safetensors", "model.safetensors", "model.safetensors.index.json", "fp16/model.safetensors", "onnx/model.onnx", "pytorch_model.bin",
				"model-00001-of-00001.safetensors", "openvino/config.json", "training_args.bin", "run.py",
			},
			[]string{"model.safetensors", "config.json"},
		},
		{"an index", []string{"config.json", "model.safetensors.index.json", "other.safetensors"}, []string{"model.safetensors.index.json", "config.json"}},
		{"other names", []string{"config.json", "b.safetensors", "a.safetensors", "x/c.safetensors"}, []string{"a.safetensors", "b.safetensors", "config.json"}},
		{
			"modules",
			[]string{"config.json", "model.safetensors", "2_Dense/model.safetensors", "2_Dense/config.json", "1_Pooling/config.json", "1_Pooling/x/config.json", "x_1/config.json", "1_/config.json", "2_Dense/pytorch_model.bin"},
			[]string{"1_Pooling/config.json", "2_Dense/config.json", "2_Dense/model.safetensors", "model.safetensors", "config.json"},
		},
	} {
		if got, err := choose(c.files); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, %v, want %q", c.name, got, err, c.want)
		}
	}
	for _, c := range []struct {
		files []string
		want  string // in the message
	}{
		{nil, "no config.json"},
		{[]string{"adapter_config.json", "adapter_model.safetensors"}, "no config.json"},
		{[]string{"config.json", "README.md"}, "no *.safetensors"},
		{[]string{"config.json", "fp16/model.safetensors"}, "no *.safetensors"},
		{[]string{"config.json", "pytorch_model.bin", "model.onnx"}, "pytorch_model.bin"},
		{[]string{"config.json", "tf_model.h5"}, "tf_model.h5"},
		{[]string{"config.json", "flax_model.msgpack"}, "flax_model.msgpack"},
	} {
		if _, err := choose(c.files); !errors.Is(err, ErrNoModel) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %v with %q", c.files, err, ErrNoModel, c.want)
		}
	}
	if _, err := choose([]string{"config.json", "con.safetensors"}); !errors.Is(err, ErrUnsafeName) {
		t.Errorf("a device: got %v, want %v", err, ErrUnsafeName)
	}
}

func TestWithShards(t *testing.T) {
	names := []string{"config.json", indexFile, "a.safetensors", "b.safetensors", "sub/c.safetensors", "d.bin"}
	chosen := []string{indexFile, configFile}
	got, err := withShards(chosen, names, []byte(`{"metadata": {}, "weight_map": {"x": "b.safetensors", "y": "a.safetensors", "z": "b.safetensors"}}`))
	if want := []string{"a.safetensors", "b.safetensors", indexFile, configFile}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	for index, want := range map[string]error{
		``:                                  ErrNoModel,
		`{}`:                                ErrNoModel,
		`{"weight_map": {}}`:                ErrNoModel,
		`{"weight_map": ["a.safetensors"]}`: ErrNoModel,
		`{"weight_map": {"x": "missing.safetensors"}}`:    ErrNoModel,
		`{"weight_map": {"x": "sub/c.safetensors"}}`:      ErrNoModel,
		`{"weight_map": {"x": "d.bin"}}`:                  ErrNoModel,
		`{"weight_map": {"x": "../a.safetensors"}}`:       ErrUnsafeName,
		`{"weight_map": {"x": "/a.safetensors"}}`:         ErrUnsafeName,
		`{"weight_map": {"x": "..\\a.safetensors"}}`:      ErrUnsafeName,
		`{"weight_map": {"x": "C:a.safetensors"}}`:        ErrUnsafeName,
		`{"weight_map": {"x": ""}}`:                       ErrUnsafeName,
		`{"weight_map": {"x": "a.safetensors", "x": ""}}`: ErrNoModel,
		manyShards(): ErrNoModel,
	} {
		if got, err := withShards(chosen, names, []byte(index)); !errors.Is(err, want) {
			t.Errorf("%.80s: got %q, %v, want %v", index, got, err, want)
		}
	}
}

func manyShards() string {
	var parts []string
	for i := range maxShards + 1 {
		parts = append(parts, fmt.Sprintf(`"w%d": "%d.safetensors"`, i, i))
	}
	return `{"weight_map": {` + strings.Join(parts, ",") + `}}`
}

// FuzzWithShards: an index names only files that are there, beside it.
func FuzzWithShards(f *testing.F) {
	f.Add([]byte(`{"metadata": {}, "weight_map": {"x": "b.safetensors", "y": "a.safetensors"}}`))
	f.Add([]byte(`{"weight_map": {"x": "../a.safetensors"}}`))
	names := []string{"config.json", indexFile, "a.safetensors", "b.safetensors", "sub/c.safetensors"}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := withShards([]string{indexFile, configFile}, names, raw)
		if err != nil {
			return
		}
		for _, name := range got {
			if !slices.Contains(names, name) || strings.Contains(name, "/") {
				t.Errorf("chose %q", name)
			}
		}
	})
}
