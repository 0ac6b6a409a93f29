package serve

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
)

// body reads a request of JSON.
func (s *Server) body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return nil, &problem{http.StatusUnsupportedMediaType, "media_type", fmt.Errorf("content-type: got %.100q, want application/json", r.Header.Get("Content-Type"))}
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return nil, &problem{http.StatusUnsupportedMediaType, "media_type", fmt.Errorf("content-encoding: got %.100q, want none", e)}
	}
	limit := s.config.Body
	if s.catalog.Load().pictures {
		limit = max(limit, s.config.Pictures)
	}
	tooLarge := &problem{http.StatusRequestEntityTooLarge, "too_large", fmt.Errorf("request: got more than %d bytes", limit)}
	if r.ContentLength > int64(limit) {
		w.Header().Set("Connection", "close")
		return nil, tooLarge
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(limit)))
	if big, _ := errors.AsType[*http.MaxBytesError](err); big != nil {
		return nil, tooLarge
	}
	if err != nil {
		return nil, badf("request: it ended early")
	}
	return raw, nil
}
