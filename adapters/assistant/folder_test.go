package assistant_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/assistant"
	"github.com/fmkit/fmkit/adapters/assistant/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/text"
)

// TestFolder: a folder in which anything was changed is refused.
func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "toy")
	base := buildToy(t, dir)
	var asked []string
	count := func(_ context.Context, b adapter.Base) (*text.Model, error) {
		asked = append(asked, b.Name)
		return base, nil
	}
	if _, err := assistant.Load(t.Context(), dir, count); err != nil || len(asked) != 1 || !base.Frozen() {
		t.Fatalf("asked for the bases %v, %v, want one, which is frozen", asked, err)
	}
	other, err := text.New(base.Config, base.Tokenizer, 99)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := assistant.Load(t.Context(), dir, assistant.On(other)); !errors.Is(err, adapter.ErrBaseMismatch) {
		t.Errorf("another base: got %v, want %v", err, adapter.ErrBaseMismatch)
	}
	files := 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path, dir)
		at := len(raw) / 2
		if d.Name() == "adapter_config.json" { // where a field that nothing depends on may change
			const kind = `"peft_type": "`
			if at = bytes.Index(raw, []byte(kind)); at < 0 {
				t.Fatalf("%s has no type", name)
			}
			at += len(kind)
		}
		for what, changed := range map[string][]byte{
			"a byte": append(append(bytes.Clone(raw[:at]), raw[at]^1), raw[at+1:]...), "its end": raw[:len(raw)-3], "everything": nil,
		} {
			if err := os.WriteFile(path, changed, 0o600); err != nil {
				return err
			}
			if _, err := assistant.Load(t.Context(), dir, assistant.On(base)); err == nil {
				t.Errorf("%s: %s is gone, and nobody minds", name, what)
			}
		}
		if err := os.Remove(path); err != nil {
			return err
		}
		if _, err := assistant.Load(t.Context(), dir, assistant.On(base)); err == nil {
			t.Errorf("%s is missing, and nobody minds", name)
		}
		return os.WriteFile(path, raw, 0o600)
	})
	if err != nil || files != 11 {
		t.Fatalf("%d files, %v", files, err)
	}
	part := filepath.Join(dir, assistant.Intents, "fmkit.json") // a setting that is as good as another, and was not the one
	was, err := os.ReadFile(part)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Replace(was, []byte(`"normalize": true`), []byte(`"normalize": false`), 1)
	if err := os.WriteFile(part, changed, 0o600); err != nil || bytes.Equal(changed, was) {
		t.Fatal("nothing changed", err)
	}
	if _, err := assistant.Load(t.Context(), dir, assistant.On(base)); !errors.Is(err, adapter.ErrDigest) {
		t.Errorf("another setting of a part: got %v, want %v", err, adapter.ErrDigest)
	}
	if err := os.WriteFile(part, was, 0o600); err != nil {
		t.Fatal(err)
	}
	passport := filepath.Join(dir, "assistant.json")
	raw, err := os.ReadFile(passport)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{`"format": 1`, `"format": 2`},
		{`"task": "assist"`, `"task": "classify"`},
		{`"name": "slots"`, `"name": "intents"`},
		{`"name": "knowledge"`, `"name": "../slots"`},
		{`"held": 0.4`, `"held": 0.5`},
		{`"answer": `, `"answer": 1`},
		{`"settings"`, `"Settings"`},
		{`"format": 1,`, `"format": 1, "x": 1,`},
		{`"format": 1,`, `"format": 1, "format": 1,`},
	} {
		changed := bytes.Replace(raw, []byte(c[0]), []byte(c[1]), 1)
		if bytes.Equal(changed, raw) {
			t.Errorf("the passport has no %s", c[0])
		}
		if err := os.WriteFile(passport, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := assistant.Load(t.Context(), dir, assistant.On(base))
		if !errors.Is(err, adapter.ErrPassport) && !errors.Is(err, adapter.ErrTask) && !errors.Is(err, adapter.ErrDigest) {
			t.Errorf("%s: got %v", c[1], err)
		}
	}
	if err := os.WriteFile(passport, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := assistant.Load(t.Context(), dir, assistant.On(base)); err != nil {
		t.Errorf("as it was: %v", err)
	}
}

// TestVerify: an assistant is made again to the same digest, after a stop too, and not from other data.
func TestVerify(t *testing.T) {
	dir := t.TempDir()
	files := toyFiles(t, filepath.Join(dir, "data"))
	base, err := toyBase()
	if err != nil {
		t.Fatal(err)
	}
	d, err := train.Read(files)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "toy")
	p, err := train.Build(t.Context(), base, nil, d, toyConfig(), finetune.Options{Out: out})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"accuracy", "slot_f1", "recall@1", "coverage", "risk", "out_of_scope_AUROC"} {
		if _, ok := p.Metrics.Interval[name]; !ok {
			t.Errorf("the passport doesn't say %s", name)
		}
	}
	if _, err := os.Stat(out + ".run"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the run is left: %v", err)
	}
	v, err := train.Verify(t.Context(), out, base, nil, finetune.Options{})
	if err != nil || !v.Match || v.Want != p.Digest {
		t.Errorf("verify says %+v, %v", v, err)
	}

	again := filepath.Join(dir, "again")
	ctx, stop := context.WithCancel(t.Context())
	log := writer(func(raw []byte) (int, error) { // in the middle of the second part
		if strings.Contains(string(raw), "step") {
			stop()
		}
		return len(raw), nil
	})
	if _, err := train.Build(ctx, base, nil, d, toyConfig(), finetune.Options{Out: again, Log: log}); err == nil {
		t.Fatal("it was stopped, and no error")
	}
	if _, err := os.Stat(again); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a stopped run has left an assistant: %v", err)
	}
	if _, err := train.Build(t.Context(), base, nil, d, toyConfig(), finetune.Options{Out: again}); err == nil {
		t.Error("a run that is there is begun anew")
	}
	q, err := train.Build(t.Context(), base, nil, d, toyConfig(), finetune.Options{Out: again, Resume: true})
	if err != nil || q.Digest != p.Digest {
		t.Errorf("resumed: %v, want the digest %s", err, p.Digest)
	}

	raw, err := os.ReadFile(files.Knowledge)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(files.Knowledge, bytes.Replace(raw, []byte("ten"), []byte("two"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := train.Verify(t.Context(), out, base, nil, finetune.Options{}); !errors.Is(err, adapter.ErrDataChanged) {
		t.Errorf("other passages: got %v, want %v", err, adapter.ErrDataChanged)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(raw []byte) (int, error) { return w(raw) }
