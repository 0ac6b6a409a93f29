package tokenizer_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/text/tokenizer"
)

// TestFrame: what a caller puts together by the frame is what Encode and EncodePair give.
func TestFrame(t *testing.T) {
	all := small(t)
	for _, name := range []string{"wordpiece", "roberta", "modernbert", "rules-bytelevel", "bytelevel", "folder-bert-options", "folder-roberta-options", "tiny"} {
		tok, ok := all[name]
		if !ok {
			t.Fatalf("no tokenizer %s", name)
		}
		tok = without(t, tok)
		for i, a := range texts {
			b := texts[(i+1)%len(texts)]
			f := tok.Frame(false)
			e, err := tok.Encode(a)
			if err != nil {
				t.Fatal(err)
			}
			ids, types := f.Append(nil, nil, tok.AppendIDs(nil, a), nil)
			if !slices.Equal(ids, e.IDs) || !slices.Equal(types, e.TypeIDs) {
				t.Errorf("%s: %q: got %v of types %v, want %v of %v", name, a, ids, types, e.IDs, e.TypeIDs)
			}
			f = tok.Frame(true)
			if e, err = tok.EncodePair(a, b); err != nil {
				t.Fatal(err)
			}
			ids, types = f.Append(nil, nil, tok.AppendIDs(nil, a), tok.AppendIDs(nil, b))
			if !slices.Equal(ids, e.IDs) || !slices.Equal(types, e.TypeIDs) {
				t.Errorf("%s: %q and %q: got %v of types %v, want %v of %v", name, a, b, ids, types, e.IDs, e.TypeIDs)
			}
		}
	}
}

// TestFrameParts states the frames of the families in full.
func TestFrameParts(t *testing.T) {
	all := small(t)
	id := func(name, token string) int32 {
		v, ok := all[name].ID(token)
		if !ok {
			t.Fatalf("%s has no %s", name, token)
		}
		return v
	}
	cls, sep := id("wordpiece", "[CLS]"), id("wordpiece", "[SEP]")
	bos, eos := id("roberta", "<s>"), id("roberta", "</s>")
	mcls, msep := id("modernbert", "[CLS]"), id("modernbert", "[SEP]")
	zero, one, two := []int32{0}, []int32{1}, []int32{0, 0}
	for _, c := range []struct {
		name string
		pair bool
		want tokenizer.Frame
	}{
		{"wordpiece", false, tokenizer.Frame{Before: []int32{cls}, BeforeTypes: zero, After: []int32{sep}, AfterTypes: zero}},
		{"wordpiece", true, tokenizer.Frame{Before: []int32{cls}, BeforeTypes: zero, Between: []int32{sep}, BetweenTypes: zero, After: []int32{sep}, AfterTypes: one, SecondType: 1}},
		{"roberta", true, tokenizer.Frame{Before: []int32{bos}, BeforeTypes: zero, Between: []int32{eos, eos}, BetweenTypes: two, After: []int32{eos}, AfterTypes: zero}},
		{"modernbert", true, tokenizer.Frame{Before: []int32{mcls}, BeforeTypes: zero, Between: []int32{msep}, BetweenTypes: zero, After: []int32{msep}, AfterTypes: one, SecondType: 1}},
		{"bytelevel", true, tokenizer.Frame{SecondType: 1}},
	} {
		if got := all[c.name].Frame(c.pair); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s, pair %v: got %+v, want %+v", c.name, c.pair, got, c.want)
		}
	}
}

// TestFrameByRoles: without a post-processor that adds tokens the roles decide.
func TestFrameByRoles(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		want string
	}{
		"BERT":    {file(vocab, `"vocab":{"[UNK]":0,"a":1,"##b":2,"[CLS]":3,"[SEP]":4}`), "[3 1 4 1 4] [0 0 0 1 1]"},
		"RoBERTa": {bpeFile(`"abb":3`, `"abb":3,"<s>":4,"</s>":5`, `"decoder"`, `"post_processor":{"type":"ByteLevel","add_prefix_space":false},"decoder"`), "[4 0 5 5 0 5] [0 0 0 0 0 0]"},
		"neither": {bpeFile(), "[0 0] [0 1]"},
	} {
		tok, err := tokenizer.Parse([]byte(c.file))
		if err != nil {
			t.Fatal(err)
		}
		f := tok.Frame(true)
		ids, types := f.Append(nil, nil, tok.AppendIDs(nil, "a"), tok.AppendIDs(nil, "a"))
		if got := fmt.Sprint(ids, types); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func ExampleTokenizer_Frame() {
	tok, err := tokenizer.Load("testdata/roberta/tokenizer.json")
	if err != nil {
		panic(err)
	}
	f := tok.Frame(true)
	const length = 16
	question := tok.AppendIDs(nil, "What's the time?")
	context := tok.AppendIDs(nil, "The shop opens at nine and closes at six.")
	room := length - len(question) - f.Len()
	ids, types := f.Append(nil, nil, question, context[:min(room, len(context))])
	fmt.Println(len(ids), tok.Decode(ids, false), types)
	// Output:
	// 16 <s> What's the time?</s></s> The sho</s> [0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0]
}
