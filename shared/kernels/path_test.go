package kernels

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestMain refuses to test other kernels than those that were asked for.
func TestMain(m *testing.M) {
	if err := CheckPath(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	os.Exit(m.Run())
}

func TestCheckPath(t *testing.T) {
	for _, v := range []string{"", "purego", "avx2", "avx512"} {
		if err := checkPath(v); err != nil {
			t.Errorf("%q: %v", v, err)
		}
	}
	for _, v := range []string{"avx", "AVX2", " avx2", "generic", "0", strings.Repeat("x", 1000)} {
		err := checkPath(v)
		if err == nil || !strings.Contains(err.Error(), "FMKIT_KERNELS") || !strings.Contains(err.Error(), "avx512") || len(err.Error()) > 150 {
			t.Errorf("%.10q: got %v, want an error that says what there is", v, err)
		}
	}
	if err := checkPath(Path()); err != nil {
		t.Errorf("the path that runs: %v", err)
	}
}
