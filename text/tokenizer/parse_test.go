package tokenizer_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fmkit/fmkit/text/tokenizer"
)

// file builds a small WordPiece file with parts replaced: old, new, old, new...
func file(replace ...string) string {
	const good = `{"version":"1.0","truncation":null,"padding":null,"added_tokens":[{"id":0,"content":"[UNK]","special":true}],
"normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},
"pre_tokenizer":{"type":"BertPreTokenizer"},"post_processor":null,"decoder":{"type":"WordPiece","prefix":"##","cleanup":true},
"model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{"[UNK]":0,"a":1,"##b":2}}}`
	return strings.NewReplacer(replace...).Replace(good)
}

// bpeFile builds a small byte-level BPE file.
func bpeFile(replace ...string) string {
	const good = `{"version":"1.0","added_tokens":[],"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},"decoder":{"type":"ByteLevel"},
"model":{"type":"BPE","unk_token":null,"byte_fallback":false,"vocab":{"a":0,"b":1,"ab":2,"abb":3},"merges":["a b","ab b"]}}`
	return strings.NewReplacer(replace...).Replace(good)
}

const (
	noNorm = `"normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true}`
	noPre  = `"pre_tokenizer":{"type":"BertPreTokenizer"}`
	noPost = `"post_processor":null`
	noDec  = `"decoder":{"type":"WordPiece","prefix":"##","cleanup":true}`
	vocab  = `"vocab":{"[UNK]":0,"a":1,"##b":2}`
)

func split(re string) string {
	return `"pre_tokenizer":{"type":"Split","pattern":{"Regex":"` + re + `"},"behavior":"Isolated","invert":false}`
}

func template(single, special string) string {
	return `"post_processor":{"type":"TemplateProcessing","single":[` + single + `],"pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],"special_tokens":{` + special + `}}`
}

func decoder(rule string) string {
	return `"decoder":{"type":"Sequence","decoders":[` + rule + `]}`
}

// many makes a rule of a thousand rules in nested sequences.
func many(key, list, rule string) string {
	sequence := func(items string) string { return `{"type":"Sequence","` + list + `":[` + items + `]}` }
	ten := func(item string) string { return strings.Repeat(item+",", 9) + item }
	return `"` + key + `":` + sequence(ten(sequence(ten(sequence(ten(rule))))))
}

func replaceRules(n int) string {
	one := `{"type":"Replace","pattern":{"String":"a"},"content":"` + strings.Repeat("a", 1000) + `"}`
	return `"normalizer":{"type":"Sequence","normalizers":[` + strings.Repeat(one+",", n-1) + one + `]}`
}

// TestBadFiles: every bad file gives its typed error, soon.
func TestBadFiles(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		want error
	}{
		"empty":                   {"", tokenizer.ErrSyntax},
		"not JSON":                {"{", tokenizer.ErrSyntax},
		"trailing":                {file() + "x", tokenizer.ErrSyntax},
		"not UTF-8":               {file("[UNK]", "\xff"), tokenizer.ErrSyntax},
		"control character":       {file("[UNK]", "\x01"), tokenizer.ErrSyntax},
		"bad escape":              {file(`"a"`, `"\q"`), tokenizer.ErrSyntax},
		"bad number":              {file(`"a":1`, `"a":01`), tokenizer.ErrSyntax},
		"not an object":           {"[]", tokenizer.ErrField},
		"no model":                {"{}", tokenizer.ErrField},
		"key twice":               {file(`"padding":null`, `"truncation":null`), tokenizer.ErrField},
		"unknown key":             {file(`"padding":null`, `"paddign":null`), tokenizer.ErrField},
		"number for a flag":       {file(`"lowercase":true`, `"lowercase":1`), tokenizer.ErrField},
		"version":                 {file(`"1.0"`, `"9.0"`), tokenizer.ErrUnsupported},
		"too large":               {strings.Repeat(" ", tokenizer.MaxFileBytes+1), tokenizer.ErrLimit},
		"B46 nested repeat":       {file(noPre, split(`(a+)+`)), tokenizer.ErrRegexUnsupported},
		"B46 anchored":            {file(noPre, split(`([a-z]+)+$`)), tokenizer.ErrRegexUnsupported},
		"B46 look-ahead":          {file(noPre, split(`\\s+(?!\\S)`)), tokenizer.ErrRegexUnsupported},
		"B47 large repeat":        {file(noPre, split(`((a{1,1000}){1,1000}){1,1000}`)), tokenizer.ErrRegex},
		"B48 two stars":           {file(noPre, split(`foo**`)), tokenizer.ErrRegex},
		"B48 lone parenthesis":    {file(noPre, split(`(`)), tokenizer.ErrRegex},
		"B48 in Replace":          {file(noNorm, `"normalizer":{"type":"Replace","pattern":{"Regex":"("},"content":""}`), tokenizer.ErrRegex},
		"B49 sequence":            {file(noNorm, `"normalizer":`+strings.Repeat(`{"type":"Sequence","normalizers":[`, 10000)+strings.Repeat("]}", 10000)), tokenizer.ErrDepth},
		"B49 pre-tokenizers":      {file(noPre, `"pre_tokenizer":`+strings.Repeat(`{"type":"Sequence","pretokenizers":[`, 10000)+strings.Repeat("]}", 10000)), tokenizer.ErrDepth},
		"B49 open arrays":         {strings.Repeat("[", 1_000_000), tokenizer.ErrDepth},
		"B50 id twice":            {file(vocab, `"vocab":{"[UNK]":0,"a":1,"##b":1}`), tokenizer.ErrVocab},
		"B50 token twice":         {file(vocab, `"vocab":{"[UNK]":0,"a":1,"a":2}`), tokenizer.ErrVocab},
		"B50 id 2^40":             {file(`"a":1`, `"a":1099511627776`), tokenizer.ErrVocab},
		"B50 id 2^70":             {file(`"a":1`, `"a":1180591620717411303424`), tokenizer.ErrVocab},
		"B50 negative id":         {file(`"a":1`, `"a":-1`), tokenizer.ErrVocab},
		"B50 fraction":            {file(`"a":1`, `"a":1.0`), tokenizer.ErrVocab},
		"B50 text id":             {file(`"a":1`, `"a":"1"`), tokenizer.ErrVocab},
		"B50 gap":                 {file(`"##b":2`, `"##b":3`), tokenizer.ErrVocab},
		"B50 added id twice":      {file(`"added_tokens":[`, `"added_tokens":[{"id":0,"content":"x"},`), tokenizer.ErrVocab},
		"B50 added other id":      {file(`{"id":0,"content":"[UNK]"`, `{"id":1,"content":"[UNK]"`), tokenizer.ErrVocab},
		"B50 added negative":      {file(`{"id":0`, `{"id":-1`), tokenizer.ErrVocab},
		"B50 added empty":         {file(`"content":"[UNK]"`, `"content":""`), tokenizer.ErrVocab},
		"long token":              {file(`"a":1`, `"`+strings.Repeat("a", 2000)+`":1`), tokenizer.ErrLimit},
		"no vocabulary":           {file(vocab, `"vocab":[]`), tokenizer.ErrField},
		"B51 unknown part":        {bpeFile(`"a b"`, `"a c"`), tokenizer.ErrMerges},
		"B51 unknown result":      {bpeFile(`"a b"`, `"b a"`), tokenizer.ErrMerges},
		"B51 cycle":               {bpeFile(`"a b"`, `["a",""]`), tokenizer.ErrMerges},
		"B51 twice":               {bpeFile(`"ab b"`, `"a b"`), tokenizer.ErrMerges},
		"B51 three parts":         {bpeFile(`"a b"`, `"a b b"`), tokenizer.ErrMerges},
		"B51 one part":            {bpeFile(`"a b"`, `["a"]`), tokenizer.ErrMerges},
		"B51 a number":            {bpeFile(`"a b"`, `7`), tokenizer.ErrMerges},
		"B52 no unknown token":    {file(`"unk_token":"[UNK]"`, `"unk_token":"<unk>"`), tokenizer.ErrSpecialToken},
		"B52 bpe unknown token":   {bpeFile(`"unk_token":null`, `"unk_token":"<unk>"`), tokenizer.ErrSpecialToken},
		"B52 no padding token":    {file(`"padding":null`, `"padding":{"strategy":"BatchLongest","pad_id":0,"pad_token":"[PAD]"}`), tokenizer.ErrSpecialToken},
		"B52 padding id":          {file(`"padding":null`, `"padding":{"strategy":"BatchLongest","pad_id":1,"pad_token":"[UNK]"}`), tokenizer.ErrSpecialToken},
		"B52 no cls token":        {file(noPost, `"post_processor":{"type":"BertProcessing","sep":["[SEP]",1],"cls":["[CLS]",2]}`), tokenizer.ErrSpecialToken},
		"B53 byte token":          {bpeFile(`"byte_fallback":false`, `"byte_fallback":true`, `"abb"`, `"<0xZZ>"`, `,"ab b"`, ``), tokenizer.ErrVocab},
		"B53 negative byte":       {bpeFile(`"byte_fallback":false`, `"byte_fallback":true`, `"abb"`, `"<0x-1>"`, `,"ab b"`, ``), tokenizer.ErrVocab},
		"B54 id out of range":     {file(noPost, template(`{"SpecialToken":{"id":"a","type_id":0}},{"Sequence":{"id":"A","type_id":0}}`, `"a":{"id":"a","ids":[99],"tokens":["a"]}`)), tokenizer.ErrPostProcessor},
		"B54 negative id":         {file(noPost, template(`{"Sequence":{"id":"A","type_id":0}}`, `"a":{"id":"a","ids":[-1],"tokens":["a"]}`)), tokenizer.ErrPostProcessor},
		"B54 undefined":           {file(noPost, template(`{"SpecialToken":{"id":"a","type_id":0}},{"Sequence":{"id":"A","type_id":0}}`, ``)), tokenizer.ErrPostProcessor},
		"B54 no text":             {file(noPost, template(``, ``)), tokenizer.ErrPostProcessor},
		"B54 second text":         {file(noPost, template(`{"Sequence":{"id":"B","type_id":0}}`, ``)), tokenizer.ErrPostProcessor},
		"B54 bert id":             {file(noPost, `"post_processor":{"type":"BertProcessing","sep":["a",7],"cls":["a",1]}`), tokenizer.ErrPostProcessor},
		"B55 growth":              {file(noNorm, replaceRules(1)), tokenizer.ErrLimit},
		"B55 growth of growth":    {file(noNorm, replaceRules(5)), tokenizer.ErrLimit},
		"B46 in an inverted one":  {file(noPre, strings.Replace(split(`(a+)+`), `"invert":false`, `"invert":true`, 1)), tokenizer.ErrRegexUnsupported},
		"B48 in a decoder":        {file(noDec, decoder(`{"type":"Replace","pattern":{"Regex":"("},"content":""}`)), tokenizer.ErrRegex},
		"B49 post-processors":     {file(noPost, `"post_processor":`+strings.Repeat(`{"type":"Sequence","processors":[`, 10000)+strings.Repeat("]}", 10000)), tokenizer.ErrDepth},
		"B49 decoders":            {file(noDec, `"decoder":`+strings.Repeat(`{"type":"Sequence","decoders":[`, 10000)+strings.Repeat("]}", 10000)), tokenizer.ErrDepth},
		"many normalizers":        {file(noNorm, many("normalizer", "normalizers", `{"type":"NFC"}`)), tokenizer.ErrLimit},
		"many pre-tokenizers":     {file(noPre, many("pre_tokenizer", "pretokenizers", `{"type":"Whitespace"}`)), tokenizer.ErrLimit},
		"many post-processors":    {file(noPost, many("post_processor", "processors", `{"type":"ByteLevel"}`)), tokenizer.ErrLimit},
		"many decoders":           {file(noDec, many("decoder", "decoders", `{"type":"Fuse"}`)), tokenizer.ErrLimit},
		"B50 added out of order":  {file(`"added_tokens":[`, `"added_tokens":[{"id":4,"content":"y"},{"id":3,"content":"x"},`), tokenizer.ErrVocab},
		"B52 in a sequence":       {file(noPost, `"post_processor":{"type":"Sequence","processors":[{"type":"RobertaProcessing","sep":["</s>",1],"cls":["<s>",2]}]}`), tokenizer.ErrSpecialToken},
		"B54 in a sequence":       {file(noPost, `"post_processor":{"type":"Sequence","processors":[{"type":"BertProcessing","sep":["a",7],"cls":["a",1]}]}`), tokenizer.ErrPostProcessor},
		"B55 growth of Prepend":   {file(noNorm, `"normalizer":{"type":"Prepend","prepend":"`+strings.Repeat("a", 16)+`"}`), tokenizer.ErrLimit},
		"B55 growth of a decoder": {file(noDec, decoder(`{"type":"Replace","pattern":{"String":"a"},"content":"`+strings.Repeat("a", 17)+`"}`)), tokenizer.ErrLimit},
		"empty Prepend":           {file(noNorm, `"normalizer":{"type":"Prepend","prepend":""}`), tokenizer.ErrField},
		"empty Split":             {file(noPre, `"pre_tokenizer":{"type":"Split","pattern":{"String":""},"behavior":"Isolated","invert":false}`), tokenizer.ErrField},
		"Split without pattern":   {file(noPre, `"pre_tokenizer":{"type":"Split","behavior":"Isolated","invert":false}`), tokenizer.ErrField},
		"unknown behaviour":       {file(noPre, `"pre_tokenizer":{"type":"Punctuation","behavior":"Merged"}`), tokenizer.ErrField},
		"ByteLevel not last":      {bpeFile(`{"type":"ByteLevel","add_prefix_space":false}`, `{"type":"Sequence","pretokenizers":[{"type":"ByteLevel"},{"type":"Digits"}]}`), tokenizer.ErrUnsupported},
		"two that add tokens":     {file(noPost, `"post_processor":{"type":"Sequence","processors":[{"type":"BertProcessing","sep":["a",1],"cls":["a",1]},{"type":"ByteLevel"}]}`), tokenizer.ErrUnsupported},
		"Strip of two characters": {file(noDec, decoder(`{"type":"Strip","content":"ab","start":1,"stop":0}`)), tokenizer.ErrField},
		"unknown decoder":         {file(noDec, decoder(`{"type":"CTC"}`)), tokenizer.ErrUnsupported},
		"empty pattern":           {file(noNorm, `"normalizer":{"type":"Replace","pattern":{"String":""},"content":"x"}`), tokenizer.ErrField},
		"unknown model":           {file(`"type":"WordPiece","unk`, `"type":"Unigram","unk`), tokenizer.ErrUnsupported},
		"unknown normaliser":      {file(noNorm, `"normalizer":{"type":"Precompiled"}`), tokenizer.ErrUnsupported},
		"unknown pre-tokeniser":   {file(noPre, `"pre_tokenizer":{"type":"Metaspace"}`), tokenizer.ErrUnsupported},
		"wrong pre-tokeniser":     {file(noPre, `"pre_tokenizer":{"type":"ByteLevel"}`), tokenizer.ErrUnsupported},
		"unknown post-processor":  {file(noPost, `"post_processor":{"type":"Other"}`), tokenizer.ErrUnsupported},
		"dropout":                 {bpeFile(`"unk_token":null`, `"dropout":0.1`), tokenizer.ErrUnsupported},
		"long words":              {file(`_word":100`, `_word":1000000000`), tokenizer.ErrLimit},
		"negative stride":         {file(`"truncation":null`, `"truncation":{"max_length":5,"stride":-1}`), tokenizer.ErrLimit},
		"stride over length":      {file(`"truncation":null`, `"truncation":{"max_length":5,"stride":5}`), tokenizer.ErrLimit},
		"unknown strategy":        {file(`"truncation":null`, `"truncation":{"max_length":5,"strategy":"Other"}`), tokenizer.ErrField},
		"padding to 2^40":         {file(`"padding":null`, `"padding":{"strategy":{"Fixed":1099511627776},"pad_id":0,"pad_token":"[UNK]"}`), tokenizer.ErrLimit},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := tokenizer.Parse([]byte(c.file))
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if d := time.Since(start); d > 2*time.Second {
				t.Errorf("took %v, want at most 2s", d)
			}
			if err != nil && len(err.Error()) > 1000 {
				t.Errorf("error of %d bytes", len(err.Error()))
			}
		})
	}
}

// TestLargestFiles bounds time and memory for the largest files that are accepted, or nearly.
func TestLargestFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	var b strings.Builder
	b.WriteString(`{"[UNK]":0`)
	for i := 1; i < tokenizer.MaxVocab; i++ {
		fmt.Fprintf(&b, ",\"t%d\":%d", i, i)
	}
	million := b.String() + "}"
	for name, data := range map[string]string{
		"a million tokens": file(vocab, `"vocab":`+million),
		"empty arrays":     file(`"padding":null`, `"padding":[`+strings.Repeat("[],", tokenizer.MaxFileBytes/3-1000)+`[]]`),
		"open brackets":    strings.Repeat("[[[[[[[[],", tokenizer.MaxFileBytes/10),
	} {
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		_, err := tokenizer.Parse([]byte(data))
		d := time.Since(start)
		runtime.ReadMemStats(&after)
		// Total allocation bounds what was ever live.
		if mib := (after.TotalAlloc - before.TotalAlloc) >> 20; mib > 512 || d > 4*time.Second {
			t.Errorf("%s: %v and %d MiB (%v), want at most 4s with the race detector or a busy machine and 512 MiB", name, d, mib, err)
		}
		if name == "a million tokens" && err != nil {
			t.Error(err)
		}
	}
}

// small gives the tokenizers of testdata and two made here.
func small(tb testing.TB) map[string]*tokenizer.Tokenizer {
	tb.Helper()
	out := map[string]*tokenizer.Tokenizer{}
	paths, err := filepath.Glob("testdata/*/cases.jsonl.gz")
	if err != nil || len(paths) == 0 {
		tb.Fatal("no tokenizers in testdata", err)
	}
	for _, p := range paths {
		dir := filepath.Dir(p)
		t, err := tokenizer.LoadFS(os.DirFS(dir))
		if err != nil {
			tb.Fatal(err)
		}
		out[filepath.Base(dir)] = t
	}
	for name, f := range map[string]string{"tiny": file(), "tiny bpe": bpeFile()} {
		t, err := tokenizer.Parse([]byte(f))
		if err != nil {
			tb.Fatal(err)
		}
		out[name] = t
	}
	return out
}

// TestRoundTrip: what JSON writes, Parse reads as the same tokenizer.
func TestRoundTrip(t *testing.T) {
	for name, tok := range small(t) {
		again := roundTrip(t, name, tok)
		if again.Roles() != tok.Roles() && !strings.HasPrefix(name, "folder") { // whose other files say more
			t.Errorf("%s: got roles %v, want %v", name, again.Roles(), tok.Roles())
		}
	}
	if os.Getenv("FMKIT_DATA") != "" {
		roundTrip(t, "bert", load(t, "tokenizers", "bert-base-uncased", "tokenizer.json"))
		roundTrip(t, "minilm", load(t, "tokenizers", "all-minilm-l6-v2", "tokenizer.json"))
	}
}

func roundTrip(t *testing.T, name string, tok *tokenizer.Tokenizer) *tokenizer.Tokenizer {
	t.Helper()
	first, err := tok.JSON()
	if err != nil {
		t.Fatal(err)
	}
	again, err := tokenizer.Parse(first)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	second, err := again.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Errorf("%s: written, read and written again is another file", name)
	}
	if again.VocabSize() != tok.VocabSize() {
		t.Errorf("%s: got %d tokens, want %d", name, again.VocabSize(), tok.VocabSize())
	}
	return again
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(file()))
	f.Add([]byte(bpeFile()))
	f.Add([]byte(file(noPost, template(`{"SpecialToken":{"id":"a","type_id":0}},{"Sequence":{"id":"A","type_id":0}}`, `"a":{"id":"a","ids":[1],"tokens":["a"]}`))))
	f.Add([]byte(file(noPre, split(`(a+)+`))))
	f.Add([]byte(file(noNorm, replaceRules(1))))
	f.Fuzz(func(t *testing.T, data []byte) {
		tok, err := tokenizer.Parse(data)
		if err != nil {
			checkTyped(t, err)
			return
		}
		use(t, "fuzz", tok)
	})
}
