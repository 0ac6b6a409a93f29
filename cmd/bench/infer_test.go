package bench

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

// fakeReader stands in for fm and for the scripts that read a base, with this module's own code. Its vectors are off by shift.
func fakeReader(args []string, shift float32) error {
	at := slices.Index(args, "--base")
	switch {
	case slices.ContainsFunc(args, func(a string) bool { return filepath.Base(a) == "peer_startup.py" }):
		if err := fakeStart(args[3]); err != nil {
			return err
		}
		fmt.Println(`"Fake start 1.0"`)
		return nil
	case args[0] == "embed":
		return fakeStart(args[at+1])
	}
	r, err := loadReader(args[at+1])
	if err != nil {
		return err
	}
	work, y := r.work(readings[0])
	if err := work(); err != nil {
		return err
	}
	raw, err := os.ReadFile(filepath.Join(args[at+3], readings[0].String()+".ids"))
	if ids := r.ids(readings[0]); err != nil || len(raw) != 4*len(ids) || int32(binary.LittleEndian.Uint32(raw)) != ids[0] {
		return fmt.Errorf("ids: %v, %d bytes", err, len(raw))
	}
	for i := range y {
		y[i] += shift
	}
	fmt.Println(`{"peer":"Fake reader 1.0"}`)
	for s := bufio.NewScanner(os.Stdin); s.Scan(); {
		switch words := strings.Split(s.Text(), "\t"); words[0] {
		case "prepare":
			a := map[string]any{"way": "quick", "tried": map[string]float64{"quick": 0.01, "slow": 0.5, "fair": 0.02}, "failed": map[string]string{"odd": "no such operator"}}
			if len(words) > 2 {
				a = map[string]any{"way": words[2], "tried": map[string]float64{words[2]: 0.01}}
			}
			if err := json.NewEncoder(os.Stdout).Encode(a); err != nil {
				return err
			}
		case "run":
			fmt.Println(`{"seconds":0.02}`)
		case "output":
			raw, err := binary.Append(nil, binary.LittleEndian, y)
			if err != nil {
				return err
			}
			if err := os.WriteFile(words[2], raw, 0o600); err != nil {
				return err
			}
			fmt.Println(`{}`)
		case "peak":
			fmt.Println(`{"bytes":1048576}`)
		case "quit":
			return nil
		}
	}
	return nil
}

func fakeStart(base string) error {
	m, err := text.Load(base)
	if err != nil {
		return err
	}
	e, err := text.NewEmbedder(m, text.EmbedConfig{Normalize: true})
	if err != nil {
		return err
	}
	line, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	v, err := e.Embed(context.Background(), []string{strings.TrimSpace(string(line))})
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(v[0])
}

// fakeBase saves a small model and makes this program the peers' interpreter.
func fakeBase(t *testing.T, kind string) string {
	t.Helper()
	m, err := texttest.Model(1, "bank", "transfer", "take", "long")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "base")
	if err := m.Save(dir, text.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Setenv("FMKIT_FAKE_PEER", kind)
	t.Setenv("FMKIT_PYTHON", os.Args[0])
	return dir
}

func TestInferBesideAPeer(t *testing.T) {
	var log strings.Builder
	r, err := Infer(t.Context(), InferOptions{
		Options: Options{Threads: []int{1}, Pairs: 1, Log: &log}, Base: fakeBase(t, "reader"), Peers: []string{"torch"}, Program: os.Args[0],
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Results) != 1 || len(r.Beside) != 1 {
		t.Fatalf("%d results and %d beside, want one each: the model reads 64 tokens", len(r.Results), len(r.Beside))
	}
	x := r.Results[0]
	if x.Name != "B1 T16" || x.PeerName != "Fake reader 1.0" || x.Way != "quick" || len(x.Tried) != 3 || x.Difference != 0 || x.Ratio <= 0 {
		t.Errorf("result %+v", x)
	}
	if math.Abs(x.PeerSeconds-0.02/11) > 1e-9 {
		t.Errorf("the peer took %v s, want 0.02 s for the 11 repeats that its own speed of 0.01 s asks for", x.PeerSeconds)
	}
	if r.Peer != "Fake reader 1.0" || r.Memory["torch"] != 1<<20 || r.Allocated["B1 T16"] != 0 {
		t.Errorf("peer %q, memory %v, allocated %v", r.Peer, r.Memory, r.Allocated)
	}
	if len(r.Startup) != 2 || r.Startup[0].Name != "fm embed" || r.Startup[1].Name != "Fake start 1.0" || r.Startup[1].Seconds <= 0 || r.Startup[1].Runs != 1 {
		t.Errorf("startup %+v", r.Startup)
	}
	if !strings.Contains(log.String(), "odd: left out: no such operator") {
		t.Errorf("log %q, want the way that failed", log.String())
	}
}

func TestInferRefusesOtherWork(t *testing.T) {
	_, err := Infer(t.Context(), InferOptions{Options: Options{Threads: []int{1}, Pairs: 1}, Base: fakeBase(t, "other reader"), Peers: []string{"torch"}})
	if err == nil || !strings.Contains(err.Error(), "not the same work") {
		t.Errorf("got %v, want the vectors to differ", err)
	}
}

func TestInferWithoutAnInterpreter(t *testing.T) {
	base := fakeBase(t, "reader")
	t.Setenv("FMKIT_PYTHON", "/nonexistent/python")
	for _, peers := range [][]string{{"torch"}, {"onnxruntime"}, {"hugot"}} {
		if _, err := Infer(t.Context(), InferOptions{Options: Options{Threads: []int{1}, Pairs: 1}, Base: base, Peers: peers}); !errors.Is(err, ErrNoPeer) {
			t.Errorf("%v: got %v, want ErrNoPeer", peers, err)
		}
	}
	if _, err := Infer(t.Context(), InferOptions{Peers: []string{"onnxruntime"}}); err == nil || !strings.Contains(err.Error(), "want a base") {
		t.Errorf("onnxruntime without a base: %v", err)
	}
}

// TestGoPeerIsBuiltFromACheckout holds that a folder without the source says what is missing.
func TestGoPeerIsBuiltFromACheckout(t *testing.T) {
	t.Chdir(t.TempDir())
	if _, err := (&field{dir: t.TempDir()}).goPrograms(t.Context(), InferOptions{}); !errors.Is(err, ErrNoPeer) || !strings.Contains(err.Error(), "checkout") {
		t.Errorf("got %v, want ErrNoPeer", err)
	}
}

func TestChooseDropsHopelessWays(t *testing.T) {
	base := fakeBase(t, "reader")
	f := &field{base: base, dir: t.TempDir()}
	if _, err := f.reader(); err != nil {
		t.Fatal(err)
	}
	c := &contender{name: "fake", programs: []program{f.python("peer_infer.py")}}
	best, err := c.choose(t.Context(), 1, readings[0], io.Discard)
	if err != nil || best.way != "quick" {
		t.Fatalf("chose %q, %v, want quick", best.way, err)
	}
	if got, want := c.ways[""], []string{"fair", "quick"}; !slices.Equal(got, want) {
		t.Errorf("next time it tries %q, want %q: the third took 50 times as long", got, want)
	}
}

func TestDifference(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		a, b []float32
		want float64
		bad  bool
	}{
		{[]float32{1, 2}, []float32{1, 2}, 0, false},
		{[]float32{1, 2}, []float32{1, 2.0005}, 0.0005, false},
		{[]float32{1, 2}, []float32{1, 2.002}, 0, true},
		{[]float32{1, 2}, []float32{1}, 0, true},
		{[]float32{1, 2}, []float32{1, nan}, 0, true},
		{[]float32{1, nan}, []float32{1, 2}, 0, true},
	} {
		got, err := difference(c.a, c.b)
		if (err != nil) != c.bad || !c.bad && math.Abs(got-c.want) > 1e-6 {
			t.Errorf("difference(%v, %v) = %v, %v, want %v", c.a, c.b, got, err, c.want)
		}
	}
}

// TestSpawnMemory holds that no memory is given for a process that is smaller than this one, whose memory Linux counts as the other's.
func TestSpawnMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("memory is compared on Linux")
	}
	dir := fakeBase(t, "reader")
	f := &field{base: dir}
	cmd := f.starters(InferOptions{Program: os.Args[0]}, "", 1)[0].command(t.Context())
	ballast := make([]byte, 64<<20)
	for i := range ballast {
		ballast[i] = 1
	}
	run, err := spawn(cmd, 1)
	if err != nil || run.bytes != 0 {
		t.Errorf("beside %d MiB of ours: %d bytes, %v, want none", len(ballast)>>20, run.bytes, err)
	}
	runtime.KeepAlive(ballast)
}
