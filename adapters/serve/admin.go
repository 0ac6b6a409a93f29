package serve

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"
)

func (s *Server) health(w http.ResponseWriter, _ *http.Request) error {
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	return nil
}

// ready says whether requests should be sent here.
func (s *Server) ready(w http.ResponseWriter, _ *http.Request) error {
	switch {
	case s.draining.Load():
		return errClosed
	case len(s.catalog.Load().models) == 0:
		return &problem{http.StatusServiceUnavailable, "not_ready", errors.New("nothing is loaded")}
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ready"})
	return nil
}

func (s *Server) metrics(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	w.WriteHeader(http.StatusOK)
	_ = s.stats.write(w, s.batcher.depth(), s.adapters()) // the client may have gone
	return nil
}

// models lists what is loaded, in OpenAI's form with more keys.
func (s *Server) models(w http.ResponseWriter, _ *http.Request) error {
	type entry struct {
		Model
		Object string `json:"object"`
		Owner  string `json:"owned_by"`
	}
	all := []entry{}
	for _, m := range s.Models() {
		all = append(all, entry{m, "model", "fmkit"})
	}
	writeJSON(w, http.StatusOK, map[string]any{"object": "list", "data": all})
	return nil
}

// changeable gives the name of the adapter that a request wants to change.
func (s *Server) changeable(r *http.Request) (string, error) {
	if s.config.Key == "" {
		return "", &problem{http.StatusForbidden, "forbidden", errors.New("adapters can't be changed: the server has no key")}
	}
	name := strings.TrimPrefix(r.URL.Path, adapterRoute)
	if !adapterName.MatchString(name) {
		return "", fmt.Errorf("%w: got %.100q, want %s", ErrName, name, adapterName)
	}
	return name, nil
}

// putAdapter loads or replaces an adapter: {"dir": folder below the server's root}.
func (s *Server) putAdapter(w http.ResponseWriter, r *http.Request) error {
	name, err := s.changeable(r)
	if err != nil {
		return err
	}
	raw, err := s.body(w, r)
	if err != nil {
		return err
	}
	var in struct {
		Dir string `json:"dir"`
	}
	if err := parse(raw, &in); err != nil {
		return err
	}
	switch {
	case s.config.Root == "":
		return &problem{http.StatusForbidden, "forbidden", errors.New("the server has no folder to load adapters from")}
	case in.Dir == "":
		return missing("dir")
	}
	root, err := os.OpenRoot(s.config.Root)
	if err != nil {
		return fmt.Errorf("serve: root: %w", err)
	}
	defer root.Close()
	folder, err := root.OpenRoot(in.Dir) // which no link leads out of
	if errors.Is(err, fs.ErrNotExist) {
		return badf("dir: %.200q is not there", in.Dir)
	}
	if err != nil {
		return badf("dir: %.200q is no folder that can be loaded", in.Dir)
	}
	defer folder.Close()
	m, replaced, err := s.load(r.Context(), name, folder.FS())
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if replaced {
		status = http.StatusOK
	}
	writeJSON(w, status, m)
	return nil
}

func (s *Server) deleteAdapter(w http.ResponseWriter, r *http.Request) error {
	name, err := s.changeable(r)
	if err != nil {
		return err
	}
	if err := s.Unload(name); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
