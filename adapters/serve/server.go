package serve

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fmkit/fmkit/adapters/assistant"
)

// A Server answers requests by the models that are loaded. It is an http.Handler. Close ends it.
type Server struct {
	config   Config
	key      [sha256.Size]byte
	catalog  atomic.Pointer[catalog]
	loading  sync.Mutex // held by who changes the catalog
	batcher  *batcher
	stats    *metrics
	routes   map[string]route
	open     atomic.Int64 // requests that are being read or answered
	draining atomic.Bool
}

// A route is what can be done at an address.
type route struct {
	task    string // of the metrics
	free    bool   // without a key
	methods map[string]func(http.ResponseWriter, *http.Request) error
}

// New makes a server with nothing loaded.
func New(c Config) (*Server, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	s := &Server{config: c.withDefaults(), key: sha256.Sum256([]byte(c.Key)), stats: newMetrics()}
	s.catalog.Store(&catalog{models: map[string]*model{}})
	s.batcher = newBatcher(s.config, s.stats, s.panicked)
	type methods = map[string]func(http.ResponseWriter, *http.Request) error
	s.routes = map[string]route{
		"/healthz":             {"health", true, methods{"GET": s.health}},
		"/readyz":              {"ready", true, methods{"GET": s.ready}},
		"/metrics":             {"metrics", false, methods{"GET": s.metrics}},
		"/v1/models":           {"models", false, methods{"GET": s.models}},
		"/v1/embeddings":       {"embeddings", false, methods{"POST": s.embeddings}},
		adapterRoute:           {"adapters", false, methods{"PUT": s.putAdapter, "DELETE": s.deleteAdapter}},
		"/api/v1/" + embedTask: {embedTask, false, methods{"POST": s.answer(embedTask)}},
	}
	s.routes["/api/v1/"+assistant.Task] = route{assistant.Task, false, methods{"POST": s.answer(assistant.Task)}}
	for _, t := range tasks() {
		s.routes["/api/v1/"+t.at] = route{t.at, false, methods{"POST": s.answer(t.at)}}
	}
	return s, nil
}

// Close refuses new work and returns when what was accepted is done.
func (s *Server) Close() { s.batcher.close() }

// adapterRoute stands for what is below it, the name of an adapter.
const adapterRoute = "/api/v1/adapters/"

// routeOf finds the route of an address.
func (s *Server) routeOf(path string) (route, bool) {
	if name, ok := strings.CutPrefix(path, adapterRoute); ok && name != "" {
		r, ok := s.routes[adapterRoute]
		return r, ok
	}
	r, ok := s.routes[path]
	return r, ok && path != adapterRoute
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begin := time.Now()
	out := &recorder{ResponseWriter: w}
	route, ok := s.routeOf(r.URL.Path)
	defer func() {
		if v := recover(); v != nil {
			s.panicked(v, debug.Stack())
			if out.status == 0 {
				errPanic.write(out)
			}
		}
		s.stats.request(route.task, out.adapter, out.status, time.Since(begin))
	}()
	if s.draining.Load() {
		w.Header().Set("Connection", "close")
	}
	if err := s.handle(out, r, route, ok); err != nil {
		p := problemOf(err)
		if p.status == http.StatusInternalServerError {
			s.logf("serve: %s: %v", r.URL.Path, err)
		}
		p.write(out)
	}
}

func (s *Server) handle(w *recorder, r *http.Request, route route, found bool) error {
	if !route.free && s.config.Key != "" && !s.allowed(r) {
		w.Header().Set("WWW-Authenticate", "Bearer")
		return &problem{http.StatusUnauthorized, "unauthorized", errors.New("want the header Authorization: Bearer with the server's key")}
	}
	if !found {
		return &problem{http.StatusNotFound, "unknown_route", fmt.Errorf("no such address: %.100q", r.URL.Path)}
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	do := route.methods[method]
	if do == nil {
		var names []string
		for m := range route.methods {
			names = append(names, m)
		}
		slices.Sort(names)
		w.Header().Set("Allow", strings.Join(names, ", "))
		return &problem{http.StatusMethodNotAllowed, "method", fmt.Errorf("method: got %.20q, want %s", r.Method, strings.Join(names, " or "))}
	}
	if route.free {
		return do(w, r)
	}
	// A request that is still being read has no place in the queue; a bound of its own keeps those in memory few.
	if n := s.open.Add(1); n > int64(2*s.config.Queue) {
		s.open.Add(-1)
		return errBusy
	}
	defer s.open.Add(-1)
	return do(w, r)
}

// allowed says whether a request has the key. The time that takes tells nothing of it.
func (s *Server) allowed(r *http.Request) bool {
	all := r.Header.Values("Authorization")
	if len(all) != 1 {
		return false
	}
	kind, key, ok := strings.Cut(all[0], " ")
	sum := sha256.Sum256([]byte(key))
	return subtle.ConstantTimeCompare(sum[:], s.key[:]) == 1 && ok && strings.EqualFold(kind, "Bearer")
}

// answer serves a task.
func (s *Server) answer(task string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		raw, err := s.body(w, r)
		if err != nil {
			return err
		}
		var to address
		if err := addressed(raw, &to); err != nil {
			return err
		}
		if to.Adapter == "" {
			return missing("adapter")
		}
		m := s.catalog.Load().models[to.Adapter] // what answers, whatever happens to the catalog from here on
		if m == nil {
			return unknownModel(to.Adapter)
		}
		s.by(w, m)
		do := m.tasks[task]
		if do == nil {
			return badf("adapter %q is for %s, want one for %s", m.Name, m.Task, task)
		}
		ctx, cancel := context.WithTimeout(r.Context(), s.config.Timeout)
		defer cancel()
		answer, err := do(ctx, s.batcher, raw)
		if err != nil {
			return err
		}
		writeJSON(w, http.StatusOK, answer)
		return nil
	}
}

// by says which model answers, in the metrics and to the client.
func (s *Server) by(w http.ResponseWriter, m *model) {
	if r, ok := w.(*recorder); ok {
		r.adapter = m.Name
	}
	if m.Digest != "" {
		w.Header().Set("Fmkit-Adapter-Digest", m.Digest)
	}
}

// panicked counts a panic and writes it to the log.
func (s *Server) panicked(value any, stack []byte) {
	s.stats.panicked()
	s.logf("serve: panic: %v\n%s", value, stack)
}

func (s *Server) logf(format string, args ...any) {
	if s.config.Log != nil {
		s.config.Log.Printf(format, args...)
	}
}
