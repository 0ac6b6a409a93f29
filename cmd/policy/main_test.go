package main

import (
	"context"
	"image/gif"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "episode.gif")
	var out strings.Builder
	if err := run(context.Background(), []string{"--out", file, "--steps", "3000"}, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "CartPole-v1: return ") {
		t.Errorf("got %q", out.String())
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	film, err := gif.DecodeAll(f)
	if err != nil || len(film.Image) < 8 {
		t.Errorf("got %v, %v, want a film", film, err)
	}
	if err := run(context.Background(), []string{"--adapter", file}, &out); err == nil {
		t.Error("a file is no adapter")
	}
}
