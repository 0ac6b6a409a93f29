package main

import (
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/serve"
	"github.com/fmkit/fmkit/text"
)

// TestServedAsPredicted holds the answers of a server to those of predict, to the last digit: also those of a low-rank change, which lies beside weights that others share.
func TestServedAsPredicted(t *testing.T) {
	dir := t.TempDir()
	base, data := smallBase(t, dir, 1), labelledCSV(t, dir, "train.csv")
	m, err := text.Load(base)
	if err != nil {
		t.Fatal(err)
	}
	s, err := serve.New(serve.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.AddBase("base", serve.Base{Text: m}); err != nil {
		t.Fatal(err)
	}
	const line = `{"text": "the cat sleeps in the hay"}`
	for _, method := range []string{"lora", "full", "prefix"} {
		out := filepath.Join(dir, method)
		mustFM(t, "", "adapt", "classify", "--base", base, "--data", data, "--out", out, "--steps=12", "--lr=1e-2", "--method", method)
		if _, err := s.Load(t.Context(), method, out); err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("POST", "/api/v1/classify", strings.NewReader(`{"adapter": "`+method+`", `+line[1:]))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if want := mustFM(t, line+"\n", "predict", "--adapter", out); w.Body.String() != want {
			t.Errorf("%s: served %s, predicted %s", method, w.Body, want)
		}
	}
}
