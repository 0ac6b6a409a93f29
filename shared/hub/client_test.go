package hub_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/hub"
)

// TestNew holds the settings to huggingface_hub's precedence.
func TestNew(t *testing.T) {
	home := t.TempDir()
	for name, token := range map[string]string{".cache/huggingface/token": "of home\r\n", "hf/token": " of HF_HOME ", "xdg/huggingface/token": "of XDG", "other": "of path"} {
		path := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	hf := filepath.Join(home, "hf")
	for _, c := range []struct {
		name                   string
		env                    map[string]string
		endpoint, cache, token string
		offline, copies        bool
	}{
		{name: "nothing set", endpoint: "https://huggingface.co", cache: home + "/.cache/huggingface/hub", token: "of home"},
		{name: "empty is unset", env: map[string]string{"HF_ENDPOINT": "", "HF_HOME": "", "HF_TOKEN": ""}, endpoint: "https://huggingface.co", cache: home + "/.cache/huggingface/hub", token: "of home"},
		{name: "endpoint", env: map[string]string{"HF_ENDPOINT": "http://hub.example:8080/mirror//"}, endpoint: "http://hub.example:8080/mirror", cache: home + "/.cache/huggingface/hub", token: "of home"},
		{name: "XDG", env: map[string]string{"XDG_CACHE_HOME": "$HOME/xdg"}, cache: home + "/xdg/huggingface/hub", token: "of XDG"},
		{name: "HF_HOME beats XDG", env: map[string]string{"HF_HOME": "~/hf", "XDG_CACHE_HOME": "/x"}, cache: hf + "/hub", token: "of HF_HOME"},
		{name: "old name of the cache", env: map[string]string{"HF_HOME": hf, "HUGGINGFACE_HUB_CACHE": "/old"}, cache: "/old", token: "of HF_HOME"},
		{name: "HF_HUB_CACHE beats all", env: map[string]string{"HF_HOME": hf, "HUGGINGFACE_HUB_CACHE": "/old", "HF_HUB_CACHE": "${HOME}/c/$NONE"}, cache: home + "/c/$NONE", token: "of HF_HOME"},
		{name: "token path", env: map[string]string{"HF_TOKEN_PATH": "~/other"}, token: "of path"},
		{name: "cache without a home", env: map[string]string{"HOME": "", "HF_HUB_CACHE": "/c"}, cache: "/c"},
		{name: "token path to nothing", env: map[string]string{"HF_TOKEN_PATH": "~/none"}},
		{name: "old name of the token", env: map[string]string{"HUGGING_FACE_HUB_TOKEN": "old"}, token: "old"},
		{name: "HF_TOKEN beats all", env: map[string]string{"HF_TOKEN": "new\n", "HUGGING_FACE_HUB_TOKEN": "old", "HF_TOKEN_PATH": "~/other"}, token: "new"},
		{name: "no token by wish", env: map[string]string{"HF_TOKEN": "new", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "true"}},
		{name: "offline", env: map[string]string{"HF_HUB_OFFLINE": "On"}, token: "of home", offline: true},
		{name: "offline by transformers", env: map[string]string{"TRANSFORMERS_OFFLINE": "1"}, token: "of home", offline: true},
		{name: "not offline", env: map[string]string{"HF_HUB_OFFLINE": "0", "TRANSFORMERS_OFFLINE": "1"}, token: "of home"},
		{name: "copies", env: map[string]string{"HF_HUB_DISABLE_SYMLINKS": "yes"}, token: "of home", copies: true},
		{name: "Windows", env: map[string]string{"HOME": "", "USERPROFILE": home}, token: "of home"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := hub.New(func(name string) string {
				if v, ok := c.env[name]; ok || name != "HOME" {
					return v
				}
				return home
			})
			if c.endpoint != "" && got.Endpoint != c.endpoint {
				t.Errorf("endpoint %q, want %q", got.Endpoint, c.endpoint)
			}
			if want := filepath.FromSlash(c.cache); c.cache != "" && got.Cache != want {
				t.Errorf("cache %q, want %q", got.Cache, want)
			}
			if got.Token != c.token {
				t.Errorf("token %q, want %q", got.Token, c.token)
			}
			if got.Offline != c.offline || got.Copy != c.copies {
				t.Errorf("offline %v, copies %v, want %v, %v", got.Offline, got.Copy, c.offline, c.copies)
			}
		})
	}
	for _, env := range []map[string]string{
		{"HF_ENDPOINT": "huggingface.co"},
		{"HF_ENDPOINT": "ftp://hub.example"},
		{"HF_ENDPOINT": "https://user:secret@hub.example"},
		{"HF_ENDPOINT": "https://hub.example/?a=b"},
		{"HF_ENDPOINT": "https://"},
		{"HOME": ""},
		{"HF_TOKEN_PATH": home}, // a folder
	} {
		c := hub.New(func(name string) string {
			if v, ok := env[name]; ok || name != "HOME" {
				return v
			}
			return home
		})
		if _, err := c.Pull(t.Context(), "org/name"); !errors.Is(err, hub.ErrSetting) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v: got %v, want %v", env, err, hub.ErrSetting)
		}
		if _, err := c.Resolve(t.Context(), home); err != nil {
			t.Errorf("%v: a folder: %v", env, err)
		}
	}
}
