package extractive_test

import (
	"fmt"

	"github.com/fmkit/fmkit/adapters/summarizer/extractive"
	"github.com/fmkit/fmkit/shared/metrics"
)

const story = `The river rose in the night, and Mr. Hale closed the bridge at 5 a.m. before school.
Bread was cheap that week. "Nobody shall cross!" he said. When the river fell, he opened the bridge.`

func ExampleSentences() {
	for _, s := range extractive.Sentences(story) {
		fmt.Println(s.Start, s.End)
	}
	// Output:
	// 0 84
	// 85 111
	// 112 142
	// 143 185
}

func ExampleSelect() {
	var sentences []string
	for _, s := range extractive.Sentences(story) {
		sentences = append(sentences, s.Text)
	}
	picked, err := extractive.Select(extractive.TextRank(sentences), sentences,
		extractive.Budget{Words: 12}, extractive.Redundancy{Trigrams: true})
	fmt.Println(picked, err)
	// Output: [0] <nil>
}

func ExampleOracle() {
	sentences := []string{"It rained.", "The keeper closed the bridge.", "Bread was cheap."}
	picked, err := extractive.Oracle(sentences, []string{"A keeper closed the old bridge."}, 1, metrics.ROUGE{})
	fmt.Println(picked, err)
	// Output: [1] <nil>
}
