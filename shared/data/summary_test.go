package data

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/data/datatest"
)

func TestSummaries(t *testing.T) {
	s := `{"source": "One. Two.", "target": "one", "id": 7}
{"source": ["One.", "Two."], "target": ["a", "b"], "paper_id": "p", "query": "why?"}`
	got, err := Collect(ParseSummaries(strings.NewReader(s), "x", SummaryOptions{}))
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	if a := got[0]; a.Source != "One. Two." || a.Sentences != nil || !slices.Equal(a.Targets, []string{"one"}) || a.ID != "7" {
		t.Errorf("got %+v", a)
	}
	if b := got[1]; b.Source != "One. Two." || len(b.Sentences) != 2 || len(b.Targets) != 2 || b.ID != "p" || b.Query != "why?" {
		t.Errorf("got %+v", b)
	}
	dialogue := `{"turns": [{"speaker": "Ann", "text": "Hi."}, {"text": "The pump. It leaks."}], "target": "leak"}`
	got, err = Collect(ParseSummaries(strings.NewReader(dialogue), "x", SummaryOptions{}))
	if err != nil || len(got) != 1 || !slices.Equal(got[0].Sentences, []string{"Ann: Hi.", "The pump. It leaks."}) || got[0].Source != "Ann: Hi. The pump. It leaks." {
		t.Errorf("a dialogue: got %+v, %v", got, err)
	}
	for name, c := range map[string][2]string{
		"no turns":        {`{"turns":[],"target":"x"}`, "turns"},
		"an empty turn":   {`{"turns":[{"speaker":"a","text":" "}],"target":"x"}`, "turns"},
		"turns of text":   {`{"turns":["a"],"target":"x"}`, "turns"},
		"no source":       {`{"target":"x"}`, "source"},
		"no target":       {`{"source":"x"}`, "target"},
		"empty source":    {`{"source":[],"target":"x"}`, "source"},
		"empty target":    {`{"source":"x","target":[""]}`, "target"},
		"null sentence":   {`{"source":["a",null],"target":"x"}`, "source"},
		"source a number": {`{"source":3,"target":"x"}`, "source"},
		"query a list":    {`{"source":"x","target":"x","query":[]}`, "query"},
	} {
		_, err := Collect(ParseSummaries(strings.NewReader("\n"+c[0]), "x", SummaryOptions{}))
		var row *RowError
		if !errors.As(err, &row) || row.Line != 2 || row.Field != c[1] {
			t.Errorf("%s: %v, want line 2 field %q", name, err, c[1])
		}
	}
}

func TestRealSummaries(t *testing.T) {
	for file, want := range map[string]int{"train.jsonl": 1992, "dev.jsonl": 619} {
		got, err := Collect(ReadSummaries(datatest.Path(t, "sum-scitldr", file), SummaryOptions{}))
		if err != nil || len(got) != want || got[0].Sentences == nil || got[0].ID == "" {
			t.Errorf("scitldr %s: %d %v, want %d", file, len(got), err, want)
		}
	}
	for file, want := range map[string]int{"train.jsonl": 1095, "val.jsonl": 237} {
		got, err := Collect(ReadQMSum(datatest.Path(t, "sum-qmsum", file)))
		if err != nil || len(got) != want || len(got[0].Sentences) < 2 || got[0].Query == "" {
			t.Errorf("qmsum %s: %d %v, want %d", file, len(got), err, want)
		}
	}
}

func FuzzSummaries(f *testing.F) {
	f.Add(`{"source":["a"],"target":"b"}`)
	f.Fuzz(func(t *testing.T, s string) {
		for r, err := range ParseSummaries(strings.NewReader(s), "f", SummaryOptions{}) {
			if err == nil && (r.Source == "" || len(r.Targets) == 0) {
				t.Fatalf("empty %+v", r)
			}
		}
	})
}
