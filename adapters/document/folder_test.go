package document_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fmkit/fmkit/adapters/document"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/text/texttest"
)

// TestMutants damages every file of a folder: nothing damaged is loaded, but for bytes of JSON that say nothing, and the folder is made again to the same bytes.
func TestMutants(t *testing.T) {
	base := toy(t)
	base.Freeze()
	dir := filepath.Join(t.TempDir(), "document")
	dirs := parts(t, base, adapter.Head)
	p, err := document.Assemble(t.Context(), dir, base, dirs, asked, nil)
	if err != nil {
		t.Fatal(err)
	}
	whole := fstest.MapFS{}
	if err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		whole[filepath.ToSlash(name)] = &fstest.MapFile{Data: raw}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(whole) != 3+4*3 {
		t.Fatalf("got %d files, want 15", len(whole))
	}
	if _, err := document.LoadFS(whole, base); err != nil {
		t.Fatal(err)
	}
	for name, file := range whole {
		files := maps.Clone(whole)
		delete(files, name)
		if _, err := document.LoadFS(files, base); err == nil {
			t.Errorf("without %s: was loaded", name)
		}
		for at := 0; at < len(file.Data); at += max(1, len(file.Data)/5) {
			for _, how := range []string{"bit", "cut"} {
				raw := append([]byte(nil), file.Data...)
				if how == "bit" {
					raw[at] ^= 1 << (at % 8)
				} else {
					raw = raw[:at]
				}
				files[name] = &fstest.MapFile{Data: raw}
				_, err := document.LoadFS(files, base)
				free := strings.HasSuffix(name, "adapter_config.json") || name == "fmkit.json" && how == "bit"
				if err == nil && !free {
					t.Errorf("%s of %s at %d: was loaded", how, name, at)
				}
			}
		}
	}
	again := filepath.Join(t.TempDir(), "document")
	q, err := document.Assemble(t.Context(), again, base, dirs, asked, nil)
	if err != nil || q.Digest != p.Digest {
		t.Errorf("again: got %v, %v, want %s", q, err, p.Digest)
	}
	if v, err := document.Verify(dir); err != nil || !v.Match || v.Got != p.Digest {
		t.Errorf("verify: got %+v, %v", v, err)
	}
	weights := filepath.Join(dir, "parts", "summary", "adapter_model.safetensors")
	raw, err := os.ReadFile(weights)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)-1] ^= 1
	if err := os.WriteFile(weights, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := document.Verify(dir); !errors.Is(err, adapter.ErrDigest) || !strings.Contains(err.Error(), "summary") {
		t.Errorf("verify of other weights: got %v, want %v", err, adapter.ErrDigest)
	}
}

// TestAssembleRefuses holds that nothing is written of parts or settings that don't go together.
func TestAssembleRefuses(t *testing.T) {
	base := toy(t)
	dirs := parts(t, base, adapter.Head)
	other, err := texttest.Model(2)
	if err != nil {
		t.Fatal(err)
	}
	foreign := parts(t, other, adapter.Head)
	without := func(name string) map[string]string {
		m := maps.Clone(dirs)
		delete(m, name)
		return m
	}
	with := func(name, dir string) map[string]string {
		m := maps.Clone(dirs)
		m[name] = dir
		return m
	}
	question := document.Settings{Questions: []document.Question{{Question: "who?"}}}
	many := 1.5
	for i, c := range []struct {
		parts    map[string]string
		settings document.Settings
		want     error
	}{
		{nil, document.Settings{}, document.ErrSettings},
		{without("answers"), question, document.ErrSettings},
		{without("answers"), document.Settings{Threshold: &many}, document.ErrSettings},
		{without("entities"), document.Settings{Fields: []document.Field{{Name: "a", Entity: "animal"}}}, document.ErrSettings},
		{dirs, document.Settings{Fields: []document.Field{{Name: "a", Entity: "machine"}}}, document.ErrSettings},
		{dirs, document.Settings{Fields: []document.Field{{Name: "a", Entity: "animal", Question: "who?"}}}, document.ErrSettings},
		{dirs, document.Settings{Questions: []document.Question{{Question: "who?"}, {Name: "who?", Question: "where?"}}}, document.ErrSettings},
		{dirs, document.Settings{Overlap: -1}, document.ErrSettings},
		{with("type", dirs["answers"]), question, adapter.ErrTask},
		{with("kind", dirs["type"]), question, document.ErrSettings},
		{with("type", foreign["type"]), question, adapter.ErrBaseMismatch},
		{with("type", t.TempDir()), question, adapter.ErrPassport},
		{with("type", filepath.Join(t.TempDir(), "nowhere")), question, os.ErrNotExist},
	} {
		dir := filepath.Join(t.TempDir(), "document")
		if _, err := document.Assemble(t.Context(), dir, base, c.parts, c.settings, nil); !errors.Is(err, c.want) {
			t.Errorf("case %d: got %v, want %v", i, err, c.want)
		}
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("case %d: something was written (%v)", i, err)
		}
	}
	dir := filepath.Join(t.TempDir(), "document")
	if _, err := document.Assemble(t.Context(), dir, base, dirs, question, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := document.Load(dir, other); !errors.Is(err, adapter.ErrBaseMismatch) {
		t.Errorf("another base: got %v", err)
	}
	if _, err := document.Load(dirs["type"], base); !errors.Is(err, adapter.ErrTask) {
		t.Errorf("another task's: got %v", err)
	}
}

// TestSomeParts holds that an analyzer of fewer parts says as much of them, and nothing of the others.
func TestSomeParts(t *testing.T) {
	base := toy(t)
	base.Freeze()
	dirs := parts(t, base, adapter.Head)
	all := filepath.Join(t.TempDir(), "all")
	if _, err := document.Assemble(t.Context(), all, base, dirs, document.Settings{Questions: asked.Questions}, nil); err != nil {
		t.Fatal(err)
	}
	a, err := document.Load(all, base)
	if err != nil {
		t.Fatal(err)
	}
	want, err := a.Analyze(t.Context(), long())
	if err != nil {
		t.Fatal(err)
	}
	for name := range dirs {
		dir := filepath.Join(t.TempDir(), name)
		s := document.Settings{}
		if name == "answers" {
			s.Questions = asked.Questions
		}
		if _, err := document.Assemble(t.Context(), dir, base, map[string]string{name: dirs[name]}, s, nil); err != nil {
			t.Fatal(err)
		}
		a, err := document.Load(dir, base)
		if err != nil {
			t.Fatal(err)
		}
		got, err := a.Analyze(t.Context(), long())
		if err != nil {
			t.Fatal(err)
		}
		expect := document.Document{Segments: want.Segments, Shared: [][]string{}}
		switch name {
		case "type":
			expect.Type = want.Type
		case "entities":
			expect.Entities = want.Entities
		case "summary":
			expect.Summary = want.Summary
		case "answers":
			expect.Answers = want.Answers
		}
		if !reflect.DeepEqual(*got, expect) {
			t.Errorf("%s alone: got %+v, want %+v", name, *got, expect)
		}
	}
}
