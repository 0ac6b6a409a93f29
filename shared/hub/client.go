package hub

import (
	"cmp"
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

	setting error // what New found wrong
}

const defaultEndpoint = "https://huggingface.co"

// New reads the settings that huggingface_hub reads, with its precedence. An empty variable counts as unset. A value that can't be used
// is an error of Pull (ErrSetting): whoever names a folder needs none of them.
//
//	Endpoint  HF_ENDPOINT
//	Cache     HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, or hub in the home folder, which is HF_HOME, XDG_CACHE_HOME/huggingface or ~/.cache/huggingface
//	Token     HF_TOKEN, HUGGING_FACE_HUB_TOKEN, or the file HF_TOKEN_PATH or token in the home folder; none with HF_HUB_DISABLE_IMPLICIT_TOKEN
//	Offline   HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE
//	Copy      HF_HUB_DISABLE_SYMLINKS
func New(env func(string) string) *Client {
	c := &Client{
		Endpoint: strings.TrimRight(cmp.Or(env("HF_ENDPOINT"), defaultEndpoint), "/"),
		Offline:  isTrue(cmp.Or(env("HF_HUB_OFFLINE"), env("TRANSFORMERS_OFFLINE"))),
		Copy:     isTrue(env("HF_HUB_DISABLE_SYMLINKS")),
	}
	if u, err := url.Parse(c.Endpoint); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.User != nil {
		c.setting = fmt.Errorf("hub: %w: HF_ENDPOINT is no address such as %s", ErrSetting, defaultEndpoint)
		return c
	}
	home := homeFolder(env)
	switch v := cmp.Or(env("HF_HUB_CACHE"), env("HUGGINGFACE_HUB_CACHE")); {
	case v != "":
		c.Cache = expand(v, env)
	case home != "":
		c.Cache = filepath.Join(home, "hub")
	default:
		c.setting = fmt.Errorf("hub: %w: none of HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME and HOME says where the cache is", ErrSetting)
		return c
	}
	c.Token, c.setting = findToken(env, home)
	return c
}

// findToken gives the token that belongs to the environment, empty for none.
func findToken(env func(string) string, home string) (string, error) {
	if isTrue(env("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
		return "", nil
	}
	if t := clean(cmp.Or(env("HF_TOKEN"), env("HUGGING_FACE_HUB_TOKEN"))); t != "" {
		return t, nil
	}
	path := expand(env("HF_TOKEN_PATH"), env)
	if path == "" && home != "" {
		path = filepath.Join(home, "token")
	}
	if path == "" {
		return "", nil
	}
	return readToken(path)
}

// homeFolder is where huggingface_hub keeps its things, empty if nothing says.
func homeFolder(env func(string) string) string {
	if v := env("HF_HOME"); v != "" {
		return expand(v, env)
	}
	if v := env("XDG_CACHE_HOME"); v != "" {
		return expand(filepath.Join(v, "huggingface"), env)
	}
	if home := userHome(env); home != "" {
		return filepath.Join(home, ".cache", "huggingface")
	}
	return ""
}

func userHome(env func(string) string) string {
	return cmp.Or(env("HOME"), env("USERPROFILE"))
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
		return "", fmt.Errorf("hub: %w: token: %w", ErrSetting, err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, 4<<10))
	if err != nil {
		return "", fmt.Errorf("hub: %w: token: %w", ErrSetting, err)
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
