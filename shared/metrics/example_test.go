package metrics_test

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/metrics"
)

func ExampleAccuracy() {
	truth, predicted := []string{"cat", "dog", "cat", "fox"}, []string{"cat", "dog", "dog", "fox"}
	accuracy, _ := metrics.Accuracy(truth, predicted)
	f1, _ := metrics.MacroF1(truth, predicted)
	fmt.Printf("%.2f %.3f\n", accuracy, f1)
	// Output: 0.75 0.778
}

func ExampleConfusionMatrix() {
	m, labels, _ := metrics.ConfusionMatrix([]string{"b", "a", "b"}, []string{"b", "b", "b"}, nil)
	fmt.Println(labels, m)
	// Output: [a b] [[0 1] [0 2]]
}

func ExampleROCAUC() {
	auc, _ := metrics.ROCAUC([]bool{false, false, true, true}, []float64{0.1, 0.4, 0.35, 0.8})
	fmt.Println(auc)
	// Output: 0.75
}

func ExampleSQuAD() {
	s, _ := metrics.SQuAD([]metrics.SQuADItem{
		{ID: "1", Answers: []string{"the Rhine", "Rhine"}},
		{ID: "2", Answers: []string{"in 1815"}},
	}, map[string]string{"1": "Rhine.", "2": "June 1815"})
	fmt.Println(s.ExactMatch, s.F1)
	// Output: 0.5 0.75
}

func ExampleROUGE() {
	s := metrics.ROUGE{Stem: true}.Score("the keepers slept", "a keeper was sleeping, the keeper slept")
	fmt.Printf("%.3f %.3f %.3f\n", s.Rouge1.F1, s.Rouge2.F1, s.RougeL.F1)
	// Output: 0.600 0.500 0.600
}

func ExamplePairedBootstrap() {
	ours := [][]float64{{1, 1, 1, 0, 1, 1}, {1, 1, 1, 1, 1, 1}}
	theirs := [][]float64{{0, 0, 1, 0, 0, 0}, {0, 1, 0, 0, 0, 0}}
	d, _ := metrics.PairedBootstrap(ours, theirs, 1)
	fmt.Printf("better by %.2f, surely: %t\n", d.Mean, d.Low > 0)
	// Output: better by 0.75, surely: true
}
