package kernels

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unsafe"
)

// TestLargePages: the memory of a large slice carries the mark of madvise, "hg" in smaps (proc(5)). A kernel without large pages has none to give;
// nor has an emulator, which keeps the hint to itself, so this is a test of amd64.
func TestLargePages(t *testing.T) {
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage"); err != nil {
		t.Skip("this kernel has no large pages: ", err)
	}
	x := Make[float32](4 * largeFloats)
	at := uintptr(unsafe.Pointer(&x[len(x)/2]))
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	inside := false
	for line := range strings.Lines(string(smaps)) {
		var lo, hi uintptr
		if n, _ := fmt.Sscanf(line, "%x-%x ", &lo, &hi); n == 2 {
			inside = lo <= at && at < hi
		}
		if flags, ok := strings.CutPrefix(line, "VmFlags:"); ok && inside {
			if !strings.Contains(flags+" ", " hg") {
				t.Errorf("flags of the mapping: %s, want hg among them", flags)
			}
			return
		}
	}
	t.Error("no mapping holds the slice")
}
