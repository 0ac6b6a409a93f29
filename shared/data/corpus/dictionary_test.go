package corpus

import (
	"bytes"
	"compress/gzip"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fmkit/fmkit/shared/data"
)

// dictd makes the two files of a database.
func dictd(t *testing.T, entries ...[2]string) (index, text string) {
	t.Helper()
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	number := func(n int) string {
		s := ""
		for ; n > 0 || s == ""; n /= 64 {
			s = digits[n%64:n%64+1] + s
		}
		return s
	}
	var b strings.Builder
	for _, e := range entries {
		index += e[0] + "\t" + number(b.Len()) + "\t" + number(len(e[1])) + "\n"
		b.WriteString(e[1])
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write([]byte(b.String())); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return index, z.String()
}

const dogEntry = `dog
    n 1: a member of the genus Canis (probably descended from the
         common wolf); occurs in many breeds; "the dog barked
         all night" [syn: {dog}, {domestic dog}, {Canis
         familiaris}]
    2: a dull girl or woman; "she got a reputation as a frump"; "she's
       a real dog" [syn: {frump}, {dog}]
    v 1: go after with the intent to catch; "The policeman chased the
         mugger"; "he had to dog the thief" [syn: {chase}, {dog}] [ant:
         {lead}]
`

func TestParseWordNetEntry(t *testing.T) {
	word, senses, _, err := parseWordNetEntry(dogEntry)
	want := []wordSense{
		{"n", "a member of the genus Canis (probably descended from the common wolf); occurs in many breeds", []string{"the dog barked all night"}, []string{"dog", "domestic dog", "Canis familiaris"}},
		{"n", "a dull girl or woman", []string{"she got a reputation as a frump", "she's a real dog"}, []string{"frump", "dog"}},
		{"v", "go after with the intent to catch", []string{"The policeman chased the mugger", "he had to dog the thief"}, []string{"chase", "dog"}},
	}
	if err != nil || word != "dog" || !reflect.DeepEqual(senses, want) {
		t.Errorf("got %q %+v %v, want %+v", word, senses, err, want)
	}
	for _, c := range []struct {
		text string
		line int
	}{
		{"", 1}, {"\n    n 1: x", 1}, {"dog\n", 2}, {"dog\n    2: no part of speech\n", 2}, {"dog\n    n 1: x\n  what\n", 3}, {"dog\n         goes on\n", 2},
	} {
		if _, _, line, err := parseWordNetEntry(c.text); err == nil || line != c.line {
			t.Errorf("%q: got line %d, %v, want line %d", c.text, line, err, c.line)
		}
	}
}

func TestWordNet(t *testing.T) {
	index, text := dictd(t, [2]string{"00-database-short", "00-database-short\n     WordNet\n"}, [2]string{"dog", dogEntry},
		[2]string{"frump", "frump\n    n 1: a dull girl or woman; \"she got a reputation as a frump\"; \"she's\n         a real dog\" [syn: {frump}, {dog}]\n"})
	dir := folder(t, map[string]string{
		"corpus.json": `{"sources": [{"name": "wn", "format": "wordnet", "paths": ["wn"]}]}`, "wn.index": index, "wn.dict.dz": text,
	})
	m, err := build(t, dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := `dog, domestic dog, Canis familiaris: a member of the genus Canis (probably descended from the common wolf); occurs in many breeds
the dog barked all night
dog, frump: a dull girl or woman
she got a reputation as a frump
she's a real dog
dog, chase: go after with the intent to catch
The policeman chased the mugger
he had to dog the thief
`
	if got := read(t, dir, "out", "wn.txt"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(m.Sources[0].Files) != 2 || m.Sources[0].Read.Documents != 1 {
		t.Errorf("report %+v, want two files and one document: the sense of the second entry is that of the first", m.Sources[0])
	}
	got := readPairs(t, dir)
	for i := range got {
		got[i].Source = ""
	}
	wantPairs := []Pair{
		{A: "dog, domestic dog, Canis familiaris", B: "a member of the genus Canis (probably descended from the common wolf); occurs in many breeds", Kind: "gloss"},
		{A: "dog, frump", B: "a dull girl or woman", Kind: "gloss"},
		{A: "she got a reputation as a frump", B: "she got a reputation as a dog", Kind: "example"},
		{A: "she's a real dog", B: "she's a real frump", Kind: "example"},
		{A: "dog, chase", B: "go after with the intent to catch", Kind: "gloss"},
		{A: "he had to dog the thief", B: "he had to chase the thief", Kind: "example"},
	}
	if !slices.Equal(got, wantPairs) {
		t.Errorf("pairs %+v, want %+v", got, wantPairs)
	}
}

func TestReplace(t *testing.T) {
	w := &wordNetReader{}
	for _, c := range []struct {
		sentence string
		names    []string
		want     string
	}{
		{"he dogged it", []string{"dog", "chase"}, ""},      // another form
		{"a hot-dog stand", []string{"dog", "frank"}, ""},   // part of a word
		{"an animal came", []string{"animal", "beast"}, ""}, // "an beast"
		{"an animal came", []string{"animal", "organism"}, "an organism came"},
		{"the dog ran", []string{"dog", "domestic dog", "Canis"}, ""}, // no other single word in lower case
		{"a domestic dog ran", []string{"domestic dog", "hound"}, "a hound ran"},
		{"a flat two-dimensional picture", []string{"two-dimensional", "flat"}, ""}, // "a flat flat picture"
		{"naïve dog", []string{"dog", "hound"}, "naïve hound"},
	} {
		if got := w.replace(c.sentence, c.names); got != c.want {
			t.Errorf("%q %q: got %q, want %q", c.sentence, c.names, got, c.want)
		}
	}
}

func TestParseDictEntry(t *testing.T) {
	for _, c := range []struct {
		name, text, word string
		want             []string
	}{
		{"topic and acronym", "Common ESP\nCESP\n\n   <language> (CESP) A {Unix}-based version of {Extended\n   Prolog}.\n\n   [{Jargon File}]\n\n   (1995-02-07)\n", "Common ESP", []string{"A Unix-based version of Extended Prolog."}},
		{"pronunciation", "broket\n\n   <character> /broh'k*t/ or /broh'ket/ (From broken bracket)\n   Either of the characters.\n", "broket", []string{"Either of the characters."}},
		{"part of speech", "arg\n /arg/, n.\n\n    Abbreviation for ‘argument’.\n", "arg", []string{"Abbreviation for ‘argument’."}},
		{
			"Webster", "Affect \\Af*fect\"\\, v. t. [imp. & p. p. {Affected}; p. pr. & vb.\n   n. {Affecting}.] [L. affectus; cf. F. [a]ffectere. See\n   {Fact}.]\n   1. To act upon; to change.\n      [1913 Webster]\n\n            As might affect the earth with cold heat. --Milton.\n      [1913 Webster]\n\n   2. To love; to regard. [Obs.] --Shak.\n",
			"Affect",
			[]string{"To act upon; to change.", "To love; to regard."},
		},
		{"phonetics", "Eulogistic \\Eu`lo*gis\"tic\\ (k?r\"k), Eulogic\n   \\Eu*log\"ic\\ (l*j), a.\n   Bestowing praise.. -- {Eulog\"ical*ly}, adv.\n", "Eulogistic", []string{"Bestowing praise."}},
		{"other spelling", "Suborbicular \\Sub`or*bic\"u*lar\\, Suborbiculate\n   \\Sub`or*bic\"u*late\\, a. Almost orbiculate.\n", "Suborbicular", []string{"Almost orbiculate."}},
	} {
		word, body := parseDictEntry(c.text)
		got, _ := proseOf(strings.Join(body, "\n"))
		got = slices.DeleteFunc(got, func(s string) bool { return s == "" })
		if word != c.word || !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q %q, want %q %q", c.name, word, got, c.word, c.want)
		}
	}
}

// TestBrokenDictionary holds that damage to the packed text is reported.
func TestBrokenDictionary(t *testing.T) {
	index, text := dictd(t, [2]string{"dog", dogEntry})
	broken := []byte(text)
	broken[len(broken)-6] ^= 1 // the checksum
	dir := folder(t, map[string]string{
		"corpus.json": `{"sources": [{"name": "wn", "format": "wordnet", "paths": ["wn.index"]}]}`, "wn.index": index, "wn.dict.dz": string(broken),
	})
	if _, err := build(t, dir, Options{}); !errors.Is(err, gzip.ErrChecksum) || !strings.Contains(err.Error(), "wn.dict.dz") {
		t.Errorf("got %v, want %v that names the file", err, gzip.ErrChecksum)
	}
}

func FuzzIndexLine(f *testing.F) {
	f.Add("dog\tew8I\tVW")
	f.Add("dog\tA\tB\tDog")
	f.Fuzz(func(t *testing.T, s string) {
		e, _, err := parseIndexLine(s)
		if err == nil && (e.offset < 0 || e.length < 0 || e.length > maxEntry) {
			t.Fatalf("%q: %+v", s, e)
		}
	})
}

// FuzzDictd holds that any pair of files gives entries of the index or an error that names a file.
func FuzzDictd(f *testing.F) {
	f.Add("dog\tA\tE\nfrump\tE\tB\n", "dog\nfrump")
	f.Fuzz(func(t *testing.T, index, text string) {
		dir := folder(t, map[string]string{"d.index": index, "d.dict": text})
		err := eachEntry(location{written: "d", real: dir + "/d"}, func(e dictEntry, s string) error {
			if text[e.offset:e.offset+e.length] != s {
				t.Fatalf("entry %+v is %q", e, s)
			}
			return nil
		})
		if row := (*data.RowError)(nil); err != nil && !errors.As(err, &row) {
			t.Fatalf("%v names no file", err)
		}
	})
}

func FuzzWordNetEntry(f *testing.F) {
	f.Add(dogEntry)
	f.Add("x\n    n 1: {}; \"\" [syn: {}, { }]\n")
	f.Fuzz(func(t *testing.T, text string) {
		word, senses, line, err := parseWordNetEntry(text)
		if line < 1 || line > strings.Count(text, "\n")+2 {
			t.Fatalf("%q: line %d", text, line)
		}
		if err != nil || !utf8.ValidString(text) {
			return
		}
		w := &wordNetReader{seen: map[uint64]bool{}}
		if d := w.document(word, senses); len(d.lines) == 0 {
			t.Fatalf("%q: senses %+v make no lines", text, senses)
		}
	})
}

func FuzzDictEntry(f *testing.F) {
	f.Add("Affect \\Af*fect\"\\, v. t. [imp. {Affected}]\n   1. To act upon.\n")
	f.Add("Common ESP\nCESP\n\n   <language> (CESP) A {Unix} one.\n")
	f.Fuzz(func(_ *testing.T, text string) {
		_, body := parseDictEntry(text)
		proseOf(strings.Join(body, "\n"))
	})
}
