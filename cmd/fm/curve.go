package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/train"
)

// writeCurve writes the coverage-risk curve of an adapter on the data to f.curve, whole or not at all.
func writeCurve(ctx context.Context, l loaded, f *evalFlags) error {
	r, err := l.curve(ctx, f.data, &f.taskFlags)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if strings.HasSuffix(f.curve, ".html") {
		err = train.WriteReport(&out, curveReport(r, f.adapter, f.data))
	} else {
		err = json.NewEncoder(&out).Encode(struct {
			AURC   float64                 `json:"aurc"`
			Points []metrics.CoveragePoint `json:"points"`
		}{r.AURC(), r.Points})
	}
	if err != nil {
		return fmt.Errorf("eval: curve: %w", err)
	}
	if err := checkpoint.WriteFile(f.curve, out.Bytes()); err != nil {
		return usageError{fmt.Errorf("eval: --curve: %w", err)}
	}
	return nil
}

// curveReport is a page of the curve.
func curveReport(r *metrics.CoverageCurve, adapter, data string) train.Report {
	l := train.Line{Name: "risk"}
	for _, p := range r.Points {
		l.X, l.Y = append(l.X, p.Coverage), append(l.Y, p.Risk)
	}
	t := train.Table{Title: "What abstaining is worth", Head: []string{"coverage", "risk"}}
	for _, c := range slices.Backward([]float64{0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1}) {
		t.Rows = append(t.Rows, []string{fmt.Sprintf("%.2f", c), fmt.Sprintf("%.4f", r.RiskAt(c))})
	}
	return train.Report{
		Title: "Coverage and risk", Intro: "Answers by falling confidence: the share of the data that is answered, and the share of the answers that is wrong.",
		Facts:  []train.Fact{{Name: "adapter", Value: adapter}, {Name: "data", Value: data}, {Name: "area under the curve", Value: fmt.Sprintf("%.4f", r.AURC())}},
		Curves: []train.Curve{{Title: "Risk", X: "coverage", Lines: []train.Line{l}}}, Tables: []train.Table{t},
	}
}
