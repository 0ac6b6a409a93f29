package demo

import (
	_ "embed"
	"strings"
)

//go:embed fallback.txt
var fallbackText string

// Fallback is a small text of our own about everyday things, for where there is no Go installation. A line that begins with # names the topic of
// those below it.
func Fallback() Library {
	lib := Library{From: "the text that comes with this program"}
	for line := range strings.Lines(fallbackText) {
		line = strings.TrimSpace(line)
		if topic, ok := strings.CutPrefix(line, "# "); ok {
			lib.Pages = append(lib.Pages, Page{Package: topic})
			continue
		}
		page := &lib.Pages[len(lib.Pages)-1]
		page.Sentences = append(page.Sentences, line)
		lib.Sentences = append(lib.Sentences, Sentence{page.Package, line})
	}
	return lib
}
