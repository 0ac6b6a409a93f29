package demo

import (
	"cmp"
	"errors"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/random"
)

const (
	classes      = 10 // packages to tell apart
	testPerClass = 40 // sentences to score on
	shots        = 8  // sentences to learn from
	shortest     = 6  // words of a labelled sentence
	longest      = 40
	mask         = "package" // stands for a package's name in a labelled sentence
)

var errTooSmall = errors.New("demo: too little text")

// A Corpus is labelled sentences to learn from and others to score on.
type Corpus struct {
	From     string
	Packages []string // the classes
	Pool     []data.Labelled
	Test     []data.Labelled
	Page     Page
}

// NewCorpus chooses the packages with the most to say, at most one of a family such as net or encoding, and deals their sentences by seed.
func NewCorpus(lib Library, seed uint64) (Corpus, error) {
	c := Corpus{From: lib.From, Page: lib.page(40)}
	usable := map[string][]string{}
	owner := map[string]string{}
	for _, s := range lib.Sentences {
		if n := len(strings.Fields(s.Text)); n < shortest || n > longest || hidden(s.Package) {
			continue
		}
		if first, ok := owner[s.Text]; ok && first != s.Package {
			owner[s.Text] = "" // said of several packages: no use as an example
			continue
		}
		owner[s.Text] = s.Package
		usable[s.Package] = append(usable[s.Package], s.Text)
	}
	for p, list := range usable {
		usable[p] = slices.DeleteFunc(list, func(s string) bool { return owner[s] != p })
	}
	c.Packages = choose(usable)
	if len(c.Packages) < 2 {
		return c, errTooSmall
	}
	masked := masker(c.Packages)
	for _, p := range c.Packages {
		list := usable[p]
		test := min(testPerClass, len(list)/2)
		for i, j := range random.Perm(random.Key(seed, "demo.deal/"+p), len(list)) {
			row := data.Labelled{Text: masked(list[j]), Label: p}
			if i < test {
				c.Test = append(c.Test, row)
			} else {
				c.Pool = append(c.Pool, row)
			}
		}
	}
	return c, nil
}

// hidden packages have documentation that nobody reads, or that repeats itself.
func hidden(pkg string) bool {
	return strings.Contains("/"+pkg+"/", "/internal/") || strings.HasPrefix(pkg, "simd/") || pkg == "syscall"
}

// choose picks the packages with the most sentences, one of each family, in order of name. Each must have enough to learn from and to score on.
func choose(usable map[string][]string) []string {
	var all []string
	for p, list := range usable {
		if len(list) >= 2*shots {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(usable[b]), len(usable[a])), cmp.Compare(a, b))
	})
	var chosen []string
	taken := map[string]bool{}
	for _, p := range all {
		family, _, _ := strings.Cut(p, "/")
		if taken[family] || len(chosen) == classes {
			continue
		}
		taken[family] = true
		chosen = append(chosen, p)
	}
	slices.Sort(chosen)
	return chosen
}

// masker gives a function that hides the packages' names, whole paths and last elements, in any case.
func masker(packages []string) func(string) string {
	var names []string
	for _, p := range packages {
		names = append(names, p, path.Base(p))
	}
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) }) // paths before their parts
	for i, n := range names {
		names[i] = regexp.QuoteMeta(n)
	}
	re := regexp.MustCompile(`(?i)\b(` + strings.Join(names, "|") + `)\b`)
	return func(s string) string { return re.ReplaceAllString(s, mask) }
}
