package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	maxRedirects = 10
	defaultStall = 30 * time.Second
)

// errStalled ends a request that has been silent for too long.
var errStalled = fmt.Errorf("%w: it fell silent", ErrUnreachable)

// do sends a request and follows redirects until done says that an answer will do, nil meaning the first that is no redirect. Only the endpoint
// gets the token. The answer is a success or such a redirect; the caller closes its body, whose reads end when the
// hub has been silent for too long.
func (c *Client) do(ctx context.Context, method, address string, header http.Header, done func(*http.Response) bool) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	stall := c.Stall
	if stall <= 0 {
		stall = defaultStall
	}
	w := &watch{ctx: ctx, cancel: cancel, stall: stall, timer: time.AfterFunc(stall, func() { cancel(errStalled) })}
	at, err := url.Parse(address)
	if err != nil {
		w.end()
		return nil, fmt.Errorf("%w: bad address", ErrProtocol)
	}
	for range maxRedirects {
		res, err := c.send(ctx, method, at, header)
		if err != nil {
			err = w.cause(err)
			w.end()
			return nil, err
		}
		w.timer.Reset(stall)
		res.Body = &watchedBody{res.Body, w}
		if done != nil && done(res) || res.StatusCode/100 == 2 {
			return res, nil
		}
		next, err := redirect(at, res)
		if err == nil && next == nil {
			err = newStatusError(res, c.now(), !c.ours(at))
		}
		if err != nil {
			res.Body.Close()
			return nil, err
		}
		res.Body.(*watchedBody).ReadCloser.Close()
		at = next
	}
	w.end()
	return nil, fmt.Errorf("%w: more than %d redirects", ErrProtocol, maxRedirects)
}

// send sends one request.
func (c *Client) send(ctx context.Context, method string, at *url.URL, header http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, at.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("%w: bad address", ErrProtocol)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("User-Agent", "fmkit")
	req.Header.Set("Accept-Encoding", "identity") // sizes are those of the files
	if c.Token != "" && c.ours(at) {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	transport := c.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return nil, unreachable(at, err)
	}
	return res, nil
}

// ours says whether an address is the endpoint's: its host by the same scheme and port.
func (c *Client) ours(at *url.URL) bool {
	own, err := url.Parse(c.Endpoint)
	return err == nil && strings.EqualFold(own.Scheme, at.Scheme) && strings.EqualFold(own.Host, at.Host)
}

// redirect gives the address that an answer sends to, nil if it is no redirect.
func redirect(at *url.URL, res *http.Response) (*url.URL, error) {
	switch res.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, nil
	}
	location := res.Header.Get("Location")
	next, err := at.Parse(location)
	if err != nil || location == "" || next.Host == "" || next.Scheme != "https" && next.Scheme != at.Scheme {
		return nil, fmt.Errorf("%w: %s redirects to no address that may be followed", ErrProtocol, at.Host)
	}
	next.User = nil
	return next, nil
}

// unreachable is the error of a request that got no answer. It leaves the address out: those of redirects hold signatures.
func unreachable(at *url.URL, err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	return fmt.Errorf("%w: %s: %w", ErrUnreachable, at.Host, err)
}

// getAll reads a whole answer of at most limit bytes.
func (c *Client) getAll(ctx context.Context, address string, limit int64) ([]byte, error) {
	res, err := c.do(ctx, http.MethodGet, address, nil, nil)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	if err != nil {
		return nil, unreachable(res.Request.URL, err)
	}
	if int64(len(raw)) > limit {
		return nil, fmt.Errorf("%w: the answer has more than %d bytes", ErrLimit, limit)
	}
	return raw, nil
}

// A watch ends a request that is silent for too long.
type watch struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	stall  time.Duration
	timer  *time.Timer
}

// end frees what the watch holds.
func (w *watch) end() {
	w.timer.Stop()
	w.cancel(nil)
}

// cause says why a request ended that its context ended.
func (w *watch) cause(err error) error {
	if w.ctx.Err() != nil {
		return context.Cause(w.ctx)
	}
	return err
}

// A watchedBody is a body under watch.
type watchedBody struct {
	io.ReadCloser
	w *watch
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.w.timer.Reset(b.w.stall)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = b.w.cause(err)
	}
	return n, err
}

func (b *watchedBody) Close() error {
	defer b.w.end()
	return b.ReadCloser.Close()
}
