package text

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// TestSpeller: whatever tokens come, the pieces are what Decode makes of them all, and no piece ends inside a character.
func TestSpeller(t *testing.T) {
	draw := random.New(random.Key(1, "speller"))
	for _, dir := range []string{"wordpiece", "wordpiece-cased", "bytelevel", "roberta", "modernbert"} {
		tok, err := tokenizer.Load("tokenizer/testdata/" + dir + "/tokenizer.json")
		if err != nil {
			t.Fatal(err)
		}
		for range 300 {
			ids := make([]int32, draw.IntN(30))
			for i := range ids {
				ids[i] = int32(draw.IntN(tok.VocabSize()))
			}
			checkSpeller(t, tok, tok.AppendIDs(nil, "a prompt, très bien"), ids)
			checkSpeller(t, tok, nil, ids)
			if mask := tok.Roles().Mask; mask >= 0 {
				checkSpeller(t, tok, append(tok.AppendIDs(nil, "a prompt"), slices.Repeat([]int32{mask}, 2*spellContext)...), ids)
			}
			checkSpeller(t, tok, tok.AppendIDs(nil, "日本"), tok.AppendIDs(nil, "語 é🙂🙂, don't do not. x"))
		}
	}
}

func checkSpeller(t *testing.T, tok *tokenizer.Tokenizer, before, ids []int32) {
	t.Helper()
	var s speller
	s.reset(tok, before)
	var text strings.Builder
	all := append([]int32(nil), before...)
	for _, id := range ids {
		if tok.IsSpecial(id) {
			continue
		}
		all = append(all, id)
		piece := s.add(id)
		if !utf8.ValidString(piece) {
			t.Fatalf("%v: piece %q isn't UTF-8", ids, piece)
		}
		text.WriteString(piece)
	}
	text.WriteString(s.rest())
	if got, want := tok.Decode(before, true)+text.String(), tok.Decode(all, true); got != want {
		t.Fatalf("%v behind %v: pieces make %q, want %q", ids, before, got, want)
	}
}

// TestSpellerWaits: the bytes of one character come together, and what never becomes one comes at the end.
func TestSpellerWaits(t *testing.T) {
	tok, err := tokenizer.Load("tokenizer/testdata/bytelevel/tokenizer.json")
	if err != nil {
		t.Fatal(err)
	}
	var s speller
	s.reset(tok, nil)
	ids := tok.AppendIDs(nil, "\U0001F980")
	if len(ids) < 2 {
		t.Fatalf("a crab is %d tokens: the test needs several", len(ids))
	}
	for _, id := range ids[:len(ids)-1] {
		if piece := s.add(id); piece != "" {
			t.Errorf("got %q before the character was whole", piece)
		}
	}
	if got := s.rest(); got != string(utf8.RuneError) {
		t.Errorf("rest: got %q", got)
	}
	if got := s.add(ids[len(ids)-1]); got != "\U0001F980" {
		t.Errorf("got %q, want the whole character", got)
	}
}
