package serve_test

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"

	"github.com/fmkit/fmkit/adapters/serve"
	"github.com/fmkit/fmkit/text"
)

// TestOpenAIClient has OpenAI's own client read embeddings, where FMKIT_PYTHON names a Python with it.
func TestOpenAIClient(t *testing.T) {
	python := os.Getenv("FMKIT_PYTHON")
	if python == "" {
		t.Skip("FMKIT_PYTHON names no Python with openai")
	}
	const key = "0123456789abcdef"
	base := toyText(t)
	s := newServer(t, serve.Config{Key: key}, base)
	web := httptest.NewServer(s)
	defer web.Close()
	texts := []string{sentence(1), sentence(2)}
	e, err := text.NewEmbedder(base, text.EmbedConfig{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := e.Embed(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, append([]string{"testdata/openai_client.py", web.URL, key, "toy"}, texts...)...)
	cmd.Stderr = os.Stderr
	raw, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Version       string
		Models        []string
		Float, None   [][]float32
		Base64        []any
		One           []float32
		Tokens, Wrong int
		Unknown       string
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	var packed [][]float32
	for _, v := range got.Base64 { // the client leaves alone what is asked for by name
		s, ok := v.(string)
		b, err := base64.StdEncoding.DecodeString(s)
		if !ok || err != nil {
			t.Fatalf("base64: got %.60v, %v", v, err)
		}
		var x []float32
		for ; len(b) > 0; b = b[4:] {
			x = append(x, math.Float32frombits(binary.LittleEndian.Uint32(b)))
		}
		packed = append(packed, x)
	}
	for name, x := range map[string][][]float32{"float": got.Float, "default": got.None, "base64": packed, "one": {got.One, want[1]}} {
		if fmt.Sprint(x) != fmt.Sprint(want) {
			t.Errorf("%s: got %.80v, want %.80v", name, x, want)
		}
	}
	if len(got.Models) != 1 || got.Models[0] != "toy" || got.Wrong != 401 || got.Unknown == "" || got.Tokens == 0 {
		t.Errorf("got %+v", got)
	}
	t.Logf("openai %s", got.Version)
}
