package hub

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Client says where models come from and where they go. The fields may be changed before its first use; then it is safe for concurrent use.
type Client struct {
	Endpoint string // https://huggingface.co, or another hub
	Cache    string // folder of the cache
	Token    string // "": none
	Offline  bool   // use what is in the cache, ask nobody

	HTTP     *http.Client                        // nil: one with time limits
	Log      func(line string)                   // what is worth knowing; nil: nobody is told
	Progress func(file string, done, size int64) // bytes of a file; nil: nobody is told
	MaxBytes int64                               // of all files of a model; 0: 64 GiB

	wait func(ctx context.Context, d time.Duration) error // between tries
	idle time.Duration                                    // the longest time without a byte
	once sync.Once
	http *http.Client
}

const (
	defaultEndpoint = "https://huggingface.co"
	defaultMaxBytes = 64 << 30
	defaultIdle     = time.Minute
)

// New reads the variables of the Python library huggingface_hub through env: HF_ENDPOINT, HF_HUB_CACHE, HF_HOME, HF_TOKEN, HF_TOKEN_PATH,
// HF_HUB_OFFLINE, with XDG_CACHE_HOME and HOME behind them.
func New(env func(string) string) (*Client, error) {
	first := func(names ...string) string {
		for _, n := range names {
			if v := strings.TrimSpace(env(n)); v != "" {
				return v
			}
		}
		return ""
	}
	c := &Client{Endpoint: defaultEndpoint, Token: first("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")}
	if e := first("HF_ENDPOINT"); e != "" {
		c.Endpoint = strings.TrimRight(e, "/")
	}
	home := first("HOME", "USERPROFILE")
	expand := func(path string) string {
		if path == "~" || strings.HasPrefix(path, "~/") {
			return home + path[1:]
		}
		return path
	}
	root := expand(first("HF_HOME"))
	if root == "" {
		base := expand(first("XDG_CACHE_HOME"))
		if base == "" && home != "" {
			base = filepath.Join(home, ".cache")
		}
		if base != "" {
			root = filepath.Join(base, "huggingface")
		}
	}
	if c.Cache = expand(first("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE")); c.Cache == "" {
		if root == "" {
			return nil, fmt.Errorf("hub: no place for a cache: set HF_HOME or HF_HUB_CACHE")
		}
		c.Cache = filepath.Join(root, "hub")
	}
	if c.Token == "" {
		path := expand(first("HF_TOKEN_PATH"))
		if path == "" && root != "" {
			path = filepath.Join(root, "token")
		}
		if raw, err := os.ReadFile(path); err == nil && len(raw) < 4096 {
			c.Token = strings.TrimSpace(string(raw))
		}
	}
	on := []string{"1", "ON", "YES", "TRUE"}
	c.Offline = slices.Contains(on, strings.ToUpper(env("HF_HUB_OFFLINE"))) || slices.Contains(on, strings.ToUpper(env("TRANSFORMERS_OFFLINE")))
	return c, c.check()
}

// check refuses an endpoint that isn't one.
func (c *Client) check() error {
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" {
		return fmt.Errorf("hub: HF_ENDPOINT: got %.100q, want an address such as %s", c.Endpoint, defaultEndpoint)
	}
	if strings.ContainsAny(c.Token, "\r\n\x00") {
		return fmt.Errorf("hub: HF_TOKEN: it has a line end")
	}
	return nil
}

func (c *Client) logf(format string, args ...any) {
	if c.Log != nil {
		c.Log(fmt.Sprintf(format, args...))
	}
}

// httpClient never follows redirects: where they lead decides whether the token goes along.
func (c *Client) httpClient() *http.Client {
	c.once.Do(func() {
		h := http.Client{Transport: transport()}
		if c.HTTP != nil {
			h = *c.HTTP
		}
		h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		c.http = &h
	})
	return c.http
}

func transport() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.ResponseHeaderTimeout = defaultIdle
	t.DisableCompression = true // sizes are those of the files
	return t
}

// sleep waits, unless ctx ends first.
func (c *Client) sleep(ctx context.Context, d time.Duration) error {
	if c.wait != nil {
		return c.wait(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
