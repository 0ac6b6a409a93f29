package train_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/kernels"
	loop "github.com/fmkit/fmkit/shared/train"
	"github.com/fmkit/fmkit/text/texttest"
)

// killEnv tells this binary to be the process that adapts into the folder named until it is killed.
const killEnv = "FMKIT_ADAPT_DIR"

func TestMain(m *testing.M) {
	dir := os.Getenv(killEnv)
	if dir == "" {
		os.Exit(m.Run())
	}
	if _, err := adaptInto(context.Background(), dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// adaptInto goes on with a run of 450 steps, which saves at 200, 400 and the last.
func adaptInto(ctx context.Context, dir string) (*adapter.Passport, error) {
	m, err := texttest.Model(7, append([]string{"cat", "hammer", "rain"}, filler...)...)
	if err != nil {
		return nil, err
	}
	c := config()
	c.Steps, c.Batch = 450, 4
	d := train.Data{Train: examples(60, 1), Eval: examples(30, 2)}
	return train.Adapt(ctx, m, d, c, finetune.Options{Out: dir, Resume: true})
}

// lines counts those of metrics.jsonl that the run of the adapter dir has written.
func lines(dir string) int {
	raw, err := os.ReadFile(filepath.Join(dir+".run", "final", "metrics.jsonl"))
	if err != nil {
		return 0
	}
	return bytes.Count(raw, []byte("\n"))
}

// TestKilled holds that an adapter whose training was killed in every part of it, scoring and saving too, has the files of one that was not.
func TestKilled(t *testing.T) {
	if kernels.Path() == "purego" {
		t.Skip("450 steps are too many for plain Go; the loop's own test kills there")
	}
	whole := filepath.Join(t.TempDir(), "adapter")
	want, err := adaptInto(context.Background(), whole)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "adapter")
	r := rand.New(rand.NewPCG(5, 6))
	killed := 0
	for _, at := range []int{r.IntN(150), 201 + r.IntN(150), 401 + r.IntN(30), 445, 450, 450, -1} { // -1: never
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), killEnv+"="+dir)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		if at >= 0 {
			_, err := os.Stat(dir)
			for deadline := time.Now().Add(time.Minute); err != nil && lines(dir) < at && time.Now().Before(deadline); _, err = os.Stat(dir) {
				time.Sleep(time.Millisecond)
			}
			time.Sleep(time.Duration(r.IntN(5_000)) * time.Microsecond)
			_ = cmd.Process.Kill()
		}
		err := <-ended
		switch exit, _ := errors.AsType[*exec.ExitError](err); {
		case exit != nil && !exit.Exited():
			killed++
		case err != nil:
			t.Fatalf("after %d kills: %v: %s", killed, err, stderr.String())
		}
	}
	if killed < 3 {
		t.Errorf("%d processes were killed, want at least 3", killed)
	}
	t.Logf("%d kills", killed)
	p, err := adapter.ReadPassport(dir)
	if err != nil {
		t.Fatal(err)
	}
	if p.Digest != want.Digest {
		t.Errorf("killed %d times: got %s, want %s", killed, p.Digest, want.Digest)
	}
	for _, name := range []string{"adapter_model.safetensors", "adapter_config.json", "fmkit.json", "metrics.jsonl"} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if whole, err := os.ReadFile(filepath.Join(whole, name)); err != nil || !bytes.Equal(got, whole) {
			t.Errorf("%s differs from that of the adapter that was trained in one go: %v", name, err)
		}
	}
	if left, err := filepath.Glob(filepath.Dir(dir) + "/*"); err != nil || len(left) != 1 {
		t.Errorf("files are left beside the adapter: %v, %v", left, err)
	}
}

// TestStopped is TestKilled for a context that ends, with other workers each time.
func TestStopped(t *testing.T) {
	if kernels.Path() == "purego" {
		t.Skip("450 steps are too many for plain Go; the loop's own test stops there")
	}
	was := kernels.Workers()
	defer kernels.SetWorkers(was)
	want, err := adaptInto(context.Background(), filepath.Join(t.TempDir(), "adapter"))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "adapter")
	r := rand.New(rand.NewPCG(7, 8))
	stopped := 0
	for k := range 5 {
		kernels.SetWorkers([]int{1, 2, 5}[k%3])
		at := 80*k + r.IntN(60)
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			for ctx.Err() == nil && lines(dir) < at {
				time.Sleep(time.Millisecond)
			}
			cancel()
		}()
		_, err := adaptInto(ctx, dir)
		cancel()
		if err != nil && !errors.Is(err, loop.ErrStopped) {
			t.Fatalf("stop %d: got %v, want %v", k, err, loop.ErrStopped)
		}
		if err != nil {
			stopped++
		}
		if _, statErr := os.Stat(dir); err != nil && statErr == nil {
			t.Fatalf("stop %d left an adapter", k)
		}
	}
	if stopped < 3 {
		t.Errorf("stopped %d times, want at least 3", stopped)
	}
	got, err := adaptInto(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if got.Digest != want.Digest {
		t.Errorf("got %s, want %s", got.Digest, want.Digest)
	}
}
