package metrics_test

import (
	"fmt"
	"slices"

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

func ExampleRank() {
	r, _ := metrics.Rank([]bool{false, false, true, true}, []float64{0.1, 0.4, 0.35, 0.8})
	f1, threshold := r.BestF1()
	recall, _ := r.RecallAt(0.01)
	fmt.Printf("%.2f %.2f %.2f %.2f\n", r.AveragePrecision(), f1, threshold, recall)
	// Output: 0.83 0.80 0.35 0.50
}

func ExampleCoverageRisk() {
	r, _ := metrics.CoverageRisk([]float64{0.9, 0.8, 0.6, 0.4}, []bool{true, true, false, true})
	fmt.Printf("%.2f %.2f %.3f\n", r.RiskAt(1), r.RiskAt(0.5), r.AURC())
	// Output: 0.25 0.00 0.146
}

func ExampleECE() {
	e, _ := metrics.ECE([]float64{0.95, 0.95, 0.55, 0.55}, []bool{true, true, true, false}, 10)
	fmt.Printf("%.2f\n", e)
	// Output: 0.05
}

func ExampleLogLoss() {
	p := []float64{0.8, 0.2, 0.4, 0.6} // two items, two classes
	loss, _ := metrics.LogLoss([]int{0, 1}, p, 2)
	brier, _ := metrics.Brier([]int{0, 1}, p, 2)
	fmt.Printf("%.3f %.2f\n", loss, metrics.Mean(brier))
	// Output: 0.367 0.10
}

func ExamplePixelScores() {
	pictures := []metrics.PixelMap{
		{Scores: []float32{0.1, 0.9, 0.2, 0.3}, Mask: []bool{false, true, false, false}, Width: 2},
		{Scores: []float32{0.1, 0.2, 0.4, 0.2}, Width: 2}, // a good one
	}
	s, _ := metrics.PixelScores(slices.Values(pictures), metrics.DefaultFPRLimit)
	fmt.Printf("%.2f %.2f\n", s.AUROC, s.AUPRO)
	// Output: 1.00 1.00
}

func ExampleRecallAtFalseBoxes() {
	truth := []metrics.TrueBox{{Image: 0, Box: metrics.Box{XMax: 10, YMax: 10}}, {Image: 1, Box: metrics.Box{XMax: 10, YMax: 10}}}
	found := []metrics.FoundBox{{Image: 0, Box: metrics.Box{XMin: 1, XMax: 11, YMax: 10}, Score: 0.9}, {Image: 1, Box: metrics.Box{XMin: 20, XMax: 30, YMax: 10}, Score: 0.8}}
	r, _ := metrics.RecallAtFalseBoxes(truth, found, 2, 1, 0.5)
	fmt.Println(r.Recall, r.FalsePerImage)
	// Output: 0.5 0.5
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
