package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/adapters/serve"
	"github.com/fmkit/fmkit/rl"
)

const serveLong = `Answer requests over HTTP by many adapters, until SIGTERM or SIGINT.

  POST /api/v1/classify    {"adapter", "text"}, or "image" as base64       as fm predict answers
  POST /api/v1/multilabel  {"adapter", "text"}                             any number of labels; /api/v1/regress likewise, a number
  POST /api/v1/qa          {"adapter", "question", "context"}
  POST /api/v1/summarize   {"adapter", "text"}, "sentences" or "turns" of a dialogue
  POST /api/v1/tag         {"adapter", "text"} or "tokens"
  POST /api/v1/search      {"adapter", "query", "k"}
  POST /api/v1/assist      {"adapter", "message", "state"}
  POST /api/v1/inspect     {"adapter", "image"}
  POST /api/v1/document    {"adapter", "text"}
  POST /api/v1/act         {"adapter", "observation"}                      a policy; "context" has the steps before, where it reads them
  POST /api/v1/embed       {"adapter", "text"} or "image"                  as fm embed answers; a base's name does too
  POST /v1/embeddings      {"model", "input", "encoding_format"}           as OpenAI answers
  GET  /v1/models  /healthz  /readyz  /metrics
  PUT, DELETE /api/v1/adapters/NAME    {"dir"}                             with --key-file; dir is below --root

A base is loaded once for all adapters on it, and adapters that keep its weights, with a head or low-rank changes, share it. Low-rank changes are computed beside the
weights and not merged, so a score may differ from that of fm predict in its last digits. An answer doesn't depend on the requests beside it.

A signal stops the taking of connections; what was accepted is answered, and the exit code is that of the signal, 143 or 130. It is 1 where --drain wasn't
enough. A second signal ends the program at once.`

// newServe answers requests over HTTP.
func newServe(c *console) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use: "serve [--adapter NAME=DIR]... [--base MODEL]...", Short: "Answer requests over HTTP by many adapters", Long: serveLong, Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), c) },
	}
	s := cmd.Flags()
	s.StringVar(&f.addr, "addr", "127.0.0.1:8080", "address to listen on; one that others can reach needs --key-file")
	s.StringArrayVar(&f.adapters, "adapter", nil, "adapter folder and the name to serve it under, NAME=DIR; may be given several times")
	s.StringArrayVar(&f.bases, "base", nil, "base to serve and to look among for those of adapters, may be given several times: "+baseUsage)
	s.StringVar(&f.keyFile, "key-file", "", "file with the key that requests must have, of at least 16 characters")
	s.StringVar(&f.config.Root, "root", "", "folder below which PUT finds adapters")
	s.IntVar(&f.config.Queue, "queue", 0, "most requests that wait or are computed, default 512")
	s.IntVar(&f.config.Tokens, "tokens", 0, "tokens of a batch, default 2048")
	s.IntVar(&f.config.Adapters, "most", 0, "most adapters, default 1024")
	s.DurationVar(&f.config.Timeout, "timeout", 0, "time for an answer, default 30s")
	s.DurationVar(&f.config.Drain, "drain", 0, "time for what is due when a signal comes, default 30s")
	return cmd
}

type serveFlags struct {
	addr, keyFile   string
	adapters, bases []string
	config          serve.Config
}

func (f *serveFlags) run(ctx context.Context, c *console) error {
	f.config.Log = log.New(c.log, "", log.LstdFlags)
	f.config.Open = func(ctx context.Context, name string) (serve.Base, error) { return openBase(ctx, c, name) }
	if f.keyFile != "" {
		raw, err := os.ReadFile(f.keyFile)
		if err != nil {
			return fmt.Errorf("serve: --key-file: %w", badData(err))
		}
		if f.config.Key = strings.TrimSpace(string(raw)); f.config.Key == "" {
			return usagef("serve: --key-file %s is empty", f.keyFile)
		}
	}
	s, err := serve.New(f.config)
	if err != nil {
		return err
	}
	if err := f.load(ctx, s); err != nil {
		s.Close()
		return err
	}
	l, err := s.Listen(ctx, f.addr)
	if err != nil {
		s.Close()
		return err
	}
	at := map[string]any{"addr": l.Addr().String(), "models": s.Models()}
	err = c.answer(at, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "http://%s\n", l.Addr())
		return err
	})
	if err != nil {
		s.Close()
		return errors.Join(err, l.Close())
	}
	if err := s.Serve(ctx, l); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// load loads what the flags name.
func (f *serveFlags) load(ctx context.Context, s *serve.Server) error {
	for _, name := range f.bases {
		b, err := f.config.Open(ctx, name)
		if err != nil {
			return err
		}
		if err := s.AddBase(name, b); err != nil {
			return err
		}
	}
	seen := map[string]bool{}
	for _, a := range f.adapters {
		name, dir, ok := strings.Cut(a, "=")
		if !ok || name == "" || dir == "" {
			return usagef("serve: --adapter: got %q, want NAME=DIR", a)
		}
		if seen[name] {
			return usagef("serve: --adapter: %q occurs twice", name)
		}
		seen[name] = true
		if _, err := s.Load(ctx, name, dir); err != nil {
			return fmt.Errorf("serve: --adapter %s: %w", a, err)
		}
	}
	return nil
}

// openBase reads a base of any modality.
func openBase(ctx context.Context, c *console, name string) (serve.Base, error) {
	b, err := findBase(ctx, c, name)
	if err != nil {
		return serve.Base{}, err
	}
	if b.vision() {
		m, err := b.loadVision()
		return serve.Base{Vision: m}, err
	}
	if rl.IsModel(b.fsys) {
		m, err := b.loadTrajectories()
		return serve.Base{Trajectories: m}, err
	}
	m, err := b.load()
	return serve.Base{Text: m}, err
}
