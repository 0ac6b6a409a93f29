package bench

import (
	"bufio"
	"cmp"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/fmkit/fmkit/shared/kernels"
)

// A Machine says where figures were taken.
type Machine struct {
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"` // usable by this process
	OS     string `json:"os"`
	Arch   string `json:"arch"`
	Go     string `json:"go"`
	Kernel string `json:"kernel"` // which of our kernels ran
}

// ThisMachine describes the machine that runs this.
func ThisMachine() Machine {
	return Machine{
		CPU: cpuName(), Cores: runtime.NumCPU(), OS: runtime.GOOS, Arch: runtime.GOARCH,
		Go: runtime.Version(), Kernel: kernels.Path(),
	}
}

// String is one line for people.
func (m Machine) String() string {
	return fmt.Sprintf("%s, %d cores, %s/%s, %s, kernels %s", m.CPU, m.Cores, m.OS, m.Arch, m.Go, m.Kernel)
}

// cpuName is the processor's name where Linux tells it.
func cpuName() string { return cmp.Or(procValue("/proc/cpuinfo", "model name"), "unknown processor") }

// PeakBytes is the largest resident size of this process so far, 0 where the system doesn't say.
func PeakBytes() int64 {
	kib, _, _ := strings.Cut(procValue("/proc/self/status", "VmHWM"), " ")
	n, err := strconv.ParseInt(kib, 10, 64)
	if err != nil {
		return 0
	}
	return n << 10
}

// procValue finds the first "key : value" of a file.
func procValue(path, key string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if k, v, ok := strings.Cut(s.Text(), ":"); ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
