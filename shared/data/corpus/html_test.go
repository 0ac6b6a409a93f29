package corpus

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// page reads an HTML text as readHTML does.
func page(t testing.TB, text string) (documents [][]string, dropped []string, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	err = readHTML(location{path, path}, func(d *document) error {
		var lines []string
		for _, l := range d.lines {
			lines = append(lines, l.text)
		}
		documents = append(documents, lines)
		return nil
	}, func(s string) { dropped = append(dropped, s) })
	return documents, dropped, err
}

func TestHTML(t *testing.T) {
	docs, dropped, err := page(t, `<html><head><title>Never read</title><script>if (a < b) { x() }</script></head><body>
<nav><ul><li>Home</li></ul></nav>
<h1>Cards</h1><p>Your <b>card</b> is on its
way &amp; safe. It takes <code>two</code> days.</p><p>Back</p>
<pre>$ ls -l; rm x</pre><ul><li>You can track it here.</li></ul>
<table><tr><td>A table has numbers. 1 2 3</td></tr></table>
<h2>Accounts</h2><p>Open one in a minute.<br>Close it at any time.</p></body></html>`)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"Your card is on its way & safe.", "It takes two days.", "You can track it here."},
		{"Open one in a minute.", "Close it at any time."},
	}
	if !slices.EqualFunc(docs, want, slices.Equal) {
		t.Errorf("got %q, want %q", docs, want)
	}
	if want := []string{"Cards", "Back", "Accounts"}; !slices.Equal(dropped, want) {
		t.Errorf("dropped %q, want %q", dropped, want)
	}
}

func TestHTMLNotUTF8(t *testing.T) {
	if _, _, err := page(t, "<p>caf\xe9 is open today.</p>"); err == nil {
		t.Error("a page that isn't UTF-8 passed")
	}
}

func FuzzHTML(f *testing.F) {
	f.Add("<p>One. Two.</p><h1>x</h1><pre><pre></pre>")
	f.Add("<table><p>a</table><script><!--</script>")
	f.Fuzz(func(t *testing.T, text string) {
		docs, _, err := page(t, text)
		if err != nil {
			return
		}
		for _, d := range docs {
			if len(d) == 0 {
				t.Error("got an empty document")
			}
		}
	})
}
