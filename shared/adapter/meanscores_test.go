package adapter_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/metrics"
)

func ExampleMeanScores() {
	fmt.Println(adapter.MeanScores(4, map[string][]float64{"f1": {1, 0.5, 1, 0.5}, "exact_match": {1, 0, 1, 0}}))
	// Output: n 4  exact_match 0.5000 [0.0000, 1.0000]  f1 0.7500 [0.5000, 1.0000] <nil>
}

func TestMeanScoresRefuses(t *testing.T) {
	if _, err := adapter.MeanScores(0, nil); !errors.Is(err, metrics.ErrEmpty) {
		t.Errorf("nothing: got %v, want %v", err, metrics.ErrEmpty)
	}
	if _, err := adapter.MeanScores(2, map[string][]float64{"f1": {1}}); err == nil {
		t.Error("one value for two items is accepted")
	}
}
