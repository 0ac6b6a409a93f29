package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	maxListing   = 16 << 20 // bytes of the answer about a repository
	maxRedirects = 5
	maxTries     = 5 // without progress
	longestWait  = 5 * time.Minute
	firstWait    = time.Second
)

// A temporary error may be gone when asked again after a while.
type temporary struct {
	error
	after time.Duration // the server's own wish, 0: none
}

func (t temporary) Unwrap() error { return t.error }

// retry calls try until it succeeds, fails for good, or fails maxTries times in a row; try says whether it got on.
func (c *Client) retry(ctx context.Context, what string, try func() (progress bool, err error)) error {
	wait := firstWait
	for n := 1; ; n++ {
		progress, err := try()
		var t temporary
		if err == nil || !errors.As(err, &t) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if progress {
			n, wait = 1, firstWait
		}
		if n == maxTries {
			return fmt.Errorf("%w, %d times: %w", ErrStatus, n, t.error)
		}
		if t.after > longestWait {
			return fmt.Errorf("%w: it wants to be asked again in %v: %w", ErrStatus, t.after, t.error)
		}
		d := max(wait, t.after)
		c.logf("%s: %v; again in %v", what, t.error, d)
		if err := c.sleep(ctx, d); err != nil {
			return err
		}
		wait = min(2*wait, time.Minute)
	}
}

// get sends a request and follows redirects. The token goes to the endpoint's host alone. The caller closes the body.
func (c *Client) get(ctx context.Context, method, address string, header http.Header) (*http.Response, error) {
	home, err := url.Parse(c.Endpoint)
	if err != nil {
		return nil, err
	}
	for range maxRedirects {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || home.Scheme == "https" && u.Scheme != "https" {
			return nil, fmt.Errorf("%w: it leads to %.200q", ErrServer, address)
		}
		r, err := http.NewRequestWithContext(ctx, method, address, nil)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrServer, err)
		}
		for k, v := range header {
			r.Header[k] = v
		}
		r.Header.Set("User-Agent", "fmkit")
		if c.Token != "" && u.Host == home.Host && u.Scheme == home.Scheme {
			r.Header.Set("Authorization", "Bearer "+c.Token)
		}
		a, err := c.httpClient().Do(r)
		if err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return nil, temporary{error: withoutQuery(err)}
		}
		switch a.StatusCode {
		case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		default:
			return a, nil
		}
		next, err := a.Location()
		if err != nil {
			a.Body.Close()
			return nil, fmt.Errorf("%w: a redirect to nowhere", ErrServer)
		}
		if next.Host != u.Host && method == http.MethodHead { // another store holds the content: what is known of it is in this answer
			return a, nil
		}
		a.Body.Close()
		address = next.String()
	}
	return nil, fmt.Errorf("%w: more than %d redirects", ErrServer, maxRedirects)
}

// withoutQuery drops what a signed address gives away.
func withoutQuery(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		at, _, _ := strings.Cut(u.URL, "?")
		return fmt.Errorf("%s %s: %w", u.Op, at, u.Err)
	}
	return err
}

// status turns an answer that isn't one into an error.
func (c *Client) status(a *http.Response, n Name) error {
	code := a.StatusCode
	switch {
	case code >= 200 && code < 400:
		return nil
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		hint := "set HF_TOKEN to a token that may read it"
		if c.Token != "" {
			hint = "the token may not read it: accept its conditions on its page, or take another token"
		}
		if code == http.StatusUnauthorized && a.Header.Get("X-Error-Code") == "RepoNotFound" {
			return fmt.Errorf("%w (or it is private: %s)", ErrNotFound, hint)
		}
		return fmt.Errorf("%w (status %d): %s", ErrAuth, code, hint)
	case code == http.StatusNotFound:
		switch a.Header.Get("X-Error-Code") {
		case "RevisionNotFound":
			return fmt.Errorf("%w: no revision %s", ErrNotFound, n.Revision)
		case "EntryNotFound":
			return fmt.Errorf("%w: no such file", ErrNotFound)
		}
		return fmt.Errorf("%w: no such repository or revision", ErrNotFound)
	case code == http.StatusTooManyRequests || code >= 500:
		return temporary{fmt.Errorf("status %d", code), retryAfter(a.Header.Get("Retry-After"))}
	}
	return fmt.Errorf("%w: status %d", ErrServer, code)
}

// retryAfter reads seconds; a date is left to the usual wait.
func retryAfter(s string) time.Duration {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 {
		return 0
	}
	return time.Duration(min(n, 1<<20)) * time.Second
}

// A listing is what the hub says of a revision.
type listing struct {
	Commit   string `json:"sha"`
	Siblings []struct {
		Name string `json:"rfilename"`
	} `json:"siblings"`
}

// list asks for the commit and the files of a revision.
func (c *Client) list(ctx context.Context, n Name) (*listing, error) {
	address := c.Endpoint + "/api/models/" + n.Repo + "/revision/" + url.PathEscape(n.Revision)
	var l listing
	err := c.retry(ctx, n.String(), func() (bool, error) {
		a, err := c.get(ctx, http.MethodGet, address, nil)
		if err != nil {
			return false, err
		}
		defer a.Body.Close()
		if err := c.status(a, n); err != nil {
			return false, err
		}
		raw, err := io.ReadAll(io.LimitReader(a.Body, maxListing+1))
		if err != nil {
			return false, temporary{error: err}
		}
		if len(raw) > maxListing {
			return false, fmt.Errorf("%w: its list of files has more than %d bytes", ErrLimit, maxListing)
		}
		l = listing{}
		if err := json.Unmarshal(raw, &l); err != nil {
			return false, fmt.Errorf("%w: its list of files: %w", ErrServer, err)
		}
		if !commitPattern.MatchString(l.Commit) {
			return false, fmt.Errorf("%w: its commit is %.60q", ErrServer, l.Commit)
		}
		return false, nil
	})
	return &l, err
}
