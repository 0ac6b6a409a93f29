package data_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/data"
)

func TestDocuments(t *testing.T) {
	file := `{"text": "Änne runs", "type": "note", "entities": [{"entity_group": "person", "start": 0, "end": 4}], "summary": "she runs", "answers": {"who?": ["Änne"], "where?": []}}
{"text": "no more", "entities": [], "summary": ["a", "b"], "id": 7}
`
	got, err := data.Collect(data.ParseDocuments(strings.NewReader(file), "d.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	want := []data.Document{
		{
			Text: "Änne runs", Type: "note", Entities: []data.DocumentEntity{{Group: "person", Start: 0, End: 4}}, Targets: []string{"she runs"},
			Answers: map[string][]string{"who?": {"Änne"}, "where?": {}},
		},
		{Text: "no more", Entities: []data.DocumentEntity{}, Targets: []string{"a", "b"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for row, field := range map[string]string{
		`{"text": " "}`: "text", `{}`: "text", `{"text": "a", "type": 1}`: "type", `{"text": "a", "entities": [{"entity_group": "x", "start": 0, "end": 2}]}`: "entities",
		`{"text": "a", "entities": [{"entity_group": "", "start": 0, "end": 1}]}`: "entities", `{"text": "a", "summary": []}`: "summary", `{"text": "a", "summary": 1}`: "summary",
		`{"text": "a", "answers": ["b"]}`: "answers",
	} {
		_, err := data.Collect(data.ParseDocuments(strings.NewReader(row), "d.jsonl"))
		bad, ok := errors.AsType[*data.RowError](err)
		if !ok || !strings.Contains(bad.Error(), field) {
			t.Errorf("%s: got %v, want a RowError of %s", row, err, field)
		}
	}
}

func ExampleParseDocuments() {
	file := strings.NewReader(`{"text": "The pump leaks.", "type": "report", "answers": {"What leaks?": ["The pump"]}}`)
	for d, err := range data.ParseDocuments(file, "documents.jsonl") {
		fmt.Println(d.Type, d.Answers["What leaks?"], err)
	}
	// Output: report [The pump] <nil>
}
