package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A Client fetches models. New makes one; the fields may be changed before its first use, and then it is safe for concurrent use.
type Client struct {
	Endpoint string // of the hub, without a slash at the end
	Cache    string // folder of the cache, made when first written to
	Token    string // sent to Endpoint and nowhere else; empty for none
	Offline  bool   // never ask the hub
	Copy     bool   // put copies into snapshots instead of links

	MaxBytes int64         // most bytes of one model; 0 means 32 GiB
	Attempts int           // tries of a request before the hub counts as unreachable; 0 means 5
	Stall    time.Duration // longest silence of the hub within a request; 0 means 30 seconds

	Transport http.RoundTripper                          // nil means http.DefaultTransport
	Sleep     func(context.Context, time.Duration) error // between tries; nil means really
	Now       func() time.Time                           // nil means time.Now

	Progress func(file string, done, total int64)  // bytes of the file that are there; nil for none
	Log      func(format string, arguments ...any) // what a user should know, a line each; nil for none
}

const defaultEndpoint = "https://huggingface.co"

// New reads the settings that huggingface_hub reads, with its precedence. An empty variable counts as unset.
//
//	Endpoint  HF_ENDPOINT
//	Cache     HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, or hub in the home folder, which is HF_HOME, XDG_CACHE_HOME/huggingface or ~/.cache/huggingface
//	Token     HF_TOKEN, HUGGING_FACE_HUB_TOKEN, or the file HF_TOKEN_PATH or token in the home folder; none with HF_HUB_DISABLE_IMPLICIT_TOKEN
//	Offline   HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE
//	Copy      HF_HUB_DISABLE_SYMLINKS
func New(env func(string) string) (*Client, error) {
	first := func(names ...string) string {
		for _, name := range names {
			if v := env(name); v != "" {
				return v
			}
		}
		return ""
	}
	c := &Client{
		Endpoint: strings.TrimRight(first("HF_ENDPOINT"), "/"),
		Offline:  isTrue(first("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")),
		Copy:     isTrue(env("HF_HUB_DISABLE_SYMLINKS")),
	}
	if c.Endpoint == "" {
		c.Endpoint = defaultEndpoint
	}
	if u, err := url.Parse(c.Endpoint); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("hub: HF_ENDPOINT: %w: got %q, want an address such as %s", ErrSetting, c.Endpoint, defaultEndpoint)
	}
	home, err := homeFolder(env)
	if err != nil {
		return nil, err
	}
	c.Cache = filepath.Join(home, "hub")
	if v := first("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"); v != "" {
		c.Cache = expand(v, env)
	}
	if isTrue(env("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
		return c, nil
	}
	if c.Token = clean(first("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")); c.Token != "" {
		return c, nil
	}
	path := filepath.Join(home, "token")
	if v := env("HF_TOKEN_PATH"); v != "" {
		path = expand(v, env)
	}
	c.Token, err = readToken(path)
	return c, err
}

// homeFolder is where huggingface_hub keeps its things.
func homeFolder(env func(string) string) (string, error) {
	if v := env("HF_HOME"); v != "" {
		return expand(v, env), nil
	}
	if v := env("XDG_CACHE_HOME"); v != "" {
		return expand(filepath.Join(v, "huggingface"), env), nil
	}
	if userHome(env) == "" {
		return "", fmt.Errorf("hub: %w: none of HF_HOME, XDG_CACHE_HOME and HOME says where the cache is", ErrSetting)
	}
	return filepath.Join(userHome(env), ".cache", "huggingface"), nil
}

func userHome(env func(string) string) string {
	if v := env("HOME"); v != "" {
		return v
	}
	return env("USERPROFILE")
}

// expand puts values for $NAME and ${NAME} and the user's home for a ~ at the start.
func expand(path string, env func(string) string) string {
	path = os.Expand(path, func(name string) string {
		if v := env(name); v != "" {
			return v
		}
		return "$" + name
	})
	if rest, ok := strings.CutPrefix(path, "~"); ok && (rest == "" || os.IsPathSeparator(rest[0])) {
		if home := userHome(env); home != "" {
			return home + rest
		}
	}
	return path
}

func isTrue(v string) bool {
	switch strings.ToUpper(v) {
	case "1", "ON", "YES", "TRUE":
		return true
	}
	return false
}

// clean strips what an editor leaves around a token.
func clean(token string) string {
	return strings.TrimSpace(strings.NewReplacer("\r", "", "\n", "").Replace(token))
}

// readToken reads a token file; a missing one is no token.
func readToken(path string) (string, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("hub: token: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, 4<<10))
	if err != nil {
		return "", fmt.Errorf("hub: token: %w", err)
	}
	return clean(string(raw)), nil
}

func (c *Client) logf(format string, arguments ...any) {
	if c.Log != nil {
		c.Log(format, arguments...)
	}
}

func (c *Client) progress(file string, done, total int64) {
	if c.Progress != nil {
		c.Progress(file, done, total)
	}
}

// maxBytes is the limit on one model.
func (c *Client) maxBytes() int64 {
	if c.MaxBytes > 0 {
		return c.MaxBytes
	}
	return defaultMaxBytes
}

// defaultMaxBytes bounds a model of a hub or an archive unless the caller says otherwise.
const defaultMaxBytes = 32 << 30
