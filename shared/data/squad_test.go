package data

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/data/datatest"
)

func squadJSON(context, qa string) string {
	return fmt.Sprintf("{\"version\": \"1.1\",\n\"data\": [{\"title\": \"T\", \"paragraphs\": [\n{\"context\": %q, \"qas\": [%s]}]}]}", context, qa)
}

func TestSQuADOffsets(t *testing.T) {
	s := squadJSON("Größe 😀 ist 42 Öl", `{"id":"1","question":"how big?","answers":[{"text":"42","answer_start":12},{"text":"Öl","answer_start":15}]}`)
	got, err := Collect(ParseSQuAD(strings.NewReader(s), "x"))
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	q := got[0]
	if q.ID != "1" || q.Title != "T" || q.Text != "how big?" || q.Impossible {
		t.Errorf("got %+v", q)
	}
	for i, a := range q.Answers {
		if q.Context[a.Start:a.End] != a.Text || a.RuneStart != []int{12, 15}[i] {
			t.Errorf("answer %+v of %q", a, q.Context)
		}
	}
}

func TestSQuAD2(t *testing.T) {
	s := squadJSON("abc", `{"id":"1","question":"q","answers":[],"is_impossible":true,"plausible_answers":[{"text":"zz","answer_start":9}]},
		{"id":"2","question":"q","answers":[]}, {"id":"3","question":"q"}, {"id":"4","question":"q","is_impossible":false,"answers":[{"text":"c","answer_start":2}]}`)
	got, err := Collect(ParseSQuAD(strings.NewReader(s), "x"))
	if err != nil || len(got) != 4 {
		t.Fatal(got, err)
	}
	for i, want := range []bool{true, true, false, false} {
		if got[i].Impossible != want {
			t.Errorf("question %d: impossible is %t", i+1, got[i].Impossible)
		}
	}
}

func TestSQuADBad(t *testing.T) {
	qa := func(rest string) string { return squadJSON("äbc 😀 defdef", `{"id":"1","question":"q",`+rest+`}`) }
	for _, c := range []struct {
		name, content, field string
		line                 int
		is                   error
		why                  string
	}{
		{"no bytes", "", "", 1, ErrEmpty, ""},
		{"no questions", `{"data": []}`, "", 0, ErrEmpty, ""},
		{"a list", `[]`, "", 1, nil, "want {"},
		{"cut", `{"data": [`, "", 1, nil, "unexpected EOF"},
		{"more after the end", squadJSON("a", `{"id":"1","question":"q"}`) + "\n\n{}", "", 5, nil, "after the end"},
		{"not UTF-8", "{\"data\":\n[{\"title\":\"\xff\"}]}", "", 2, ErrEncoding, ""},
		{"bytes", qa(`"answers":[{"text":"def","answer_start":10}]`), "answer_start", 3, ErrOffset, "counts bytes"},
		{"UTF-16", qa(`"answers":[{"text":"def","answer_start":7}]`), "answer_start", 3, ErrOffset, "counts UTF-16"},
		{"elsewhere", qa(`"answers":[{"text":"bc","answer_start":0}]`), "answer_start", 3, ErrOffset, "first occurs at 1"},
		{"not there", qa(`"answers":[{"text":"xyz","answer_start":0}]`), "answer_start", 3, ErrOffset, "doesn't hold it"},
		{"negative", qa(`"answers":[{"text":"b","answer_start":-1}]`), "answer_start", 3, ErrOffset, ""},
		{"far", qa(`"answers":[{"text":"b","answer_start":99999}]`), "answer_start", 3, ErrOffset, ""},
		{"no start", qa(`"answers":[{"text":"b"}]`), "answer_start", 3, nil, "no such key"},
		{"no text", qa(`"answers":[{"answer_start":0}]`), "text", 3, ErrEmpty, ""},
		{"impossible with answers", qa(`"is_impossible":true,"answers":[{"text":"b","answer_start":1}]`), "is_impossible", 3, nil, "1 answers"},
		{"possible without answers", qa(`"is_impossible":false,"answers":[]`), "is_impossible", 3, nil, "0 answers"},
		{"no question", squadJSON("a", `{"id":"1"}`), "question", 3, ErrEmpty, ""},
		{"no id", squadJSON("a", `{"question":"q"}`), "id", 3, ErrEmpty, ""},
		{"no context", `{"data":[{"paragraphs":[{"qas":[]}]}]}`, "context", 1, nil, "no such key"},
	} {
		_, err := Collect(ParseSQuAD(strings.NewReader(c.content), "f"))
		var row *RowError
		if !errors.As(err, &row) || row.Field != c.field || row.Line != c.line || !strings.Contains(err.Error(), c.why) || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: got %v, want line %d field %q %v %q", c.name, err, c.line, c.field, c.is, c.why)
		}
	}
}

func TestRealSQuAD(t *testing.T) {
	for _, c := range []struct {
		path          string
		n, impossible int
	}{
		{"qa-squad/squad-dev-v1.1.part-dev.json", 7176, 0},
		{"qa-squad/squad-dev-v2.0.unanswerable.part-dev.json", 4222, 4222},
		{"qa-policyqa/policyqa.dev.json", 3809, 0},
	} {
		n, impossible := 0, 0
		for q, err := range ReadSQuAD(datatest.Path(t, c.path)) {
			if err != nil {
				t.Fatal(err)
			}
			n++
			if q.Impossible {
				impossible++
			}
			if q.Impossible != (len(q.Answers) == 0) {
				t.Fatalf("%s: %d answers, impossible %t", q.ID, len(q.Answers), q.Impossible)
			}
		}
		if n != c.n || impossible != c.impossible {
			t.Errorf("%s: %d questions, %d impossible; want %d and %d", c.path, n, impossible, c.n, c.impossible)
		}
	}
}

func FuzzSQuAD(f *testing.F) {
	f.Add(squadJSON("Größe 😀 42", `{"id":"1","question":"q","answers":[{"text":"42","answer_start":8}]}`))
	f.Add(`{"data":[{"title":1}]}`)
	f.Add("{\"data\":\n\xff")
	f.Fuzz(func(t *testing.T, s string) {
		for q, err := range ParseSQuAD(strings.NewReader(s), "f") {
			var row *RowError
			if err != nil {
				if !errors.As(err, &row) {
					t.Fatalf("error %v is not a RowError", err)
				}
				return
			}
			for _, a := range q.Answers {
				if q.Context[a.Start:a.End] != a.Text {
					t.Fatalf("answer %+v", a)
				}
			}
		}
	})
}
