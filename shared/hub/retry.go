package hub

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	defaultAttempts = 5
	firstWait       = time.Second
	longestWait     = 8 * time.Second // between tries, doubled from firstWait on
	longestAsked    = 2 * time.Minute // that a hub may ask for by Retry-After
)

// A statusError is an answer of the hub that is no success.
type statusError struct {
	status  int
	code    string        // X-Error-Code: RepoNotFound, RevisionNotFound, EntryNotFound, GatedRepo
	message string        // X-Error-Message
	after   time.Duration // what Retry-After asks for
	foreign bool          // another host than the endpoint answered
	host    string
}

func newStatusError(res *http.Response, now time.Time, foreign bool) *statusError {
	return &statusError{
		status: res.StatusCode, code: res.Header.Get("X-Error-Code"), message: res.Header.Get("X-Error-Message"),
		after: retryAfter(res.Header.Get("Retry-After"), now), foreign: foreign, host: res.Request.URL.Host,
	}
}

func (e *statusError) Error() string {
	s := fmt.Sprintf("%s answers %d %s", e.host, e.status, http.StatusText(e.status))
	if e.message != "" {
		s += fmt.Sprintf(" (%q)", shorten(e.message))
	}
	return s
}

// Unwrap makes a passing trouble of the hub's count as unreachable.
func (e *statusError) Unwrap() error {
	if e.passing() {
		return ErrUnreachable
	}
	return nil
}

// passing says whether the same request may succeed later.
func (e *statusError) passing() bool {
	switch e.status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	case http.StatusForbidden: // a signed address that has expired
		return e.foreign
	}
	return false
}

// retryAfter reads the header of that name: seconds or a date.
func retryAfter(value string, now time.Time) time.Duration {
	if n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if t, err := http.ParseTime(value); err == nil {
		return max(0, t.Sub(now))
	}
	return 0
}

// retry calls try until it succeeds, fails for good, or has failed attempts times in a row without having moved anything.
func (c *Client) retry(ctx context.Context, attempts int, try func() (moved bool, err error)) error {
	wait := firstWait
	for failed := 0; ; {
		moved, err := try()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if moved {
			failed, wait = 0, firstWait
		}
		failed++
		if !errors.Is(err, ErrUnreachable) || failed >= attempts {
			return err
		}
		if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
			return err
		}
		pause := wait
		if s, ok := errors.AsType[*statusError](err); ok {
			pause = max(pause, s.after)
		}
		if pause > longestAsked {
			return fmt.Errorf("%w: it asks to wait for %v", err, pause)
		}
		c.logf("hub: %v; trying again in %v", err, pause)
		if err := c.sleep(ctx, pause); err != nil {
			return err
		}
		wait = min(2*wait, longestWait)
	}
}

func (c *Client) attempts() int {
	if c.Attempts > 0 {
		return c.Attempts
	}
	return defaultAttempts
}

func (c *Client) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}

func (c *Client) sleep(ctx context.Context, d time.Duration) error {
	if c.Sleep != nil {
		return c.Sleep(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// explain makes an error about a request for a model say what to do.
func (c *Client) explain(r ref, err error) error {
	s, ok := errors.AsType[*statusError](err)
	if !ok || s.foreign || s.passing() {
		return fmt.Errorf("hub: %s: %w", r, err)
	}
	token := "a token in HF_TOKEN may show it if it is private"
	if c.Token != "" {
		token = "if it is private, the token in use doesn't show it"
	}
	page := c.Endpoint + "/" + r.repo
	because := func(kind error, format string, arguments ...any) error {
		return fmt.Errorf("hub: %s: %w: %s: %w", r, kind, fmt.Sprintf(format, arguments...), err)
	}
	switch {
	case s.code == "RevisionNotFound":
		return because(ErrRevision, "%s has no branch, tag or commit %q", page, r.revision)
	case s.code == "GatedRepo" && c.Token == "":
		return because(ErrAccess, "it is gated: accept its terms at %s and set HF_TOKEN", page)
	case s.code == "GatedRepo":
		return because(ErrAccess, "it is gated: accept its terms at %s with the account of the token in use", page)
	case s.code == "EntryNotFound":
		return because(ErrProtocol, "a file that is listed is not there")
	case s.status == http.StatusUnauthorized && c.Token != "" && s.code != "RepoNotFound":
		return because(ErrAccess, "the token is not valid: set HF_TOKEN to another")
	case s.status == http.StatusForbidden:
		return because(ErrAccess, "set HF_TOKEN to a token that may read it")
	case s.code == "RepoNotFound", s.status == http.StatusUnauthorized, s.status == http.StatusNotFound:
		return because(ErrRepository, "there is no %s; %s", page, token)
	}
	return fmt.Errorf("hub: %s: %w: %w", r, ErrProtocol, err)
}
