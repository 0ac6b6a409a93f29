package calibration_test

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/calibration"
)

// A classifier of two classes is right about three times of four whatever it says: its confidence becomes that, and it abstains from what is like nothing it learnt.
func ExampleFit() {
	seen := &calibration.Observations{Classes: 2}
	for i := range 100 {
		z := float32(8 + i%10)
		right := int32(0)
		if i%4 == 0 {
			right = 1
		}
		seen.Logits, seen.True = append(seen.Logits, z, 0), append(seen.True, right)
	}
	c, err := calibration.Fit(seen, calibration.Default())
	if err != nil {
		fmt.Println(err)
		return
	}
	p := make([]float32, 2)
	for _, logits := range [][]float32{{17, 0}, {1, 0}} {
		v := c.Judge(p, logits)
		fmt.Printf("%s %t %q %v\n", v.Verdict, v.Confidence > 0.5 && v.Confidence < 0.85, v.Why, c.Set(p))
	}
	// Output:
	// answer true "" [0]
	// abstain true "out of scope" [0 1]
}

func ExampleAbove() {
	scores := []float64{3, 1, 4, 1, 5, 9, 2, 6, 5}
	threshold, err := calibration.Above(scores, 0.2) // a tenth score is higher with a chance of at most 0.2
	fmt.Println(threshold, err, calibration.Needed(0.01))
	// Output: 6 <nil> 99
}

func ExampleFitBinary() {
	margins, right := make([]float64, 100), make([]bool, 100)
	for i := range margins {
		margins[i], right[i] = float64(i-50)/10, i > 60
	}
	b, err := calibration.FitBinary(margins, right)
	fmt.Println(err, b.Confidence(-5) < 0.1, b.Confidence(5) > 0.9)
	// Output: <nil> true true
}
