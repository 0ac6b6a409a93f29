// Package hubtest is a model hub on this machine, for tests: it answers as the Hugging Face hub does, large files by a redirect to
// a second server, and lets a test put anything between a request and its answer.
package hubtest

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Hub holds repositories. Its methods may be called while it serves.
type Hub struct {
	URL     string // the endpoint
	Storage string // where large files are

	servers   []*httptest.Server
	mu        sync.Mutex
	repos     map[string]*repo
	blobs     map[string][]byte // large files by SHA-256
	requests  []Request
	intercept func(w http.ResponseWriter, r *http.Request, next http.Handler)
}

// A Request is one that was made.
type Request struct {
	Method, Host, Path, Authorization, Range string
}

type repo struct {
	token   string // that may see it, empty for all
	refs    map[string]string
	commits map[string]map[string][]byte
}

// New starts a hub without repositories.
func New() *Hub {
	h := &Hub{repos: map[string]*repo{}, blobs: map[string][]byte{}}
	api, content, storage := http.NewServeMux(), http.NewServeMux(), http.NewServeMux()
	api.HandleFunc("GET /api/models/{org}/{name}/revision/{revision}", h.revision)
	api.HandleFunc("GET /api/models/{org}/{name}/tree/{revision}", h.tree)
	api.HandleFunc("GET /api/resolve-cache/models/{org}/{name}/{revision}/{path...}", h.small)
	content.HandleFunc("GET /{org}/{name}/resolve/{revision}/{path...}", h.resolve)
	storage.HandleFunc("GET /lfs/{sha}", h.large)
	endpoint := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") {
			api.ServeHTTP(w, r)
			return
		}
		content.ServeHTTP(w, r)
	})
	for _, m := range []http.Handler{endpoint, storage} {
		h.servers = append(h.servers, httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.serve(w, r, m) })))
	}
	h.URL, h.Storage = h.servers[0].URL, h.servers[1].URL
	return h
}

// Close stops the hub.
func (h *Hub) Close() {
	for _, s := range h.servers {
		s.CloseClientConnections()
		s.Close()
	}
}

// Intercept puts f before all that the hub does; nil takes it away. next is what the hub does.
func (h *Hub) Intercept(f func(w http.ResponseWriter, r *http.Request, next http.Handler)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.intercept = f
}

// Requests gives the requests so far, and forgets them.
func (h *Hub) Requests() []Request {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.requests
	h.requests = nil
	return all
}

// Commit makes files the content of a branch of a repository, which is made where missing, and returns the id of the commit.
func (h *Hub) Commit(name, branch string, files map[string][]byte) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.repos[name]
	if r == nil {
		r = &repo{refs: map[string]string{}, commits: map[string]map[string][]byte{}}
		h.repos[name] = r
	}
	sum := sha1.New()
	for _, f := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(sum, "%s %d %s\n", f, len(files[f]), BlobID(files[f]))
		if IsLarge(f) {
			h.blobs[SHA256(files[f])] = files[f]
		}
	}
	commit := hex.EncodeToString(sum.Sum(nil))
	r.refs[branch], r.commits[commit] = commit, maps.Clone(files)
	return commit
}

// Private hides a repository from whoever doesn't send the token.
func (h *Hub) Private(name, token string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.repos[name].token = token
}

// IsLarge says whether the hub keeps a file in its storage and not in git.
func IsLarge(name string) bool {
	return slices.Contains([]string{".safetensors", ".bin"}, path.Ext(name))
}

// SHA256 is the name of a large file's content.
func SHA256(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// BlobID is the name that git has for a small file's content.
func BlobID(content []byte) string {
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", len(content))
	h.Write(content)
	return hex.EncodeToString(h.Sum(nil))
}

func (h *Hub) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	h.mu.Lock()
	h.requests = append(h.requests, Request{r.Method, r.Host, r.URL.Path, r.Header.Get("Authorization"), r.Header.Get("Range")})
	f := h.intercept
	h.mu.Unlock()
	if f != nil {
		f(w, r, next)
		return
	}
	next.ServeHTTP(w, r)
}

// Refuse answers with a status and a code as the hub does.
func Refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("X-Error-Code", code)
	w.Header().Set("X-Error-Message", message)
	http.Error(w, message, status)
}

// find gives the files of the revision that a request is about; without one it has answered.
func (h *Hub) find(w http.ResponseWriter, r *http.Request) (commit string, files map[string][]byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	repo := h.repos[r.PathValue("org")+"/"+r.PathValue("name")]
	switch {
	case repo == nil && r.Header.Get("Authorization") != "":
		Refuse(w, http.StatusNotFound, "RepoNotFound", "Repository not found")
		return "", nil
	case repo == nil, repo.token != "" && r.Header.Get("Authorization") != "Bearer "+repo.token:
		Refuse(w, http.StatusUnauthorized, "RepoNotFound", "Repository not found")
		return "", nil
	}
	commit = r.PathValue("revision")
	if at, ok := repo.refs[commit]; ok {
		commit = at
	}
	if files = repo.commits[commit]; files == nil {
		Refuse(w, http.StatusNotFound, "RevisionNotFound", "Invalid rev id: "+commit)
	}
	return commit, files
}

func (h *Hub) revision(w http.ResponseWriter, r *http.Request) {
	commit, files := h.find(w, r)
	if files == nil {
		return
	}
	siblings := []any{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		s := map[string]any{"rfilename": name}
		if b := r.URL.Query().Get("blobs"); strings.EqualFold(b, "true") || b == "1" {
			s["size"], s["blobId"] = len(files[name]), BlobID(files[name])
			if IsLarge(name) {
				s["lfs"] = map[string]any{"sha256": SHA256(files[name]), "size": len(files[name]), "pointerSize": 134}
			}
		}
		siblings = append(siblings, s)
	}
	id := r.PathValue("org") + "/" + r.PathValue("name")
	writeJSON(w, map[string]any{"_id": "0", "id": id, "modelId": id, "sha": commit, "private": false, "tags": []string{}, "downloads": 0, "siblings": siblings})
}

// tree is what huggingface_hub lists a repository by.
func (h *Hub) tree(w http.ResponseWriter, r *http.Request) {
	_, files := h.find(w, r)
	if files == nil {
		return
	}
	entries := []any{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		e := map[string]any{"type": "file", "path": name, "size": len(files[name]), "oid": BlobID(files[name])}
		if IsLarge(name) {
			e["lfs"] = map[string]any{"oid": SHA256(files[name]), "size": len(files[name]), "pointerSize": 134}
		}
		entries = append(entries, e)
	}
	writeJSON(w, entries)
}

// resolve sends to where a file is: a large one on the other server, a small one elsewhere on this one.
func (h *Hub) resolve(w http.ResponseWriter, r *http.Request) {
	commit, files := h.find(w, r)
	if files == nil {
		return
	}
	name := r.PathValue("path")
	content, ok := files[name]
	if !ok {
		Refuse(w, http.StatusNotFound, "EntryNotFound", "Entry not found")
		return
	}
	w.Header().Set("X-Repo-Commit", commit)
	if !IsLarge(name) {
		http.Redirect(w, r, fmt.Sprintf("/api/resolve-cache/models/%s/%s/%s/%s", r.PathValue("org"), r.PathValue("name"), commit, name), http.StatusTemporaryRedirect)
		return
	}
	w.Header().Set("ETag", `"`+BlobID([]byte("pointer to "+SHA256(content)))+`"`)
	w.Header().Set("X-Linked-Etag", `"`+SHA256(content)+`"`)
	w.Header().Set("X-Linked-Size", fmt.Sprint(len(content)))
	http.Redirect(w, r, h.Storage+"/lfs/"+SHA256(content)+"?X-Amz-Signature=secret", http.StatusFound)
}

func (h *Hub) small(w http.ResponseWriter, r *http.Request) {
	commit, files := h.find(w, r)
	if files == nil {
		return
	}
	content := files[r.PathValue("path")]
	w.Header().Set("X-Repo-Commit", commit)
	w.Header().Set("ETag", `"`+BlobID(content)+`"`)
	w.Header().Set("Content-Type", "text/plain")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

func (h *Hub) large(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	content, ok := h.blobs[r.PathValue("sha")]
	h.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("ETag", `"d41d8cd98f00b204e9800998ecf8427e-1"`) // not the content's, as with storage that takes parts
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // whoever has gone away needs no answer
}
