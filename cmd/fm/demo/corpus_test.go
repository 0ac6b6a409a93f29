package demo

import (
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/data"
)

// TestCorpus holds what makes the demo's figures honest, for both texts.
func TestCorpus(t *testing.T) {
	libraries := map[string]Library{"fallback": Fallback()}
	if root := GOROOT(t.Context()); root != "" {
		lib, err := ReadGOROOT(t.Context(), root)
		if err != nil {
			t.Fatal(err)
		}
		if len(lib.Sentences) < 5000 {
			t.Errorf("%d sentences under %s, want thousands", len(lib.Sentences), root)
		}
		libraries["GOROOT"] = lib
	}
	for name, lib := range libraries {
		t.Run(name, func(t *testing.T) {
			c, err := NewCorpus(lib, 1)
			if err != nil {
				t.Fatal(err)
			}
			count := map[string]int{}
			for _, r := range c.Test {
				count[r.Label]++
				if slices.ContainsFunc(c.Pool, func(p data.Labelled) bool { return p.Text == r.Text }) {
					t.Errorf("test sentence is among those to learn from: %q", r.Text)
				}
			}
			for _, p := range c.Packages {
				if count[p] < shots {
					t.Errorf("%s has %d test sentences", p, count[p])
				}
				for _, r := range slices.Concat(c.Test, c.Pool) {
					if strings.Contains(" "+r.Text+" ", " "+p+" ") {
						t.Errorf("%q names %s", r.Text, p)
					}
				}
			}
			if _, err := data.Shots(labels(c.Pool), shots, 1); err != nil {
				t.Error(err)
			}
			if again, _ := NewCorpus(lib, 1); !slices.Equal(again.Test, c.Test) {
				t.Error("the same seed deals other test sentences")
			}
			if other, _ := NewCorpus(lib, 2); slices.Equal(other.Test, c.Test) {
				t.Error("another seed deals the same test sentences")
			}
			if len(c.Page.Sentences) < 10 {
				t.Errorf("page %q has %d sentences", c.Page.Package, len(c.Page.Sentences))
			}
		})
	}
}

func TestMasker(t *testing.T) {
	masked := masker([]string{"net/http", "time", "encoding/json/v2"})
	for in, want := range map[string]string{
		"Package http wraps net/http and Time.": "Package package wraps package and package.",
		"timeout of http.Client":                "timeout of package.Client",
		"encoding/json/v2 is a v2":              "package is a package",
	} {
		if got := masked(in); got != want {
			t.Errorf("masked %q = %q, want %q", in, got, want)
		}
	}
}

func TestTooLittleText(t *testing.T) {
	if _, err := NewCorpus(Library{Sentences: []Sentence{{"os", "One sentence with some words in it."}}}, 1); err == nil {
		t.Error("a corpus of one sentence was accepted")
	}
}

// labels of rows.
func labels(rows []data.Labelled) []string {
	all := make([]string, len(rows))
	for i, r := range rows {
		all[i] = r.Label
	}
	return all
}
