package bench

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fmkit/fmkit/adapters/serve"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/mini"
)

// TestLoad asks a server that has the bench's own adapters, and one that fails.
func TestLoad(t *testing.T) {
	m, err := text.LoadFS(mini.FS())
	if err != nil {
		t.Fatal(err)
	}
	o, dir := ServeOptions{Base: filepath.Join(t.TempDir(), "base")}, t.TempDir()
	if err := m.Save(o.Base, text.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := o.adapters(dir); err != nil {
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
	if _, err := s.Load(t.Context(), "a0", folderOf(dir, distinct)); err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s)
	defer web.Close()
	one := newTarget(web.URL+"/v1/embeddings", os.Getpid(), 4, [][]byte{[]byte(`{"model":"a0","input":"one"}`), []byte(`{"model":"a0","input":"one two three"}`)})
	l, err := one.run(t.Context(), 4, 100*time.Millisecond)
	if err != nil || l.rate <= 0 || l.p50 <= 0 || l.p99 < l.p50 || l.cpu < 0 {
		t.Errorf("got %+v, %v", l, err)
	}
	if err := near(t.Context(), one, one); err != nil {
		t.Error(err)
	}
	other := newTarget(web.URL+"/v1/embeddings", 0, 1, [][]byte{[]byte(`{"model":"base","input":"one"}`)})
	if err := near(t.Context(), one, other); err == nil {
		t.Error("vectors of another model: got no error")
	}
	failing := httptest.NewServer(http.NotFoundHandler())
	defer failing.Close()
	if _, err := newTarget(failing.URL, 0, 1, [][]byte{[]byte(`{}`)}).run(t.Context(), 2, time.Second); err == nil {
		t.Error("404: got no error")
	}
}
