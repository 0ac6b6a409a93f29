package data_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/data"
)

func ExampleParseCSV() {
	file := strings.NewReader("text,label\nwill it rain?,weather\n,music\n")
	for r, err := range data.ParseCSV(file, "train.csv", ',', data.LabelledOptions{}) {
		fmt.Println(r.Text, r.Label, err)
	}
	// Output:
	// will it rain? weather <nil>
	//   data: train.csv:3: field "text": text is empty: no data
}

func ExampleParseSQuAD() {
	file := strings.NewReader(`{"data": [{"title": "T", "paragraphs": [{"context": "Öl fließt.", "qas": [
		{"id": "1", "question": "what flows?", "answers": [{"text": "Öl", "answer_start": 0}]}]}]}]}`)
	for q, err := range data.ParseSQuAD(file, "train.json") {
		fmt.Println(q.Text, q.Answers[0].Start, q.Answers[0].End, err)
	}
	// Output: what flows? 0 3 <nil>
}

func ExampleShots() {
	labels := []string{"a", "b", "a", "b", "a"}
	shots, _ := data.Shots(labels, 2, 1)
	_, err := data.Shots(labels, 3, 1)
	fmt.Println(len(shots), err)
	// Output: 4 data: shots: class b: class has too few examples: got 2, want 3
}

func ExamplePick() {
	texts := []string{"one", "two", "three", "four"}
	train, held := data.Split(len(texts), 0.25, 1)
	fmt.Println(data.Pick(texts, train), data.Pick(texts, held))
	// Output: [two three four] [one]
}

func ExampleBatch() {
	var epoch []int64
	for step := range int64(3) {
		epoch = append(epoch, data.Batch(nil, 6, 2, 1, step)...)
	}
	slices.Sort(epoch)
	fmt.Println(epoch)
	// Output: [0 1 2 3 4 5]
}

func ExampleBuckets() {
	for _, b := range data.Buckets([]int32{30, 5, 31, 6}, 2, 1, 0) {
		slices.Sort(b)
		fmt.Println(b)
	}
	// Unordered output:
	// [1 3]
	// [0 2]
}

func ExampleCreateTokens() {
	dir, err := os.MkdirTemp("", "tokens")
	if err != nil {
		return
	}
	defer os.RemoveAll(dir)
	w, err := data.CreateTokens(filepath.Join(dir, "corpus.tok"), 1000)
	if err != nil {
		return
	}
	defer w.Abort()
	for _, doc := range [][]int32{{1, 2, 3}, {4, 5}} {
		if err := w.Add(doc); err != nil {
			fmt.Println(err)
		}
	}
	if err := w.Commit(); err != nil {
		fmt.Println(err)
	}
	f, err := data.OpenTokens(filepath.Join(dir, "corpus.tok"))
	if err != nil {
		return
	}
	defer f.Close()
	var window data.Window
	err = f.Window(&window, 1, 4)
	fmt.Println(window.IDs, window.Starts, err)
	// Output: [2 3 4 5] [0 2] <nil>
}

func ExampleOverlap() {
	corpus := func(yield func(string, error) bool) { yield("so it said: the cat sat on a mat, and left", nil) }
	hits, err := data.Overlap(slices.Values([]string{"The cat sat on a mat."}), corpus, 13)
	fmt.Println(hits, err)
	// Output: [evaluation text 0: 6 words found, ending at word 8] <nil>
}

func ExampleParseCoNLL() {
	file := strings.NewReader("Anna\tB-person\nlives\tO\n\nYes\tO\n")
	for s, err := range data.ParseCoNLL(file, "train.conll") {
		fmt.Println(s.Tokens, s.Tags, err)
	}
	// Output:
	// [Anna lives] [B-person O] <nil>
	// [Yes] [O] <nil>
}
