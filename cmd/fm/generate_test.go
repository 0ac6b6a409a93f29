package main

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

// pretrained saves an untrained model that says that it continues texts.
func pretrained(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "pretrained")
	if err := texttest.Pretrained(path, 1, "the", "cat", "sleeps", "in", "hay"); err != nil {
		t.Fatal(err)
	}
	return path
}

// A recorder keeps what is written, write by write.
type recorder struct {
	writes []string
	then   func(n int)
}

func (r *recorder) Write(p []byte) (int, error) {
	r.writes = append(r.writes, string(p))
	if r.then != nil {
		r.then(len(r.writes))
	}
	return len(p), nil
}

func decodeGenerated(t *testing.T, line string) generated {
	t.Helper()
	var g generated
	if err := json.Unmarshal([]byte(line), &g); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return g
}

// TestGenerate: a prompt is continued piece by piece, as --json says at the end, and by the seed alone.
func TestGenerate(t *testing.T) {
	base := pretrained(t, t.TempDir())
	args := []string{"generate", "--base", base, "--prompt", "The cat", "--max-tokens", "20"}
	var out recorder
	var log strings.Builder
	if err := run(t.Context(), args, strings.NewReader(""), &out, &log); err != nil {
		t.Fatal(err)
	}
	if log.Len() > 0 {
		t.Errorf("standard error: %s", log.String())
	}
	g := decodeGenerated(t, mustFM(t, "", append(args, "--json")...))
	if got := strings.Join(out.writes, ""); got != g.Text+"\n" || !strings.HasPrefix(got, "The cat") {
		t.Errorf("streamed %q, --json says %q", got, g.Text)
	}
	pieces := []string{"The cat"}
	for _, token := range g.Tokens {
		if token.Piece != "" {
			pieces = append(pieces, token.Piece)
		}
		if !(token.LogProb <= 0) {
			t.Errorf("token %+v", token)
		}
	}
	if want := append(pieces, "\n"); !slices.Equal(out.writes, want) {
		t.Errorf("written as %q, want each token as it came: %q", out.writes, want)
	}
	if g.Finish == text.FinishLength != (len(g.Tokens) == 20) || g.ID != "" {
		t.Errorf("got %+v", g)
	}
	for _, same := range [][2][]string{
		{{"--seed", "1"}, nil},
		{{"--temperature", "0"}, {"--temperature", "0", "--seed", "9"}},
		{{"--temperature", "0"}, {"--top-k", "1"}},
		{{"--temperature", "0"}, {"--top-p", "1e-6", "--temperature", "2"}},
		{{"--repetition-penalty", "1"}, {"--top-k", "0"}},
	} {
		if a, b := mustFM(t, "", append(args, same[0]...)...), mustFM(t, "", append(args, same[1]...)...); a != b {
			t.Errorf("%q gives %q, %q gives %q", same[0], a, same[1], b)
		}
	}
	plain := mustFM(t, "", args...)
	for _, other := range [][]string{{"--seed", "2"}, {"--temperature", "0"}, {"--top-k", "2"}, {"--top-p", "0.1"}, {"--repetition-penalty", "9"}, {"--max-tokens", "3"}} {
		if mustFM(t, "", append(args, other...)...) == plain {
			t.Errorf("%q changes nothing", other)
		}
	}
	if got := mustFM(t, "", "generate", "--base", base, "--prompt", "", "--max-tokens", "3"); len(got) < 3 {
		t.Errorf("no prompt at all: got %q", got)
	}
}

// TestGenerateWhatWasLearnt: a model pretrained on two sentences by the causal objective says them.
func TestGenerateWhatWasLearnt(t *testing.T) {
	dir := t.TempDir()
	corpus := write(t, dir, "corpus.txt", strings.Repeat("the cat sleeps in the hay.\nmy horse runs to the river.\n", 300))
	recipe := write(t, dir, "recipe.json", `{"masked": {"share": 0.25, "rate": 0.15, "shift": true}, "causal": {"share": 0.75}, "batch": 8}`)
	base := filepath.Join(dir, "base")
	mustFM(t, "", "pretrain", "text", "--data", corpus, "--config", recipe, "--out", base, "--preset", "tiny", "--steps", "160", "--vocab", "100", "--length", "20")
	var out, log strings.Builder
	err := run(t.Context(), []string{"generate", "--base", base, "--prompt", "the cat", "--temperature", "0", "--max-tokens", "12"}, strings.NewReader(""), &out, &log)
	if err != nil || log.Len() > 0 {
		t.Errorf("%v, standard error %q", err, log.String())
	}
	if got, want := out.String(), "the cat sleeps in the hay. my horse runs to the river"; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q first", got, want)
	}
}

// TestGenerateLines: every line is answered as its prompt alone is, under its own seed where it has one.
func TestGenerateLines(t *testing.T) {
	base := pretrained(t, t.TempDir())
	in := `{"id": "a", "prompt": "the cat"}` + "\n\n" + `{"prompt": "in the hay", "seed": 0}` + "\n" + `{"prompt": "the cat", "seed": 5}` + "\n"
	lines := strings.Split(strings.TrimSpace(mustFM(t, in, "generate", "--base", base, "--max-tokens", "9")), "\n")
	if len(lines) != 3 {
		t.Fatalf("got %d answers, want 3", len(lines))
	}
	for i, c := range []struct{ id, prompt, seed string }{{"a", "the cat", "1"}, {"", "in the hay", "0"}, {"", "the cat", "5"}} {
		want := decodeGenerated(t, mustFM(t, "", "generate", "--base", base, "--max-tokens", "9", "--prompt", c.prompt, "--seed", c.seed, "--json"))
		want.ID = c.id
		if got := decodeGenerated(t, lines[i]); got.ID != want.ID || got.Text != want.Text || !slices.Equal(got.Tokens, want.Tokens) {
			t.Errorf("line %d: got %+v, want %+v", i+1, got, want)
		}
	}
}

// TestGenerateSaysSo: a model that never learnt to continue texts does it, with a word on standard error.
func TestGenerateSaysSo(t *testing.T) {
	base := pretrained(t, t.TempDir())
	m, err := text.Load(base)
	if err != nil {
		t.Fatal(err)
	}
	h, err := text.LoadHead(base, m)
	if err != nil {
		t.Fatal(err)
	}
	for want, objectives := range map[string][]string{"no objectives": nil, "its objectives are: masked": {text.ObjectiveMasked}} {
		m.Config.Objectives = objectives
		if err := m.Save(base, text.SaveOptions{Head: h}); err != nil {
			t.Fatal(err)
		}
		var out, log strings.Builder
		err := run(t.Context(), []string{"generate", "--base", base, "--prompt", "the", "--max-tokens", "2"}, strings.NewReader(""), &out, &log)
		if err != nil || !strings.Contains(log.String(), want) || !strings.HasPrefix(out.String(), "the") {
			t.Errorf("got %q, %v, standard error %q, want %q in it", out.String(), err, log.String(), want)
		}
	}
}

// TestGenerateBadInput: wrong calls and lines end with 2 and say what is wrong.
func TestGenerateBadInput(t *testing.T) {
	dir := t.TempDir()
	base, bare, qa := pretrained(t, dir), smallBase(t, dir, 2), filepath.Join(dir, "qa")
	m, err := text.Load(bare)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Save(qa, text.SaveOptions{Head: text.NewHead(text.TaskQuestionAnswering, nn.NewLinear("x", 32, 2), nil, "")}); err != nil {
		t.Fatal(err)
	}
	on := func(more ...string) []string {
		return append([]string{"generate", "--base", base, "--prompt", "a"}, more...)
	}
	for _, c := range []struct {
		args        []string
		stdin, want string
	}{
		{[]string{"generate", "--prompt", "a"}, "", "--base"},
		{[]string{"generate", "--base", filepath.Join(dir, "none"), "--prompt", "a"}, "", "none"},
		{[]string{"generate", "--base", bare, "--prompt", "a"}, "", "no head"},
		{[]string{"generate", "--base", qa, "--prompt", "a"}, "", "question-answering"},
		{on("--max-tokens", "0"), "", "--max-tokens"},
		{on("--max-tokens", "many"), "", "max-tokens"},
		{on("--temperature", "-1"), "", "temperature"},
		{on("--temperature", "NaN"), "", "temperature"},
		{on("--top-k", "-1"), "", "top-k"},
		{on("--top-p", "0"), "", "--top-p"},
		{on("--top-p", "1.5"), "", "top-p"},
		{on("--repetition-penalty", "0"), "", "--repetition-penalty"},
		{on("--repetition-penalty", "-2"), "", "penalty"},
		{on("--seed", "-1"), "", "seed"},
		{on("more"), "", "more"},
		{[]string{"generate", "--base", base}, "{\"prompt\": \"a\"}\n{\"text\": \"b\"}\n", "line 2"},
		{[]string{"generate", "--base", base}, "{\"prompt\": \"\"}\n", "prompt"},
		{[]string{"generate", "--base", base}, "the cat\n", "line 1"},
		{[]string{"generate", "--base", base}, "{\"prompt\": \"a\", \"seed\": -1}\n", "seed"},
	} {
		if _, code, err := fm(t, c.stdin, c.args...); code != exitUsage || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: code %d, %v, want %q in it", c.args, code, err, c.want)
		}
	}
}

// TestGenerateInterrupted: a signal ends a text where it is, on a line of its own.
func TestGenerateInterrupted(t *testing.T) {
	base := pretrained(t, t.TempDir())
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	out := &recorder{then: func(n int) {
		if n == 5 {
			cancel(interrupt{signal: syscall.SIGINT})
		}
	}}
	var log strings.Builder
	err := run(ctx, []string{"generate", "--base", base, "--prompt", "the", "--max-tokens", "100000"}, strings.NewReader(""), out, &log)
	if code := report(ctx, err, &log); code != exitSIGINT || !errors.Is(err, context.Canceled) {
		t.Errorf("code %d, %v, want %d", code, err, exitSIGINT)
	}
	if len(out.writes) != 6 || out.writes[5] != "\n" {
		t.Errorf("written: %q", out.writes)
	}
}
