package tokenizer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/text/tokenizer"
)

// words gives a WordPiece tokenizer that knows some words.
func words(t *testing.T, pre string, vocabulary ...string) *tokenizer.Tokenizer {
	t.Helper()
	var b strings.Builder
	for i, w := range vocabulary {
		fmt.Fprintf(&b, ",%q:%d", w, i+1)
	}
	tok, err := tokenizer.Parse([]byte(file(noNorm, `"normalizer":null`, noPre, `"pre_tokenizer":`+pre, vocab, `"vocab":{"[UNK]":0`+b.String()+`}`)))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// TestBehaviors: what becomes of matches, with the example of the library's documentation.
func TestBehaviors(t *testing.T) {
	parts := []string{"the", "final", "countdown", "-", "--", "the-", "final-", "-final", "-countdown"}
	for behavior, want := range map[string]string{
		"Removed": "the final countdown", "Isolated": "the - final - - countdown", "MergedWithPrevious": "the- final- - countdown",
		"MergedWithNext": "the -final - -countdown", "Contiguous": "the - final -- countdown",
	} {
		for _, pre := range []string{
			`{"type":"Punctuation","behavior":"` + behavior + `"}`,
			`{"type":"Split","pattern":{"String":"-"},"behavior":"` + behavior + `","invert":false}`,
		} {
			e, err := words(t, pre, parts...).EncodePlain("the-final--countdown")
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(e.Tokens, " "); got != want {
				t.Errorf("%s: got %s, want %s", pre, got, want)
			}
		}
	}
}

// TestDecoders: rules on the list of tokens, one after the other.
func TestDecoders(t *testing.T) {
	for rules, want := range map[string]string{
		`{"type":"WordPiece","prefix":"##","cleanup":false}`:                                                                           "a b",
		`{"type":"Fuse"},{"type":"Replace","pattern":{"String":"ab"},"content":"-"},{"type":"Strip","content":"-","start":9,"stop":0}`: "",
		`{"type":"Replace","pattern":{"String":"b"},"content":"aé"},{"type":"Strip","content":"a","start":1,"stop":0},{"type":"Fuse"}`: "é",
		`{"type":"Strip","content":"b","start":0,"stop":5}`:                                                                            "a",
		`{"type":"Sequence","decoders":[]}`:                                                                                            "ab",
		`{"type":"ByteLevel"}`:                                                                                                         "ab",
	} {
		tok, err := tokenizer.Parse([]byte(file(vocab, `"vocab":{"[UNK]":0,"a":1,"b":2}`, noDec, decoder(rules))))
		if err != nil {
			t.Fatal(err)
		}
		if got := tok.Decode([]int32{1, 2}, false); got != want {
			t.Errorf("%s: got %q, want %q", rules, got, want)
		}
	}
}

// TestAddedWhiteSpace: tokens that take white space, next to tokens that are white space. The last is where we differ from the library, which
// gives the second token all that is left, and so on.
func TestAddedWhiteSpace(t *testing.T) {
	added := `"added_tokens":[{"id":3,"content":"<r>","rstrip":true},{"id":4,"content":"  "},{"id":5,"content":"<l>","lstrip":true},{"id":6,"content":"\n","rstrip":true},`
	tok, err := tokenizer.Parse([]byte(file(`"added_tokens":[`, added, noNorm, `"normalizer":null`)))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]string{
		"a<r>   a":  {"a", "<r>   ", "  ", "a"},
		"a   <l>a":  {"a", "  ", " <l>", "a"},
		"<r>  <l>a": {"<r>  ", "  ", "<l>", "a"},
		"\n\n\na":   {"\n\n\n", "\n", "\n", "a"},
	} {
		e, err := tok.EncodePlain(text)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(e.Tokens, want) {
			t.Errorf("%q: got %q, want %q", text, e.Tokens, want)
		}
	}
}
