package shared_test

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// floors are the oldest versions without a known vulnerability, of modules whose packages we may compile in.
var floors = map[string]string{
	"golang.org/x/image":         "v0.45.0",
	"golang.org/x/text":          "v0.39.0",
	"golang.org/x/net":           "v0.56.0",
	"github.com/gogo/protobuf":   "v1.3.2",
	"google.golang.org/protobuf": "v1.33.0",
	"google.golang.org/grpc":     "v1.82.1",
}

// graphFloors hold for the whole module graph, compiled in or not: packages that come later start above them. go mod tidy
// would drop the requirements in go.mod that raise them.
var graphFloors = []string{"golang.org/x/image", "golang.org/x/text", "golang.org/x/net"}

// pins are the versions that the code is written for. assume-no-moving-gc is Gorgonia's: with the version that Gorgonia
// itself asks for, every program panics at start on current Go.
var pins = map[string]string{
	"gorgonia.org/gorgonia":              "v0.9.18",
	"gorgonia.org/tensor":                "v0.9.24",
	"github.com/sugarme/tokenizer":       "v0.3.0",
	"go4.org/unsafe/assume-no-moving-gc": "v0.0.0-20231121144256-b99613f794b6",
}

// versions runs go list with a format of one "path version" a line.
func versions(t *testing.T, args ...string) map[string]string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	m := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) == 2 {
			m[f[0]] = f[1]
		}
	}
	return m
}

func TestModuleVersions(t *testing.T) {
	graph := versions(t, "-m", "-f", "{{.Path}} {{.Version}}", "all")
	for path, want := range pins {
		if got := graph[path]; got != want {
			t.Errorf("module %s: got %q, want %q", path, got, want)
		}
	}
	if _, ok := graph["github.com/mmcloughlin/avo"]; ok {
		t.Error("avo is in the module graph: generators belong in a module of their own")
	}
	for _, path := range graphFloors {
		if got := graph[path]; got == "" || older(got, floors[path]) {
			t.Errorf("module %s: %q is below the security floor %s", path, got, floors[path])
		}
	}
	compiled := versions(t, "-deps", "-f", "{{with .Module}}{{.Path}} {{.Version}}{{end}}", "./...")
	for path, floor := range floors {
		if got, ok := compiled[path]; ok && older(got, floor) {
			t.Errorf("module %s: %s is below the security floor %s", path, got, floor)
		}
	}
}

// older compares release versions by number.
func older(a, b string) bool {
	as, bs := strings.Split(strings.TrimPrefix(a, "v"), "."), strings.Split(strings.TrimPrefix(b, "v"), ".")
	for i := range min(len(as), len(bs)) {
		x, _ := strconv.Atoi(strings.SplitN(as[i], "-", 2)[0])
		y, _ := strconv.Atoi(strings.SplitN(bs[i], "-", 2)[0])
		if x != y {
			return x < y
		}
	}
	return false
}
