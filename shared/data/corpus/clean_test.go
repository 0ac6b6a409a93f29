package corpus

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"white space and controls", " a\tgood\u00a0 line\x07 here\u200b ", "a good line here"},
		{"NFC", "Cafe\u0301 noir", "Café noir"},
		{"typographic quotes", "“It’s fine,” she said.", "“It’s fine,” she said."},
		{"few letters", "12 34 5678 (a)", ""},
		{"no letters", "* * *", ""},
		{"one letter", "I", ""},
		{"tokens", "It 's a test , is n't it ? ( Yes . )", "It's a test, isn't it? (Yes.)"},
		{"tokens with joiners", "a 3 @.@ 5 m long @-@ term plan , and 1 @,@ 000 more .", "a 3.5 m long-term plan, and 1,000 more."},
		{"quotes of tokens", `the so @-@ called " red " one , again .`, `the so-called "red" one, again.`},
		{"sounds", "Yeah , {vocalsound} I {disfmarker} I think so .", "Yeah, I I think so."},
		{"braces of others", "the set {a, b} of names", "the set {a, b} of names"},
		{"a word is missing", "The <unk> is a large animal .", ""},
		{"a character is missing", "caf\ufffd is open", ""},
		{"spaced dash stays", "one - two", "one - two"},
	} {
		if got := clean(c.in); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestSentences(t *testing.T) {
	for _, c := range []struct {
		name string
		want []string
	}{
		{"plain", []string{"It rains.", "Does it?", "Yes!"}},
		{"titles and initials", []string{"Mr. Brown met J. R. Smith at No. 5.", "They left."}},
		{"quotes", []string{"“Is it so?”", "“It is.”", "He said “no.”", "She went."}},
		{"lower case goes on", []string{"“Is it so?” he asked.", "No answer... or none that he heard."}},
		{"numbers", []string{"It costs 3.50 dollars.", "2 of them are left."}},
		{"no end mark", []string{"A line without an end"}},
		{"abbreviations", []string{"Fruits, e.g. Apples, are cheap.", "See p. 5 of it."}},
		{"brackets", []string{"It works (mostly.)", "[See there.]", "Done."}},
		{"dash before a title", []string{"He came—Mr. Brown too.", "Fine."}},
	} {
		if got := sentences(strings.Join(c.want, " ")); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// FuzzSentences holds that spans are in order, apart, not empty, and hold all that is not white space.
func FuzzSentences(f *testing.F) {
	f.Add("It rains. “Does it?” Yes! Mr. A. went…")
	f.Add("a.\" B")
	f.Fuzz(func(t *testing.T, s string) {
		var joined strings.Builder
		at := 0
		for _, p := range sentenceSpans(s) {
			if p.start < at || p.end <= p.start || p.end > len(s) {
				t.Fatalf("%q: span %v after %d", s, p, at)
			}
			at = p.end
			joined.WriteString(s[p.start:p.end])
		}
		drop := strings.NewReplacer(" ", "", "\t", "", "\n", "", "\r", "")
		if got, want := drop.Replace(joined.String()), drop.Replace(s); got != want {
			t.Fatalf("%q: sentences hold %q, want %q", s, got, want)
		}
	})
}

// FuzzClean holds that a clean line is one valid line that stays as it is.
func FuzzClean(f *testing.F) {
	f.Add("It 's a test , is n't it ? ( Yes . )")
	f.Add("a\u0301 3 @.@ 5 \" x \" {pause}")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		got := clean(s)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\n\r\t") || strings.Contains(got, "  ") || strings.TrimSpace(got) != got {
			t.Fatalf("%q: got %q", s, got)
		}
	})
}
