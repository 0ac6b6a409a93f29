package hub

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseName(t *testing.T) {
	for name, want := range map[string]ref{
		"org/name":                        {"org/name", "main"},
		"a/b@v1.0":                        {"a/b", "v1.0"},
		"Org_1/my.model-2@refs/pr/12":     {"Org_1/my.model-2", "refs/pr/12"},
		"org/name@" + commitA:             {"org/name", commitA},
		"o/" + strings.Repeat("n", 96):    {"o/" + strings.Repeat("n", 96), "main"},
		"org/name@feature/with-some_dots": {"org/name", "feature/with-some_dots"},
	} {
		if got, err := parseName(name); err != nil || got != want {
			t.Errorf("%q: got %v, %v, want %v", name, got, err, want)
		}
	}
	for _, name := range []string{
		"", "name", "/", "org/", "/name", "a/b/c", "org//name", "../name", "org/..", "org/.name", "org/name.", "-org/name", "org/na--me", "org/na..me",
		"org/name.git", "org/na me", "org/näme", "org\\name", "org/name\x00", "C:/name", "o/" + strings.Repeat("n", 97),
		"org/name@", "org/name@..", "org/name@../main", "org/name@/main", "org/name@a//b", "org/name@a\\b", "org/name@a b", "org/name@a@b", "org/name@a:b",
		"org/name@a~1", "org/name@\x07", "org/name@" + strings.Repeat("r", 201), "org/name@con", "https://huggingface.co/org/name",
	} {
		if got, err := parseName(name); !errors.Is(err, ErrName) {
			t.Errorf("%q: got %v, %v, want %v", name, got, err, ErrName)
		}
	}
}

const commitA = "0123456789abcdef0123456789abcdef01234567"

// hostile are names that no server or archive may have written.
var hostile = []string{
	"", "/etc/passwd", "../x", "a/../../x", "a/..", "..", ".", "./x", "a//b", "a/", "/", `a\b`, `..\x`, `\\host\share`, "C:x", `C:\x`, "a/D:b", "a\x00b", "a\nb", "a\x1b[2Jb", "a\u0085b",
	"\xff\xfe", strings.Repeat("a", 256), strings.Repeat("abcdefg/", 64) + "x",
}

func TestInside(t *testing.T) {
	for _, name := range hostile {
		if err := inside(name); !errors.Is(err, ErrUnsafeName) {
			t.Errorf("%q: got %v, want %v", name, err, ErrUnsafeName)
		}
	}
	for _, name := range []string{"a", "a/b/c.json", ".gitattributes", "...", "a..b", "fig: one.png", "aux.py", "日本/モデル.bin", strings.Repeat("a", 255)} {
		if err := inside(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestWritable(t *testing.T) {
	for _, name := range append(hostile, "con", "NUL.safetensors", "a/Aux.json", "com1", "lpt¹.txt", "CONIN$", "a:b", "fig: one", "a*", "what?", "a.", "a ", " a", "a./b", "nul .txt") {
		if err := writable(name); !errors.Is(err, ErrUnsafeName) {
			t.Errorf("%q: got %v, want %v", name, err, ErrUnsafeName)
		}
	}
	for _, name := range []string{"config.json", "1_Pooling/config.json", "model-00001-of-00002.safetensors", "console.json", "com.json", "comet1"} {
		if err := writable(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// FuzzNames: what passes is inside its folder on any system, and reading it again gives the same.
func FuzzNames(f *testing.F) {
	for _, name := range append(hostile, "org/name@main", "a/b/c.json", "org/name", "1_Pooling/config.json") {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if err := writable(name); err == nil {
			if !filepath.IsLocal(filepath.FromSlash(name)) || strings.ContainsAny(name, "\\\x00:") || filepath.ToSlash(filepath.Clean(name)) != name {
				t.Errorf("%q passes", name)
			}
			if inside(name) != nil {
				t.Errorf("%q is writable and not inside", name)
			}
		}
		r, err := parseName(name)
		if err != nil {
			return
		}
		if again, err := parseName(r.String()); err != nil || again != r {
			t.Errorf("%q is %v, and then %v, %v", name, r, again, err)
		}
		if strings.Count(r.repo, "/") != 1 || !filepath.IsLocal(filepath.FromSlash(r.revision)) {
			t.Errorf("%q gives %v", name, r)
		}
	})
}
