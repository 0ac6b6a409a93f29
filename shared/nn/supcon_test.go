package nn_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/kernels/kerneltest"
	"github.com/fmkit/fmkit/shared/nn"
)

// supervised64 is equation 2 of Khosla et al., term by term.
func supervised64(x []float64, d int, labels []int32, temperature float64) float64 {
	unit := unit64(x, d)
	sum, anchors := 0.0, 0
	for i := range unit {
		all := 0.0
		for a := range unit {
			if a != i {
				all += math.Exp(dot(unit[i], unit[a]) / temperature)
			}
		}
		own, positives := 0.0, 0
		for p := range unit {
			if p != i && labels[p] == labels[i] {
				own += dot(unit[i], unit[p])/temperature - math.Log(all)
				positives++
			}
		}
		if positives > 0 {
			sum -= own / float64(positives)
			anchors++
		}
	}
	return sum / float64(max(anchors, 1))
}

// TestSupervisedContrastiveLoss holds loss and gradient to a float64 reference.
func TestSupervisedContrastiveLoss(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	for _, c := range []struct {
		labels      []int32
		d           int
		temperature float32
		zero        []int
	}{
		{labels: []int32{0, 0}, d: 8, temperature: 0.1},
		{labels: []int32{0, 1, 0, 2}, d: 3, temperature: 0.5},
		{labels: []int32{5, 5, 5, 5, 5}, d: 7, temperature: 0.2},
		{labels: []int32{0, 1, 2, 0, 1, 2, 0, 1, 2, 3, 0, 1, 2, 0, 1, 2}, d: 16, temperature: 0.1},
		{labels: []int32{0, 1, 2, 0, 1, 2, 0, 1, 2, 3, 0, 1, 2, 0, 1, 2, 9}, d: 17, temperature: 0.3, zero: []int{4}},
	} {
		n := len(c.labels)
		x := normals(uint64(n), n, c.d, c.zero...)
		b := &nn.Batch{B: n, T: 1}
		l := &nn.SupervisedContrastiveLoss{D: c.d, Temperature: c.temperature, Labels: c.labels}
		f := func(x []float64) float64 { return supervised64(x, c.d, c.labels, float64(c.temperature)) }
		y, dx := make([]float32, 1), normals(9, n, c.d)
		var bits [2]uint32
		for i, workers := range []int{1, 5} {
			kernels.SetWorkers(workers)
			if err := l.Forward(y, x, b); err != nil {
				t.Fatal(err)
			}
			bits[i] = math.Float32bits(y[0])
		}
		if want := f(kerneltest.Widen(x)); math.Abs(float64(y[0])-want) > lossTolerance*max(1, want)/float64(c.temperature) || bits[0] != bits[1] {
			t.Errorf("%v: loss %.8g, by one worker %.8g, reference %.8g", c.labels, y[0], math.Float32frombits(bits[0]), want)
		}
		if err := l.Backward(dx, []float32{1}, x, y, b); err != nil {
			t.Fatal(err)
		}
		t.Run(fmt.Sprint(c.labels), func(t *testing.T) { checkRows(t, dx, x, c.d, f, gradTolerance) })
	}
}

// TestSupervisedContrastiveAlone: where no class occurs twice there is nothing to learn.
func TestSupervisedContrastiveAlone(t *testing.T) {
	l := &nn.SupervisedContrastiveLoss{D: 2, Temperature: 0.1, Labels: []int32{0, 1, 2}}
	x, y, dx, b := normals(1, 3, 2), []float32{7}, normals(2, 3, 2), &nn.Batch{B: 3, T: 1}
	if err := l.Forward(y, x, b); err != nil {
		t.Fatal(err)
	}
	if err := l.Backward(dx, []float32{1}, x, y, b); err != nil {
		t.Fatal(err)
	}
	for _, v := range append(dx, y[0]) {
		if v != 0 {
			t.Fatalf("got loss %g and gradient %v, want zeros", y[0], dx)
		}
	}
	for name, bad := range map[string]nn.SupervisedContrastiveLoss{
		"labels":      {D: 2, Temperature: 1, Labels: []int32{0}},
		"width":       {Temperature: 1, Labels: []int32{0, 1, 2}},
		"temperature": {D: 2, Labels: []int32{0, 1, 2}},
		"values":      {D: 3, Temperature: 1, Labels: []int32{0, 1, 2}},
	} {
		if err := bad.Forward(y, x, b); err == nil {
			t.Errorf("%s passed", name)
		}
	}
}
