package corpus

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/strictjson"
)

func TestParseConfig(t *testing.T) {
	const one = `{"name": "a", "format": "text", "paths": ["x"]}`
	c, err := ParseConfig([]byte(`{"sources": [` + one + `], "seed": 3}`))
	if err != nil || c.NearDuplicate != 0.8 || c.Sources[0].Weight != 1 || c.Seed != 3 {
		t.Errorf("defaults: %+v %v", c, err)
	}
	for _, c := range []struct {
		name, raw string
		want      error
	}{
		{"no sources", `{}`, ErrConfig},
		{"unknown key", `{"sources": [` + one + `], "exlude": []}`, strictjson.ErrUnknownKey},
		{"unknown key of a source", `{"sources": [{"name": "a", "format": "text", "path": "x"}]}`, strictjson.ErrUnknownKey},
		{"unknown format", `{"sources": [{"name": "a", "format": "xml", "paths": ["x"]}]}`, ErrConfig},
		{"name twice", `{"sources": [` + one + `,` + one + `]}`, ErrConfig},
		{"name with a slash", `{"sources": [{"name": "../a", "format": "text", "paths": ["x"]}]}`, ErrConfig},
		{"no paths", `{"sources": [{"name": "a", "format": "text"}]}`, ErrConfig},
		{"negative weight", `{"sources": [{"name": "a", "format": "text", "paths": ["x"], "weight": -1}]}`, ErrConfig},
		{"huge weight", `{"sources": [{"name": "a", "format": "text", "paths": ["x"], "weight": 1e9}]}`, ErrConfig},
		{"similarity above one", `{"sources": [` + one + `], "near_duplicate": 1.5}`, ErrConfig},
		{"not JSON", `{`, ErrConfig},
	} {
		if _, err := ParseConfig([]byte(c.raw)); !errors.Is(err, c.want) || !errors.Is(err, ErrConfig) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}

func TestPaths(t *testing.T) {
	dir := folder(t, map[string]string{
		"corpus.json": `{"sources": [{"name": "s", "format": "text", "paths": ["$ROOT/b/*/x.txt", "a"]}]}`,
		"a/2.txt":     "Two is here.", "a/1.text": "One is here.", "a/not.csv": "x", "a/README.md": "Not this one.",
		"b/q/x.txt": "Some text in q.", "b/p/x.txt": "Some text in p.", "b/p/y.txt": "Not this one.",
	})
	c, err := ReadConfig(filepath.Join(dir, "corpus.json"), func(name string) string { return map[string]string{"ROOT": dir}[name] })
	if err != nil {
		t.Fatal(err)
	}
	m, err := Build(t.Context(), c, filepath.Join(dir, "out"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range m.Sources[0].Files {
		names = append(names, f.Path)
	}
	if got, want := strings.Join(names, " "), "$ROOT/b/p/x.txt $ROOT/b/q/x.txt a/1.text a/2.txt"; got != want {
		t.Errorf("files %s, want %s", got, want)
	}
	if got, want := read(t, dir, "out", "s.txt"), "Some text in p.\n\nSome text in q.\n\nOne is here.\n\nTwo is here.\n"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	if _, err := ReadConfig(filepath.Join(dir, "corpus.json"), func(string) string { return "" }); !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), "ROOT") {
		t.Errorf("variable not set: %v", err)
	}
	for _, p := range []string{"none.txt", "none*.txt", "$ROOT/none"} {
		c.Sources[0].located = []location{{written: p, real: filepath.Join(dir, strings.TrimPrefix(p, "$ROOT/"))}}
		if _, err := Build(t.Context(), c, filepath.Join(dir, "out2"), Options{}); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "none") {
			t.Errorf("%s: %v", p, err)
		}
	}
}

// FuzzParseConfig holds that what is accepted is valid and reads the same again.
func FuzzParseConfig(f *testing.F) {
	f.Add([]byte(`{"sources": [{"name": "a", "format": "text", "paths": ["x"], "weight": 0.5}], "exclude": ["e"], "near_duplicate": 0.9, "seed": 7}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := ParseConfig(raw)
		if err != nil {
			if !errors.Is(err, ErrConfig) {
				t.Fatalf("%q: %v is not %v", raw, err, ErrConfig)
			}
			return
		}
		if err := c.Validate(); err != nil {
			t.Fatalf("%q: accepted, but %v", raw, err)
		}
		again, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseConfig(again); err != nil {
			t.Fatalf("%q: %v", again, err)
		}
	})
}
