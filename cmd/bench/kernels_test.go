package bench

import "testing"

// TestGemmWork holds that the three forms compute what their names say, on the smallest of their kind.
func TestGemmWork(t *testing.T) {
	if n := len(gemms()); n != 27 {
		t.Fatalf("%d products, want three forms of nine shapes", n)
	}
	for _, form := range []string{"nn", "nt", "tn"} {
		if err := (gemm{form, 5, 7, 3}).work()(); err != nil {
			t.Errorf("%s: %v", form, err)
		}
	}
}
