package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/vision/picture"
)

// A problem is an error with the status that a client gets for it.
type problem struct {
	status int
	kind   string // for programs
	err    error
}

func (p *problem) Error() string { return p.err.Error() }

func (p *problem) Unwrap() error { return p.err }

// badf is the problem of a request that is wrong.
func badf(format string, args ...any) error {
	return &problem{http.StatusBadRequest, "invalid_request", fmt.Errorf(format, args...)}
}

// missing is the problem of a request that lacks a field.
func missing(field string) error { return badf("%w", adapter.Missing(field)) }

func unknownModel(name string) error {
	return &problem{http.StatusNotFound, "unknown_model", fmt.Errorf("adapter %.100q is not loaded", name)}
}

var (
	errBusy    = &problem{http.StatusTooManyRequests, "busy", errors.New("too many requests are waiting, try again")}
	errClosed  = &problem{http.StatusServiceUnavailable, "closed", errors.New("the server is closing")}
	errPanic   = &problem{http.StatusInternalServerError, "internal", errors.New("internal error")}
	errTimeout = &problem{http.StatusGatewayTimeout, "timeout", errors.New("the answer took too long")}
	// errGone is for the record: nobody reads it.
	errGone = &problem{499, "gone", errors.New("the client has gone")}
)

// problemOf finds the status of an error.
func problemOf(err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return &problem{p.status, p.kind, err}
	}
	status, kind := http.StatusInternalServerError, "internal"
	is := func(targets ...error) bool {
		for _, t := range targets {
			if errors.Is(err, t) {
				return true
			}
		}
		return false
	}
	damaged, _ := errors.AsType[*checkpoint.Error](err)
	switch {
	case is(context.DeadlineExceeded):
		return errTimeout
	case is(context.Canceled):
		return errGone
	case is(picture.ErrFormat, picture.ErrDecode, picture.ErrLimit):
		status, kind = http.StatusBadRequest, "invalid_picture"
	case is(adapter.ErrBaseMismatch):
		status, kind = http.StatusConflict, "base_mismatch"
	case is(ErrLimit):
		status, kind = http.StatusInsufficientStorage, "too_many_adapters"
	case is(ErrName):
		status, kind = http.StatusBadRequest, "invalid_name"
	case is(ErrNotLoaded):
		status, kind = http.StatusNotFound, "unknown_model"
	case is(adapter.ErrPassport, adapter.ErrTask, adapter.ErrTensors, adapter.ErrDigest, ErrRefused) || damaged != nil:
		status, kind = http.StatusUnprocessableEntity, "invalid_adapter"
	default:
		return &problem{status, kind, errors.New("internal error")} // what it is isn't the client's business
	}
	return &problem{status, kind, err}
}

// write answers with the problem, in the form of OpenAI's errors.
func (p *problem) write(w http.ResponseWriter) {
	var out struct {
		Error struct {
			Message string `json:"message"`
			Type    string `json:"type"`
			Code    int    `json:"code"`
		} `json:"error"`
	}
	out.Error.Message, out.Error.Type, out.Error.Code = p.Error(), p.kind, p.status
	if p.status == http.StatusTooManyRequests || p.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	writeJSON(w, p.status, out)
}

// writeJSON answers with v on one line, text as it is, as fm writes it.
func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // the client may have gone
}
