package adapter_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/nn"
)

// sealed is a passport as a task would fill it in.
func sealed() adapter.Passport {
	sum := "sha256:" + strings.Repeat("0", 64)
	return adapter.Passport{
		Task: "classify", Method: adapter.Head, Labels: []string{"no", "yes"}, Base: adapter.Base{Name: "base", Fingerprint: sum, Tokenizer: sum},
		Settings: []byte("{}"), Recipe: []byte(`{"lr":0.001}`), Seed: 1, Steps: 10,
	}
}

// A passport that somebody has edited isn't what was written.
func ExampleSave() {
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	params := []*nn.Param{nn.NewParam("classifier.weight", 2, 3)}
	if _, err := adapter.Save(dir, sealed(), "SEQ_CLS", params, nil); err != nil {
		fmt.Println(err)
		return
	}
	path := filepath.Join(dir, "fmkit.json")
	raw, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, []byte(strings.Replace(string(raw), `"steps": 10`, `"steps": 99`, 1)), 0o600)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := adapter.Open(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	fmt.Println(errors.Is(f.Fill(params), adapter.ErrChanged))
	// Output: true
}

// What training again gives is compared with what the passport says.
func ExamplePassport_Agree() {
	p, again := sealed(), sealed()
	p.DType, again.DType = "F32", "F32"
	fmt.Println(p.Agree(&again))
	p.Metrics = adapter.Scores{N: 100, Values: map[string]float64{"accuracy": 0.99}}
	again.Metrics = adapter.Scores{N: 100, Values: map[string]float64{"accuracy": 0.5}}
	fmt.Println(p.Agree(&again))
	// Output:
	// <nil>
	// adapter: recipe is not the one on record: metrics: accuracy: got 0.99, the recipe gives 0.5
}
