package train_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/peft"
)

// TestLoRAFolder: the folder has the changes and the head and nothing of the base, is made again to the same bits with any number of workers, and
// is refused where its two files disagree.
func TestLoRAFolder(t *testing.T) {
	m, c := base(t), config()
	c.Method, c.Epochs = adapter.LoRA, 1
	c.LoRA = &peft.LoRAConfig{Rank: 2, Alpha: 4, Dropout: 0.1, Targets: []string{"query", "value"}}
	dir, p := adapt(t, m, c)
	weights, err := os.Stat(filepath.Join(dir, "adapter_model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if whole := 4 * len(m.Params()[0].Value); weights.Size() > int64(whole) {
		t.Errorf("got %d bytes of weights, want fewer than the %d of the word embeddings alone", weights.Size(), whole)
	}
	was := kernels.Workers()
	defer kernels.SetWorkers(was)
	for _, n := range []int{1, 5} {
		kernels.SetWorkers(n)
		if v, err := train.Verify(context.Background(), dir, m, finetune.Options{}); err != nil || !v.Match {
			t.Errorf("%d workers: got %+v, %v, want a match with %s", n, v, err, p.Digest)
		}
	}
	path := filepath.Join(dir, "adapter_config.json")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(raw), `"lora_alpha": 4`, `"lora_alpha": 5`, 1)
	if changed == string(raw) {
		t.Fatalf("%s has no alpha", raw)
	}
	if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := classifier.Load(dir, m); !errors.Is(err, adapter.ErrPassport) {
		t.Errorf("another alpha: got %v, want %v", err, adapter.ErrPassport)
	}
}

func TestLoRARefused(t *testing.T) {
	c := config()
	c.LoRA = &peft.LoRAConfig{Rank: 2, Alpha: 4, Targets: []string{"query"}}
	d := train.Data{Train: examples(60, 1)}
	if _, _, err := train.Train(context.Background(), base(t), d, c, finetune.Options{}); !errors.Is(err, finetune.ErrConfig) {
		t.Errorf("low-rank changes beside full tuning: got %v, want %v", err, finetune.ErrConfig)
	}
	c.Method, c.LoRA.Targets = adapter.LoRA, []string{"nobody"}
	if _, _, err := train.Train(context.Background(), base(t), d, c, finetune.Options{}); !errors.Is(err, peft.ErrConfig) {
		t.Errorf("a target that isn't there: got %v, want %v", err, peft.ErrConfig)
	}
}
