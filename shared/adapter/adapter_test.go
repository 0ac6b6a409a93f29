package adapter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
)

var zeros = "sha256:" + strings.Repeat("0", 64)

func testParams() []*nn.Param {
	params := []*nn.Param{nn.NewParam("classifier.weight", 3, 4), nn.NewParam("classifier.bias", 3)}
	for i, p := range params {
		for j := range p.Value {
			p.Value[j] = float32(i) + float32(j)/16
		}
	}
	return params
}

func testPassport() Passport {
	return Passport{
		Task: "classify", Method: Head, Labels: []string{"a", "b", "<script>"}, Settings: json.RawMessage(`{"max_length":64}`),
		Base: Base{Name: "text/mini", Fingerprint: zeros, Tokenizer: zeros}, Data: []Source{{Role: "train", Path: "a.csv", SHA256: zeros}},
		Recipe: json.RawMessage(`{"lr": 0.001, "note": "a < b"}`), Seed: math.MaxUint64, Steps: 12,
		Metrics: Scores{N: 10, Values: map[string]float64{"accuracy": 0.5}, Interval: map[string][2]float64{"accuracy": {0.25, 0.75}}},
	}
}

func save(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "adapter")
	if _, err := Save(dir, testPassport(), "SEQ_CLS", testParams(), map[string][]byte{"report.html": []byte("<p>")}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// load does all that stands between a folder and an answer.
func load(dir, task, fingerprint string, params []*nn.Param) error {
	f, err := Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Passport.Attach(task, fingerprint); err != nil {
		return err
	}
	return f.Fill(params)
}

func empty(params []*nn.Param) []*nn.Param {
	for _, p := range params {
		clear(p.Value)
	}
	return params
}

func TestRoundTrip(t *testing.T) {
	dir := save(t)
	got := empty(testParams())
	if err := load(dir, "classify", zeros, got); err != nil {
		t.Fatal(err)
	}
	for i, want := range testParams() {
		if !slices.Equal(got[i].Value, want.Value) {
			t.Errorf("%s: got %v, want %v", want.Name, got[i].Value, want.Value)
		}
	}
	p, err := ReadPassport(dir)
	if err != nil {
		t.Fatal(err)
	}
	if p.Seed != math.MaxUint64 || p.Metrics.Values["accuracy"] != 0.5 || p.Metrics.Interval["accuracy"] != [2]float64{0.25, 0.75} || p.Labels[2] != "<script>" {
		t.Errorf("got %+v", p)
	}
	if p.Digest != checkpoint.Digest(Tensors(testParams())) {
		t.Error("the digest is not that of the tensors")
	}
}

// TestBaseFromHub: PEFT's file names a base from a hub and its commit apart, the passport together.
func TestBaseFromHub(t *testing.T) {
	commit := strings.Repeat("0123456789", 4)
	for name, want := range map[string][2]string{
		"org/name@" + commit: {"org/name", commit},
		"org/name@main":      {"org/name@main", ""},
		"a/folder":           {"a/folder", ""},
	} {
		dir := filepath.Join(t.TempDir(), "adapter")
		p := testPassport()
		p.Base.Name = name
		if _, err := Save(dir, p, "SEQ_CLS", testParams(), nil); err != nil {
			t.Fatal(err)
		}
		f, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if f.Config.BaseModel != want[0] || f.Config.Revision != want[1] || f.Passport.Base.Name != name {
			t.Errorf("%s: got %q and %q, want %q", name, f.Config.BaseModel, f.Config.Revision, want)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSaveReplaces(t *testing.T) {
	dir := save(t)
	p := testPassport()
	p.Steps = 99
	if _, err := Save(dir, p, "SEQ_CLS", testParams(), map[string][]byte{"report.html": nil}); err != nil {
		t.Fatal(err)
	}
	if p, err := ReadPassport(dir); err != nil || p.Steps != 99 {
		t.Errorf("got %v, %v, want 99 steps", p, err)
	}
}

// TestRefused holds that nothing but the right folder on the right base ever fills parameters.
func TestRefused(t *testing.T) {
	other := "sha256:" + strings.Repeat("1", 64)
	edit := func(name, old, new string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			path := filepath.Join(dir, name)
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			changed := bytes.Replace(raw, []byte(old), []byte(new), 1)
			if bytes.Equal(raw, changed) {
				t.Fatalf("%s has no %q", name, old)
			}
			if err := os.WriteFile(path, changed, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	weights := func(change func(ts []checkpoint.Tensor) []checkpoint.Tensor) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			var b bytes.Buffer
			ts := change(Tensors(testParams()))
			if err := checkpoint.Write(&b, ts, nil); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, weightsFile), b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	none := func(*testing.T, string) {}
	tests := []struct {
		name              string
		change            func(*testing.T, string)
		task, fingerprint string
		params            func() []*nn.Param
		want              error
	}{
		{name: "other task", change: none, task: "qa", want: ErrTask},
		{name: "other base", change: none, fingerprint: other, want: ErrBaseMismatch},
		{name: "no passport", change: func(_ *testing.T, dir string) { os.Remove(filepath.Join(dir, passportFile)) }, want: ErrPassport},
		{name: "no config", change: func(_ *testing.T, dir string) { os.Remove(filepath.Join(dir, configFile)) }, want: ErrPassport},
		{name: "no weights", change: func(_ *testing.T, dir string) { os.Remove(filepath.Join(dir, weightsFile)) }, want: ErrPassport},
		{name: "newer format", change: edit(passportFile, `"format": 2`, `"format": 3`), want: ErrPassport},
		{name: "unknown key", change: edit(passportFile, `"steps"`, `"stepz"`), want: ErrPassport},
		{name: "key in another case", change: edit(passportFile, `"steps"`, `"Steps"`), want: ErrPassport},
		{name: "duplicate key", change: edit(passportFile, `"task"`, `"task": "qa", "task"`), want: ErrPassport},
		{name: "recipe changed", change: edit(passportFile, `0.001`, `0.002`), want: ErrPassport},
		{name: "duplicate label", change: edit(passportFile, `"b"`, `"a"`), want: ErrPassport},
		{name: "empty label", change: edit(passportFile, `"b"`, `""`), want: ErrPassport},
		{name: "not JSON", change: edit(passportFile, `{`, `[`), want: ErrPassport},
		{name: "method contradicts", change: edit(configFile, `HEAD`, `FULL`), want: ErrPassport},
		{name: "missing tensor", change: weights(func(ts []checkpoint.Tensor) []checkpoint.Tensor { return ts[:1] }), want: ErrTensors},
		{name: "extra tensor", change: weights(func(ts []checkpoint.Tensor) []checkpoint.Tensor {
			return append(ts, checkpoint.Tensor{Name: "x", Shape: []int{1}, Data: []float32{0}})
		}), want: ErrTensors},
		{name: "other shape", change: weights(func(ts []checkpoint.Tensor) []checkpoint.Tensor {
			ts[0].Shape = []int{4, 3}
			return ts
		}), want: ErrTensors},
		{name: "other type", change: weights(func(ts []checkpoint.Tensor) []checkpoint.Tensor {
			ts[0].DType = checkpoint.F16
			return ts
		}), want: ErrTensors},
		{name: "other values", change: weights(func(ts []checkpoint.Tensor) []checkpoint.Tensor {
			ts[0].Data[5]++
			return ts
		}), want: ErrDigest},
		{name: "NaN", change: edit(weightsFile, "\x00\x00\xa0\x3e", "\x00\x00\xc0\x7f"), want: checkpoint.ErrNonFinite}, // 5/16
		{name: "more rows than weights", change: none, params: func() []*nn.Param {
			return []*nn.Param{nn.NewParam("classifier.weight", 4, 4), nn.NewParam("classifier.bias", 4)}
		}, want: ErrTensors},
		{name: "folder instead of a file", change: func(t *testing.T, dir string) {
			os.Remove(filepath.Join(dir, weightsFile))
			if err := os.Mkdir(filepath.Join(dir, weightsFile), 0o755); err != nil {
				t.Fatal(err)
			}
		}, want: ErrPassport},
		{name: "link out of the folder", change: func(t *testing.T, dir string) {
			outside := filepath.Join(filepath.Dir(dir), "outside")
			if err := os.Rename(filepath.Join(dir, weightsFile), outside); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(outside, filepath.Join(dir, weightsFile)); err != nil {
				t.Skip(err)
			}
		}, want: ErrPassport},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := save(t)
			tt.change(t, dir)
			if tt.task == "" {
				tt.task = "classify"
			}
			if tt.fingerprint == "" {
				tt.fingerprint = zeros
			}
			if tt.params == nil {
				tt.params = testParams
			}
			if err := load(dir, tt.task, tt.fingerprint, empty(tt.params())); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			} else if strings.Contains(err.Error(), dir) {
				t.Errorf("%q shows the folder", err)
			}
		})
	}
}

func TestEveryCutWeightFileIsRefused(t *testing.T) {
	dir := save(t)
	path := filepath.Join(dir, weightsFile)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range raw {
		if err := os.WriteFile(path, raw[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		if err := load(dir, "classify", zeros, empty(testParams())); err == nil {
			t.Fatalf("the first %d of %d bytes are accepted", n, len(raw))
		}
	}
}

func TestSource(t *testing.T) {
	path := filepath.Join(t.TempDir(), "train.csv")
	if err := os.WriteFile(path, []byte("text,label\na,b\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := FileSource("train", path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Check(); err != nil {
		t.Errorf("unchanged: %v", err)
	}
	if err := os.WriteFile(path, []byte("text,label\na,c\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(); !errors.Is(err, ErrDataChanged) || !strings.Contains(err.Error(), "train.csv") {
		t.Errorf("changed: got %v, want ErrDataChanged that names the file", err)
	}
	a, _ := ValueSource("train", []string{"a"})
	b, _ := ValueSource("train", []string{"b"})
	if a == b || !errors.Is(a.Check(), ErrDataChanged) {
		t.Error("data without a file: want different sums, and a refusal to check")
	}
}

func ExampleScores() {
	s := Scores{N: 200, Values: map[string]float64{"accuracy": 0.91}, Interval: map[string][2]float64{"accuracy": {0.87, 0.95}}}
	raw, _ := json.Marshal(s)
	fmt.Println(string(raw))
	// Output:
	// {"accuracy":0.91,"interval":{"accuracy":[0.87,0.95]},"n":200}
}

func ExampleSave() {
	dir, _ := os.MkdirTemp("", "adapter")
	defer os.RemoveAll(dir)
	head := []*nn.Param{nn.NewParam("classifier.weight", 2, 4), nn.NewParam("classifier.bias", 2)}
	p := Passport{
		Task: "classify", Method: Head, Labels: []string{"no", "yes"}, Settings: json.RawMessage(`{}`), Recipe: json.RawMessage(`{}`),
		Base: Base{Name: "text/mini", Fingerprint: zeros, Tokenizer: zeros},
	}
	if _, err := Save(filepath.Join(dir, "yes-no"), p, "SEQ_CLS", head, nil); err != nil {
		fmt.Println(err)
	}
	f, err := Open(filepath.Join(dir, "yes-no"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	fmt.Println(f.Passport.Labels, f.Passport.Attach("classify", zeros), f.Fill(head))
	// Output:
	// [no yes] <nil> <nil>
}
