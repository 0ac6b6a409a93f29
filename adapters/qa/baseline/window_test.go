package baseline

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/fmkit/fmkit/shared/data"
)

const park = "The park was opened by Maria Lopez in 1912 after a long dispute. Its lake holds 3,500 fish, and the bridge was painted dark green by volunteers."

func TestAnswer(t *testing.T) {
	m, err := Fit(t.Context(), []data.Question{{Context: park, Text: "?"}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for question, want := range map[string]string{
		"Who opened the park?":          "Maria Lopez",
		"When was the park opened?":     "1912",
		"How many fish are in the lake": "3,500",
	} {
		if got := m.Answer(question, park); got != want {
			t.Errorf("%s got %q, want %q", question, got, want)
		}
	}
	for _, c := range []string{"", "?!", "a", "\xff\xfe", "'", "1.", "1,", "don't"} {
		m.Answer("who", c)
		m.Answer(c, park)
	}
}

// TestNoAnswer: where some questions have none, those whose words aren't there get none.
func TestNoAnswer(t *testing.T) {
	var all []data.Question
	for _, q := range []string{"Who opened the park?", "When was the park opened?", "Who painted the bridge?"} {
		all = append(all, data.Question{Context: park, Text: q})
	}
	for _, q := range []string{"Who discovered penicillin?", "When did Rome fall?", "Who sang yesterday?"} {
		all = append(all, data.Question{Context: park, Text: q, Impossible: true})
	}
	m, err := Fit(t.Context(), all, Options{Width: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range all {
		if got := m.Answer(q.Text, q.Context); (got == "") != q.Impossible {
			t.Errorf("%s got %q", q.Text, got)
		}
	}
	if _, err := Fit(t.Context(), nil, Options{}); !errors.Is(err, data.ErrEmpty) {
		t.Errorf("no questions: got %v", err)
	}
	if _, err := Fit(t.Context(), all, Options{Width: -1}); err == nil {
		t.Error("a negative width is accepted")
	}
}

func ExampleModel_Answer() {
	m, err := Fit(context.Background(), []data.Question{{Context: park}}, Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Answer("Who opened the park?", park))
	// Output: Maria Lopez
}
