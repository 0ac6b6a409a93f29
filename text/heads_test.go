package text

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text/tokenizer"
)

func loadHeadCase(t *testing.T, name string) (*Model, *Head) {
	t.Helper()
	m, dir := loadCase(t, filepath.Join("testdata/families", name))
	h, err := LoadHead(dir, m)
	if err != nil {
		t.Fatal(err)
	}
	return m, h
}

// TestFillMask holds the guesses to the head's logits over the whole row.
func TestFillMask(t *testing.T) {
	m, h := loadHeadCase(t, "bert-masked-lm")
	p, err := NewFillMask(m, h)
	if err != nil {
		t.Fatal(err)
	}
	const text = "a [MASK] b [MASK]"
	got, err := p.Predict(t.Context(), []string{"[MASK] a", text}, h.Out())
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || len(got[0]) != 1 || len(got[1]) != 2 {
		t.Fatalf("got %d answers, want one for each mask", len(got))
	}
	row := m.Row(text, 32)
	x := make([]float32, len(row.IDs)*m.Width())
	if err := m.Snapshot().Encode(x, row.IDs, nil, &nn.Batch{B: 1, T: len(row.IDs)}); err != nil {
		t.Fatal(err)
	}
	z := make([]float32, len(row.IDs)*h.Out())
	if err := h.Logits(z, x, len(row.IDs)); err != nil {
		t.Fatal(err)
	}
	mask := slices.Index(row.IDs, p.mask)
	logits := z[mask*h.Out() : (mask+1)*h.Out()]
	var sum, total float64
	for _, v := range logits {
		total += math.Exp(float64(v))
	}
	for i, f := range got[1][0] {
		sum += f.Score
		if want := math.Exp(float64(logits[f.Token])) / total; math.Abs(f.Score-want) > 1e-6 {
			t.Errorf("token %d: got %g, want %g", f.Token, f.Score, want)
		}
		if i > 0 && f.Score > got[1][0][i-1].Score {
			t.Error("the best token isn't first")
		}
		if f.TokenStr != m.Tokenizer.Decode([]int32{f.Token}, false) {
			t.Errorf("token %d: got %q", f.Token, f.TokenStr)
		}
	}
	if math.Abs(sum-1) > 1e-5 {
		t.Errorf("probabilities sum to %g", sum)
	}
	if _, err := p.Predict(t.Context(), []string{"a b"}, 1); err == nil || !strings.Contains(err.Error(), "[MASK]") {
		t.Errorf("no mask: got %v", err)
	}
	if _, err := NewTokenClassifier(m, h); err == nil {
		t.Error("a head of another task was accepted")
	}
}

// TestTokenClassifier: every token that isn't O has its label, its place in the text and the head's probability.
func TestTokenClassifier(t *testing.T) {
	m, h := loadHeadCase(t, "bert-token-classification")
	p, err := NewTokenClassifier(m, h)
	if err != nil {
		t.Fatal(err)
	}
	const text = "a é b  a"
	got, err := p.Predict(t.Context(), []string{"", text, strings.Repeat("a b ", 40)})
	if err != nil {
		t.Fatal(err)
	}
	row := m.Row(text, 32)
	x := make([]float32, len(row.IDs)*m.Width())
	if err := m.Snapshot().Encode(x, row.IDs, nil, &nn.Batch{B: 1, T: len(row.IDs)}); err != nil {
		t.Fatal(err)
	}
	z := make([]float32, len(row.IDs)*h.Out())
	if err := h.Logits(z, x, len(row.IDs)); err != nil {
		t.Fatal(err)
	}
	var want []string
	for i := 1; i < len(row.IDs)-1; i++ {
		scores := z[i*h.Out() : (i+1)*h.Out()]
		if best := slices.Index(scores, slices.Max(scores)); h.Labels[best] != "O" {
			want = append(want, h.Labels[best])
		}
	}
	var labels []string
	for _, e := range got[1] {
		labels = append(labels, e.Entity)
		if e.Score <= 1/float64(h.Out()) || e.Score > 1 || e.Index < 1 {
			t.Errorf("got %+v", e)
		}
		runes := []rune(text)
		if word := string(runes[e.Start:e.End]); word != text[e.StartByte:e.EndByte] || e.Word != "[UNK]" && e.Word != word {
			t.Errorf("got %+v, which is %q", e, word)
		}
	}
	if !slices.Equal(labels, want) {
		t.Errorf("got %q, want %q", labels, want)
	}
	if len(got[0]) != 0 || len(got[2]) > 30 {
		t.Errorf("empty text: %v; long one: %d tokens", got[0], len(got[2]))
	}
}

func TestScoreKinds(t *testing.T) {
	z := []float32{0, 2, -1, 0}
	for kind, want := range map[ScoreKind][]float64{
		SoftmaxScores: {0.1192, 0.8808, 0.2689, 0.7311}, SigmoidScores: {0.5, 0.8808, 0.2689, 0.5}, RawScores: {0, 2, -1, 0},
	} {
		got := slices.Clone(z)
		kind.Apply(got, 2, 2)
		for i, w := range want {
			if math.Abs(float64(got[i])-w) > 1e-4 {
				t.Errorf("%q: got %v, want %v", kind, got, want)
				break
			}
		}
	}
}

func TestNoHead(t *testing.T) {
	m, dir := loadCase(t, "testdata/families/bert-base")
	if _, err := LoadHead(dir, m); !errors.Is(err, ErrNoHead) {
		t.Errorf("got %v, want %v", err, ErrNoHead)
	}
	i, err := Inspect(dir)
	if err != nil || i.Task != "" || i.ModelType != "bert" || i.DTypes["F32"] == 0 || i.Parameters == 0 || !slices.Contains(i.Supports, "embed") {
		t.Errorf("got %+v, %v", i, err)
	}
	_, dir = loadCase(t, "testdata/families/roberta-sequence-classification")
	if i, err = Inspect(dir); err != nil || i.Task != TaskTextClassification || len(i.Labels) != 3 {
		t.Errorf("got %+v, %v", i, err)
	}
}

// TestFillMaskShifted: where the token before a mask tells it, that one is asked.
func TestFillMaskShifted(t *testing.T) {
	m, h := loadHeadCase(t, "bert-masked-lm")
	m.Config.Objectives = []string{ObjectiveShifted, ObjectiveCausal}
	p, err := NewFillMask(m, h)
	if err != nil {
		t.Fatal(err)
	}
	row := m.Row("a [MASK] b", 32)
	x, z := make([]float32, len(row.IDs)*m.Width()), make([]float32, len(row.IDs)*h.Out())
	if err := m.Snapshot().Encode(x, row.IDs, nil, &nn.Batch{B: 1, T: len(row.IDs)}); err != nil {
		t.Fatal(err)
	}
	if err := h.Logits(z, x, len(row.IDs)); err != nil {
		t.Fatal(err)
	}
	before := z[(slices.Index(row.IDs, p.mask)-1)*h.Out():][:h.Out()]
	best := slices.Index(before, slices.Max(before))
	got, err := p.Predict(t.Context(), []string{"a [MASK] b"}, 1)
	if err != nil || int(got[0][0][0].Token) != best {
		t.Errorf("got %+v, %v, want token %d, the best before the mask", got, err, best)
	}
}

// TestClasslessHead: a model that transformers has no class for keeps its masked-language head, and its objectives.
func TestClasslessHead(t *testing.T) {
	c, err := Preset("tiny", 0)
	if err != nil {
		t.Fatal(err)
	}
	c.PositionKind, c.Norm, c.Objectives = "rotary", "pre", []string{ObjectiveMasked, ObjectiveCausal}
	c.ModelType = ""
	tok, err := tokenizer.NewWordPiece(append(slices.Clone(tokenizer.BertTokens[:]), "a", "b"), tokenizer.BertOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(c, tok, 1)
	if err != nil {
		t.Fatal(err)
	}
	var extra []checkpoint.Tensor
	l := nn.NewLMHead("cls.predictions", m.Embedding.Word, m.Width(), m.Config.Eps)
	for _, p := range l.Params() {
		p.Init(2)
		extra = append(extra, checkpoint.Tensor{Name: p.Name, Shape: p.Shape, Data: p.Value})
	}
	dir := filepath.Join(t.TempDir(), "model")
	if err := m.Save(dir, SaveOptions{Extra: extra}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // as pretraining saves the head, and as a head is saved
		back, err := Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		if back.Config.ModelType != "fmkit" || !back.Config.Continues() || !slices.Equal(back.Config.Objectives, c.Objectives) {
			t.Errorf("got a %s with objectives %q", back.Config.ModelType, back.Config.Objectives)
		}
		h, err := LoadHead(dir, back)
		if err != nil {
			t.Fatal(err)
		}
		if h.Task != TaskFillMask || !h.tied || !slices.Equal(h.dense.W.Value, l.Dense.W.Value) {
			t.Errorf("got a head for %s, tied: %t", h.Task, h.tied)
		}
		if i, err := Inspect(dir); err != nil || !slices.Contains(i.Supports, "generate") {
			t.Errorf("got %+v, %v, want one that generates", i, err)
		}
		if err := back.Save(dir, SaveOptions{Head: h}); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Save(dir, SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadHead(dir, m); !errors.Is(err, ErrNoHead) {
		t.Errorf("without a head: got %v, want %v", err, ErrNoHead)
	}
}

// TestSentence reads modules.json in the words of several versions of sentence-transformers.
func TestSentence(t *testing.T) {
	const (
		old = `[{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}, {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}%s]`
		v6  = `[{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.base.modules.transformer.Transformer"}, {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.sentence_transformer.modules.pooling.Pooling"}]`
	)
	modules := func(more string) string { return strings.Replace(old, "%s", more, 1) }
	for name, c := range map[string]struct {
		files map[string]string
		want  *Sentence
		err   error
	}{
		"none": {map[string]string{}, nil, nil},
		"mean": {map[string]string{"modules.json": modules(""), "1_Pooling/config.json": `{"word_embedding_dimension": 384, "pooling_mode_mean_tokens": true, "pooling_mode_cls_token": false}`}, &Sentence{Pooling: nn.PoolMean}, nil},
		"cls, normalized, cut": {map[string]string{
			"modules.json": modules(`, {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}`), "1_Pooling/config.json": `{"pooling_mode_cls_token": true}`,
			"sentence_bert_config.json": `{"max_seq_length": 256, "do_lower_case": true}`, "tokenizer_config.json": `{"model_max_length": 512}`,
		}, &Sentence{Pooling: nn.PoolCLS, Normalize: true, MaxLength: 256, Lowercase: true}, nil},
		"version 6": {map[string]string{
			"modules.json": v6, "1_Pooling/config.json": `{"embedding_dimension": 384, "pooling_mode": "max"}`, "sentence_bert_config.json": `{"transformer_task": "feature-extraction"}`, "tokenizer_config.json": `{"model_max_length": 256}`,
		}, &Sentence{Pooling: nn.PoolMax, MaxLength: 256}, nil},
		"no limit":        {map[string]string{"modules.json": v6, "1_Pooling/config.json": `{"pooling_mode": "mean"}`, "tokenizer_config.json": `{"model_max_length": 1000000000000000019884624838656}`}, &Sentence{Pooling: nn.PoolMean}, nil},
		"dense":           {map[string]string{"modules.json": modules(`, {"idx": 2, "name": "2", "path": "2_Dense", "type": "sentence_transformers.models.Dense"}`), "1_Pooling/config.json": `{"pooling_mode_mean_tokens": true}`}, &Sentence{Pooling: nn.PoolMean, other: "Dense"}, nil},
		"two modes":       {map[string]string{"modules.json": modules(""), "1_Pooling/config.json": `{"pooling_mode_mean_tokens": true, "pooling_mode_max_tokens": true}`}, &Sentence{other: "Pooling: nn: pooling: got the modes [\"mean\" \"max\"], want one"}, nil},
		"no pooling file": {map[string]string{"modules.json": modules("")}, nil, ErrConfig},
		"path up":         {map[string]string{"modules.json": strings.Replace(modules(""), "1_Pooling", "../x", 1)}, nil, ErrConfig},
		"elsewhere":       {map[string]string{"modules.json": strings.Replace(modules(""), `"path": ""`, `"path": "0_Transformer"`, 1)}, nil, ErrUnsupportedModel},
		"not JSON":        {map[string]string{"modules.json": "x"}, nil, ErrConfig},
	} {
		fsys := fstest.MapFS{}
		for n, content := range c.files {
			fsys[n] = &fstest.MapFile{Data: []byte(content)}
		}
		got, err := loadSentence(fsys)
		if !errors.Is(err, c.err) {
			t.Errorf("%s: got %v, want %v", name, err, c.err)
			continue
		}
		if err == nil && (got == nil) != (c.want == nil) || got != nil && c.want != nil && *got != *c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
		if got == nil || got.other != "" {
			continue
		}
		files, err := got.files(384, nil)
		if err != nil {
			t.Fatal(err)
		}
		again := fstest.MapFS{}
		for _, f := range files {
			again[f.Name] = &fstest.MapFile{Data: f.Data}
		}
		if back, err := loadSentence(again); err != nil || *back != *got {
			t.Errorf("%s: written and read: got %+v, %v, want %+v", name, back, err, got)
		}
	}
}

func FuzzSentence(f *testing.F) {
	f.Add([]byte(`[{"idx": 0, "path": "", "type": "x.Transformer"}, {"idx": 1, "path": "1_Pooling", "type": "x.Pooling"}]`), []byte(`{"pooling_mode": "cls"}`))
	f.Fuzz(func(t *testing.T, modules, pooling []byte) {
		s, err := loadSentence(fstest.MapFS{"modules.json": {Data: modules}, "1_Pooling/config.json": {Data: pooling}})
		if err == nil && s.other == "" {
			if _, err := nn.ParsePooling(string(s.Pooling)); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestDenseModule: a classification head is stored as a module of sentence-transformers, in a folder that still loads here.
func TestDenseModule(t *testing.T) {
	m, _ := loadCase(t, "testdata/families/bert-base")
	out := nn.NewLinear("classifier", m.Width(), 2)
	out.W.Value[3], out.B.Value[1] = 0.5, -1
	dir := filepath.Join(t.TempDir(), "model")
	if err := m.Save(dir, SaveOptions{Head: NewHead(TaskTextClassification, out, []string{"yes", "no"}, nn.PoolMean)}); err != nil {
		t.Fatal(err)
	}
	var config struct {
		In    int               `json:"in_features"`
		Out   int               `json:"out_features"`
		Names map[string]string `json:"id2label"`
	}
	for name, v := range map[string]any{"2_Dense/config.json": &config, "config.json": &config} {
		raw, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err == nil {
			err = json.Unmarshal(raw, v)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if config.In != m.Width() || config.Out != 2 || config.Names["1"] != "no" {
		t.Errorf("got %+v", config)
	}
	if _, err := fs.Stat(os.DirFS(dir), "2_Dense/model.safetensors"); err != nil {
		t.Error(err)
	}
	back, err := Load(dir)
	if err != nil || back.Fingerprint() != m.Fingerprint() {
		t.Fatalf("read back: %v", err)
	}
	if _, err := NewEmbedder(back, EmbedConfig{}); !errors.Is(err, ErrUnsupportedModel) {
		t.Errorf("embedding through a dense module: got %v, want %v", err, ErrUnsupportedModel)
	}
	if _, err := NewEmbedder(back, EmbedConfig{Pooling: "mean"}); err != nil {
		t.Error(err)
	}
	unit := NewHead(TaskTextClassification, out, []string{"yes", "no"}, nn.PoolMean)
	unit.Normalize = true
	dir = filepath.Join(t.TempDir(), "unit")
	if err := m.Save(dir, SaveOptions{Head: unit}); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "modules.json"))
	var modules []module
	if err == nil {
		err = json.Unmarshal(raw, &modules)
	}
	if err != nil || len(modules) != 4 || modules[2].Path != "2_Normalize" || modules[3].Path != "3_Dense" || modules[3].Index != 3 {
		t.Errorf("a head over vectors of length 1: got %+v, %v", modules, err)
	}
}
