package baseline_test

import (
	"fmt"

	"github.com/fmkit/fmkit/adapters/classifier/baseline"
)

func ExampleFit() {
	texts := []string{"will it rain tomorrow", "is it cold outside", "play some jazz", "play the next song"}
	labels := []string{"weather", "weather", "music", "music"}
	m, err := baseline.Fit(texts, labels, baseline.Options{Kind: baseline.Logistic, C: 10})
	if err != nil {
		fmt.Println(err)
		return
	}
	label, score := m.Predict("play it when it is cold tomorrow")
	fmt.Printf("%s %.2f\n", label, score)
	// Output: weather 0.79
}

func ExampleFitBest() {
	var texts, labels []string
	for i := range 20 {
		texts = append(texts, fmt.Sprintf("red apple %d", i), fmt.Sprintf("green pear %d", i))
		labels = append(labels, "apple", "pear")
	}
	m, trials, err := baseline.FitBest(texts, labels, baseline.Grid(baseline.SVM), 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	label, _ := m.Predict("one pear")
	fmt.Println(label, len(trials), m.Options())
	// Output: pear 9 tf-idf of 1 to 1 words, sublinear, svm, C 0.1
}
