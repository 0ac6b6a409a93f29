package shared_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/fmkit/fmkit/"

// layers says what each package may import besides the standard library. The first pattern that matches a package
// decides; a pattern is a path.Match pattern or a prefix that ends in "/...". DO NOT CHANGE THIS TABLE TO MAKE A BUILD
// PASS: an import that it refuses points the wrong way.
var layers = []struct {
	pkg   string
	allow []string
}{
	{"shared", nil},
	{"shared/random", nil},
	{"shared/strictjson", nil},
	{"shared/kernels", []string{"golang.org/x/sys/cpu"}},
	{"shared/kernels/kerneltest", []string{"shared/kernels", "shared/random"}},
	{"shared/nn", []string{"shared/kernels", "shared/random"}},
	{"shared/backbone", []string{"shared/nn", "shared/kernels", "shared/random"}},
	{"shared/checkpoint", []string{"shared/random", "golang.org/x/sys/..."}},
	{"shared/hub", []string{"shared/strictjson", "shared/checkpoint"}},
	{"shared/hub/hubtest", nil},
	{"shared/data", []string{"shared/random", "golang.org/x/sys/...", "golang.org/x/text/..."}},
	{"shared/data/datatest", nil},
	{"shared/data/corpus", []string{"shared/data", "shared/checkpoint", "shared/random", "shared/strictjson", "golang.org/x/net/html/...", "golang.org/x/text/..."}},
	{"shared/metrics", []string{"shared/random", "golang.org/x/text/..."}},
	{"shared/hub", []string{"shared/checkpoint"}},
	{"shared/calibration", []string{"shared/kernels"}},
	{"shared/adapter/adaptertest", []string{"shared/adapter"}},
	{"shared/adapter", []string{"shared/strictjson", "shared/nn", "shared/backbone", "shared/peft", "shared/checkpoint", "shared/data", "shared/metrics"}},
	{"shared/peft", []string{"shared/nn", "shared/backbone", "shared/kernels", "shared/random", "shared/checkpoint"}},
	{"shared/graph", []string{
		"shared/nn", "shared/kernels", "shared/random", "gorgonia.org/gorgonia", "gorgonia.org/tensor",
		"github.com/chewxy/hm", "go4.org/unsafe/assume-no-moving-gc",
	}},
	{"shared/train", []string{
		"shared/nn", "shared/kernels", "shared/random", "shared/graph", "shared/data", "shared/checkpoint", "shared/metrics",
		"golang.org/x/sys/...",
	}},
	{"shared/finetune", []string{
		"shared/adapter", "shared/calibration", "shared/checkpoint", "shared/data", "shared/graph", "shared/kernels", "shared/metrics", "shared/nn", "shared/peft", "shared/random", "shared/strictjson", "shared/train",
	}},
	{"shared/transfer", []string{
		"shared/adapter", "shared/calibration", "shared/checkpoint", "shared/data", "shared/finetune", "shared/metrics", "shared/peft", "shared/random", "shared/strictjson", "shared/train",
	}},
	{"shared/rerun", []string{"shared/adapter", "shared/checkpoint", "shared/strictjson", "shared/train"}},
	{"text/tokenizer/...", []string{"shared/random", "text/tokenizer/...", "golang.org/x/text/...", "github.com/sugarme/tokenizer/..."}},
	{"*/pretrain", []string{"shared/...", "SAME/..."}},
	{"text", []string{"PREDICT", "text/..."}},
	{"text/*", []string{"PREDICT", "text", "text/tokenizer"}},
	{"vision", []string{"PREDICT", "vision/picture"}},
	{"vision/picture", []string{"shared/kernels", "shared/random", "shared/strictjson", "github.com/disintegration/imaging", "golang.org/x/image/..."}},
	{"vision/*", []string{"PREDICT", "vision", "vision/picture"}},
	{"rl/trajectory/columnar", []string{"github.com/klauspost/compress/..."}},
	{"rl/trajectory", []string{"PREDICT", "rl/env/...", "rl/trajectory/columnar", "github.com/parquet-go/parquet-go"}},
	{"rl/...", []string{"PREDICT", "rl/..."}},
	{"adapters/assistant/train", []string{"shared/...", "text/...", "adapters/..."}},
	{"adapters/assistant/baseline", []string{"PREDICT", "adapters/assistant", "adapters/*/baseline"}},
	{"adapters/assistant", []string{"PREDICT", "text", "text/tokenizer", "adapters/classifier", "adapters/qa", "adapters/search", "adapters/summarizer/extractive", "adapters/tagger"}},
	{"adapters/*/train", []string{"shared/...", "text/...", "vision/...", "rl/...", "OWN/..."}},
	{"adapters/policy", []string{"PREDICT", "rl", "rl/env/...", "OWN/..."}},
	{"adapters/serve", []string{
		"PREDICT", "text", "vision", "vision/picture", "rl",
		"adapters/classifier", "adapters/classifier/head", "adapters/classifier/pictures", "adapters/qa", "adapters/regressor", "adapters/summarizer", "adapters/inspector", "adapters/multilabel",
		"adapters/search", "adapters/tagger", "adapters/policy", "adapters/document", "adapters/assistant",
	}},
	{"adapters/document", []string{
		"PREDICT", "text", "text/tokenizer", "adapters/classifier", "adapters/tagger", "adapters/qa", "adapters/summarizer", "adapters/summarizer/extractive",
	}},
	{"adapters/...", []string{"PREDICT", "text", "text/tokenizer", "vision", "vision/picture", "vision/dataset", "rl", "OWN/..."}},
	{"cmd/...", []string{"..."}},
}

// predict are the shared packages that a program which only predicts may link.
var predict = []string{
	"shared/random", "shared/strictjson", "shared/kernels", "shared/nn", "shared/backbone", "shared/checkpoint", "shared/data",
	"shared/metrics", "shared/adapter", "shared/hub", "shared/peft", "shared/calibration",
}

type listed struct {
	ImportPath string
	Imports    []string
	Standard   bool
}

func goList(t *testing.T, args ...string) []listed {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports,Standard"}, args...)...)
	cmd.Dir = ".."
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var all []listed
	for d := json.NewDecoder(out); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	return all
}

func matches(pattern, pkg string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "..."); ok {
		return strings.HasPrefix(pkg+"/", prefix)
	}
	ok, _ := path.Match(pattern, pkg)
	return ok
}

// allowed says whether pkg, whose row allows the given patterns, may import dep.
func allowed(pkg string, allow []string, dep string) bool {
	parts := strings.Split(pkg, "/")
	for _, a := range allow {
		switch {
		case a == "PREDICT":
			if slices.Contains(predict, dep) {
				return true
			}
		case strings.HasPrefix(a, "SAME/"): // the package's own modality
			if matches(parts[0]+"/...", dep) {
				return true
			}
		case strings.HasPrefix(a, "OWN/"): // the package's own adapter
			if matches(strings.Join(parts[:2], "/")+"/...", dep) && !strings.HasSuffix(dep, "/train") {
				return true
			}
		case matches(a, dep):
			return true
		}
	}
	return false
}

func TestLayers(t *testing.T) {
	n := 0
	for _, p := range goList(t, "./...") {
		pkg := strings.TrimPrefix(p.ImportPath, module)
		row := slices.IndexFunc(layers, func(l struct {
			pkg   string
			allow []string
		},
		) bool {
			return matches(l.pkg, pkg)
		})
		if row < 0 {
			t.Errorf("%s has no row in the layer table", pkg)
			continue
		}
		for _, dep := range p.Imports {
			if !strings.Contains(strings.SplitN(dep, "/", 2)[0], ".") {
				continue // standard library
			}
			n++
			if dep := strings.TrimPrefix(dep, module); !allowed(pkg, layers[row].allow, dep) {
				t.Errorf("%s may not import %s", pkg, dep)
			}
		}
	}
	if n == 0 {
		t.Fatal("no imports seen")
	}
}

// TestPredictLinksNoTrainingStack holds the promise that an import which only predicts stays small.
func TestPredictLinksNoTrainingStack(t *testing.T) {
	refused := []string{"gorgonia.org/", "github.com/spf13/cobra", "github.com/prometheus/", module + "shared/graph", module + "shared/train", module + "shared/finetune", module + "shared/transfer", "github.com/sugarme/"}
	pkgs := []string{"./text", "./vision", "./adapters/classifier", "./adapters/classifier/pictures", "./adapters/qa", "./adapters/summarizer", "./cmd/summarize", "./cmd/qa", "./adapters/inspector", "./cmd/inspect", "./rl", "./adapters/policy", "./adapters/serve", "./adapters/document", "./adapters/tagger", "./adapters/tagger/baseline", "./adapters/search", "./adapters/search/baseline", "./adapters/assistant", "./adapters/assistant/baseline", "./adapters/multilabel", "./adapters/regressor"}
	for _, p := range goList(t, append([]string{"-deps"}, pkgs...)...) {
		for _, r := range refused {
			if strings.HasPrefix(p.ImportPath, r) {
				t.Errorf("a program that only predicts links %s", p.ImportPath)
			}
		}
	}
}

// TestOneModality holds that a program which predicts from texts links nothing of pictures, and the reverse.
func TestOneModality(t *testing.T) {
	for pkg, refused := range map[string][]string{
		"./adapters/classifier":          {module + "vision", "image", "golang.org/x/image/", "github.com/disintegration/"},
		"./adapters/classifier/pictures": {module + "text"},
	} {
		for _, p := range goList(t, "-deps", pkg) {
			for _, r := range refused {
				if p.ImportPath == r || strings.HasPrefix(p.ImportPath, strings.TrimSuffix(r, "/")+"/") {
					t.Errorf("%s links %s", pkg, p.ImportPath)
				}
			}
		}
	}
}
