package tokenizer_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fmkit/fmkit/text/tokenizer"
)

// vocabText is a small vocab.txt of BERT.
const vocabText = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n##b\nHello\nhello\n<s>\n</s>\n"

// vocabJSON and mergesText are a small vocabulary of RoBERTa.
const (
	vocabJSON  = `{"<s>":0,"<pad>":1,"</s>":2,"<unk>":3,"a":4,"b":5,"ab":6,"<mask>":7}`
	mergesText = "#version: 0.2\na b\n"
)

// folder makes a model folder from names and contents.
func folder(files ...string) fstest.MapFS {
	f := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		f[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return f
}

func bertFolder(files ...string) fstest.MapFS {
	return folder(append([]string{"vocab.txt", vocabText}, files...)...)
}

func bpeFolder(files ...string) fstest.MapFS {
	return folder(append([]string{"vocab.json", vocabJSON, "merges.txt", mergesText}, files...)...)
}

// TestBadFolders: every bad folder gives its typed error, which names the file.
func TestBadFolders(t *testing.T) {
	bert, bpe := bertFolder, bpeFolder
	many := strings.Repeat("x\n", tokenizer.MaxVocab+1)
	for name, c := range map[string]struct {
		files fstest.MapFS
		want  error
		says  string
	}{
		"nothing":                 {folder(), fs.ErrNotExist, "tokenizer.json, or vocab.txt, or vocab.json with merges.txt"},
		"no vocab.txt":            {folder("config.json", `{"model_type":"bert"}`), fs.ErrNotExist, "vocab.txt"},
		"no vocab.json":           {folder("config.json", `{"model_type":"roberta"}`, "vocab.txt", vocabText), fs.ErrNotExist, "vocab.json"},
		"no merges.txt":           {folder("vocab.json", vocabJSON), fs.ErrNotExist, "merges.txt"},
		"ModernBERT's":            {bert("config.json", `{"model_type":"modernbert"}`), fs.ErrNotExist, "tokenizer.json"},
		"another model's":         {bert("config.json", `{"model_type":"albert"}`), tokenizer.ErrUnsupported, "albert"},
		"another class":           {bert("tokenizer_config.json", `{"tokenizer_class":"BertJapaneseTokenizer"}`), tokenizer.ErrUnsupported, "BertJapaneseTokenizer"},
		"a pipe":                  {fstest.MapFS{"tokenizer.json": {Mode: fs.ModeNamedPipe}}, tokenizer.ErrNotRegular, "tokenizer.json"},
		"a folder":                {folder("vocab.txt/x", ""), tokenizer.ErrNotRegular, "vocab.txt"},
		"bad tokenizer.json":      {bert("tokenizer.json", "{"), tokenizer.ErrSyntax, "tokenizer.json"},
		"config: not JSON":        {bert("config.json", "{"), tokenizer.ErrSyntax, "config.json"},
		"config: more follows":    {bert("config.json", "{} x"), tokenizer.ErrSyntax, "config.json"},
		"config: not UTF-8":       {bert("config.json", "{\"\xff\":1}"), tokenizer.ErrSyntax, "config.json"},
		"config: an array":        {bert("config.json", "[]"), tokenizer.ErrField, "config.json"},
		"config: too deep":        {bert("config.json", strings.Repeat(`{"a":`, 100)), tokenizer.ErrDepth, "config.json"},
		"config: too large":       {bert("config.json", strings.Repeat(" ", 17<<20)), tokenizer.ErrLimit, "config.json"},
		"flag":                    {bert("tokenizer_config.json", `{"do_lower_case":1}`), tokenizer.ErrField, "tokenizer_config.json.do_lower_case"},
		"flag is a text":          {bpe("tokenizer_config.json", `{"add_prefix_space":"true"}`), tokenizer.ErrField, "tokenizer_config.json.add_prefix_space"},
		"token is a number":       {bert("tokenizer_config.json", `{"cls_token":7}`), tokenizer.ErrField, "tokenizer_config.json.cls_token"},
		"token is nothing":        {bert("tokenizer_config.json", `{"cls_token":null}`), tokenizer.ErrField, "cls_token"},
		"token is empty":          {bert("special_tokens_map.json", `{"sep_token":""}`), tokenizer.ErrVocab, "special_tokens_map.json.sep_token"},
		"token is too long":       {bert("special_tokens_map.json", `{"sep_token":"`+strings.Repeat("x", 2000)+`"}`), tokenizer.ErrVocab, "special_tokens_map.json.sep_token"},
		"token with other keys":   {bert("special_tokens_map.json", `{"sep_token":{"content":"x","strip":true}}`), tokenizer.ErrField, "special_tokens_map.json.sep_token"},
		"tokens are not a list":   {bert("special_tokens_map.json", `{"additional_special_tokens":7}`), tokenizer.ErrField, "additional_special_tokens"},
		"added id is no number":   {bert("tokenizer_config.json", `{"added_tokens_decoder":{"x":{"content":"a"}}}`), tokenizer.ErrVocab, "added_tokens_decoder"},
		"B50 added negative id":   {bert("tokenizer_config.json", `{"added_tokens_decoder":{"-1":{"content":"a"}}}`), tokenizer.ErrVocab, "added_tokens_decoder"},
		"B50 added_tokens.json":   {bert("added_tokens.json", `{"new":1099511627776}`), tokenizer.ErrVocab, "added_tokens.json"},
		"B50 line twice":          {folder("vocab.txt", vocabText+"a\n"), tokenizer.ErrVocab, "lines 6 and 13"},
		"B50 vocab.json id twice": {folder("vocab.json", strings.Replace(vocabJSON, `"ab":6`, `"ab":5`, 1), "merges.txt", mergesText), tokenizer.ErrVocab, "vocab.json"},
		"B50 vocab.json 2^40":     {folder("vocab.json", `{"a":1099511627776}`, "merges.txt", ""), tokenizer.ErrVocab, "vocab.json"},
		"B50 vocab.json negative": {folder("vocab.json", `{"a":-1}`, "merges.txt", ""), tokenizer.ErrVocab, "vocab.json"},
		"B50 vocab.json gap":      {folder("vocab.json", `{"a":0,"b":2}`, "merges.txt", ""), tokenizer.ErrVocab, "vocab.json"},
		"vocab.json is an array":  {folder("vocab.json", `["a"]`, "merges.txt", ""), tokenizer.ErrField, "vocab.json"},
		"vocab.txt not UTF-8":     {folder("vocab.txt", "a\xff\n"), tokenizer.ErrSyntax, "vocab.txt"},
		"vocab.txt too long":      {folder("vocab.txt", many), tokenizer.ErrLimit, "vocab.txt"},
		"vocab.txt long token":    {folder("vocab.txt", vocabText+strings.Repeat("x", 2000)), tokenizer.ErrLimit, "vocab.txt"},
		"merges.txt not UTF-8":    {folder("vocab.json", vocabJSON, "merges.txt", "a \xff\n"), tokenizer.ErrSyntax, "merges.txt"},
		"merges.txt too long":     {folder("vocab.json", vocabJSON, "merges.txt", many), tokenizer.ErrLimit, "merges.txt"},
		"B51 unknown part":        {folder("vocab.json", vocabJSON, "merges.txt", "a c\n"), tokenizer.ErrMerges, "merges.txt"},
		"B51 unknown result":      {folder("vocab.json", vocabJSON, "merges.txt", "b a\n"), tokenizer.ErrMerges, "merges.txt"},
		"B51 three parts":         {folder("vocab.json", vocabJSON, "merges.txt", "a b c\n"), tokenizer.ErrMerges, "line 1"},
		"B51 blank line":          {folder("vocab.json", vocabJSON, "merges.txt", mergesText+"\n"), tokenizer.ErrMerges, "line 3"},
		"B51 twice":               {folder("vocab.json", vocabJSON, "merges.txt", "a b\na b\n"), tokenizer.ErrMerges, "merges.txt"},
		"B52 no unknown token":    {folder("vocab.txt", "a\nb\n"), tokenizer.ErrSpecialToken, "vocab.txt"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := tokenizer.LoadFS(c.files)
			if !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.says) {
				t.Errorf("got %v, want %v that says %s", err, c.want, c.says)
			}
			if err != nil && len(err.Error()) > 1000 {
				t.Errorf("error of %d bytes", len(err.Error()))
			}
		})
	}
}

// TestRoles: the tokens with a role are found by what the files say, and else by their names.
func TestRoles(t *testing.T) {
	vocabulary := `"vocab":{"[UNK]":0,"a":1,"##b":2,"<x>":3,"<y>":4,"<z>":5}`
	ends := template(`{"SpecialToken":{"id":"<x>","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"<y>","type_id":0}}`,
		`"<x>":{"id":"<x>","ids":[3],"tokens":["<x>"]},"<y>":{"id":"<y>","ids":[4],"tokens":["<y>"]}`)
	one := func(replace ...string) string { return file(append([]string{vocab, vocabulary}, replace...)...) }
	none := tokenizer.Roles{Pad: -1, Unk: 0, Cls: -1, Sep: -1, Mask: -1}
	with := func(change func(*tokenizer.Roles)) tokenizer.Roles {
		r := none
		change(&r)
		return r
	}
	for name, c := range map[string]struct {
		files fs.FS
		want  tokenizer.Roles
	}{
		"BERT":                    {bertFolder(), tokenizer.Roles{Pad: 0, Unk: 1, Cls: 2, Sep: 3, Mask: 4}},
		"RoBERTa":                 {bpeFolder(), tokenizer.Roles{Pad: 1, Unk: 3, Cls: 0, Sep: 2, Mask: 7}},
		"GPT-2":                   {bpeFolder("config.json", `{"model_type":"gpt2"}`), tokenizer.Roles{Pad: -1, Unk: 8, Cls: -1, Sep: -1, Mask: -1}},
		"special_tokens_map.json": {bertFolder("special_tokens_map.json", `{"cls_token":"<s>","sep_token":{"content":"</s>"},"mask_token":"[M]"}`), tokenizer.Roles{Pad: 0, Unk: 1, Cls: 10, Sep: 11, Mask: 12}},
		"tokenizer_config.json":   {bertFolder("tokenizer_config.json", `{"pad_token":"b","mask_token":null}`), tokenizer.Roles{Pad: 6, Unk: 1, Cls: 2, Sep: 3, Mask: -1}},
		"tokenizer.json":          {folder("tokenizer.json", file()), none},
		"its template":            {folder("tokenizer.json", one(noPost, ends)), with(func(r *tokenizer.Roles) { r.Cls, r.Sep = 3, 4 })},
		"its padding": {
			folder("tokenizer.json", one(`"padding":null`, `"padding":{"strategy":"BatchLongest","pad_id":5,"pad_token":"<z>"}`)),
			with(func(r *tokenizer.Roles) { r.Pad = 5 }),
		},
		"its tokenizer_config.json": {
			folder("tokenizer.json", one(noPost, ends), "tokenizer_config.json", `{"mask_token":"<z>","cls_token":"a","pad_token":"not there"}`),
			with(func(r *tokenizer.Roles) { r.Cls, r.Sep, r.Mask = 1, 4, 5 }),
		},
		"its special_tokens_map.json": {
			folder("tokenizer.json", one(), "special_tokens_map.json", `{"mask_token":{"content":"<z>"}}`),
			with(func(r *tokenizer.Roles) { r.Mask = 5 }),
		},
		"which added_tokens_decoder overrules": {
			folder("tokenizer.json", one(), "tokenizer_config.json", `{"added_tokens_decoder":{}}`, "special_tokens_map.json", `{"mask_token":"<z>"}`), none,
		},
	} {
		tok, err := tokenizer.LoadFS(c.files)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := tok.Roles(); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
	for name, want := range map[string]string{"wordpiece": "[MASK]", "roberta": "<mask>", "modernbert": "[MASK]"} {
		tok := small(t)[name]
		if got := tok.Token(tok.Roles().Mask); got != want {
			t.Errorf("%s: got mask %q, want %q", name, got, want)
		}
	}
}

// TestRealFolders: folders of real vocabularies give the tokenizers that are made of them by hand.
func TestRealFolders(t *testing.T) {
	read := func(name ...string) string {
		raw, err := os.ReadFile(data(t, append([]string{"tokenizers"}, name...)...))
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	bert, err := tokenizer.LoadFS(folder("vocab.txt", read("bert-base-uncased", "vocab.txt")))
	if err != nil {
		t.Fatal(err)
	}
	gpt, err := tokenizer.LoadFS(folder("vocab.json", read("gpt2", "vocab.json"), "merges.txt", read("gpt2", "merges.txt")))
	if err != nil {
		t.Fatal(err)
	}
	want := map[*tokenizer.Tokenizer]*tokenizer.Tokenizer{bert: fromVocab(t, true, "tokenizers", "bert-base-uncased", "vocab.txt"), gpt: gpt2(t)}
	for _, text := range texts {
		for got, want := range want {
			if a, b := got.AppendIDs(nil, text), want.AppendIDs(nil, text); !slices.Equal(a, b) {
				t.Errorf("%q: got %v, want %v", text, a, b)
			}
		}
	}
}

func FuzzLoadFS(f *testing.F) {
	f.Add(vocabText, "", "", `{"do_lower_case":false,"added_tokens_decoder":{"12":{"content":"x","rstrip":true}}}`, `{"cls_token":"<s>"}`)
	f.Add("", vocabJSON, mergesText, `{"add_prefix_space":true,"additional_special_tokens":["[X]"]}`, `{"mask_token":{"content":"<mask>","lstrip":true}}`)
	f.Add("", vocabJSON, mergesText, `{"tokenizer_class":"GPT2Tokenizer","add_bos_token":true,"add_eos_token":true}`, "{}")
	f.Fuzz(func(t *testing.T, vocabText, vocabJSON, merges, config, special string) {
		files := fstest.MapFS{}
		for name, data := range map[string]string{
			"vocab.txt": vocabText, "vocab.json": vocabJSON, "merges.txt": merges, "tokenizer_config.json": config, "special_tokens_map.json": special,
		} {
			if data != "" {
				files[name] = &fstest.MapFile{Data: []byte(data)}
			}
		}
		tok, err := tokenizer.LoadFS(files)
		if err != nil {
			checkTyped(t, err)
			return
		}
		use(t, "fuzz", tok)
	})
}

func ExampleLoadFS() {
	tok, err := tokenizer.LoadFS(os.DirFS("testdata/folder-roberta-options"))
	if err != nil {
		panic(err)
	}
	e, err := tok.Encode("What's the  <mask>?")
	if err != nil {
		panic(err)
	}
	fmt.Printf("%q\n", e.Tokens)
	fmt.Println(tok.Token(tok.Roles().Pad), tok.Token(tok.Roles().Mask))
	// Output:
	// ["<s>" "ĠW" "hat" "'s" "Ġthe" "  <mask>" "Ġ" "?" "</s>"]
	// <pad> <mask>
}
