package train

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// killDirEnv tells this binary to be the process that trains until it is killed.
const killDirEnv = "FMKIT_TRAIN_KILL_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killDirEnv); dir != "" {
		if err := trainSlowly(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func killConfig() Config {
	c := shortConfig()
	c.Steps, c.SaveEvery, c.EvalEvery, c.Accumulate = 120, 2, 15, 3
	return c
}

// trainSlowly resumes the run in dir, a millisecond a micro-batch.
func trainSlowly(dir string) error {
	r := newRegression()
	begun := false
	r.onStep = func(int) {
		if !begun {
			fmt.Println("begun")
			begun = true
		}
		time.Sleep(time.Millisecond)
	}
	_, err := Run(context.Background(), killConfig(), r, Options{Dir: dir, Resume: true, Log: os.Stdout})
	return err
}

// TestKilled kills a training process at random moments and starts it again, until the run is complete: it ends in the
// bits of a run that was never touched. The lock that a killed process held is no obstacle.
func TestKilled(t *testing.T) {
	whole := t.TempDir()
	mustRun(t, killConfig(), newRegression(), Options{Dir: whole, FS: quick()})
	want := outcomeOf(t, whole, killConfig().Steps)
	most := 15
	if s := os.Getenv("FMKIT_KILLS"); s != "" {
		var err error
		if most, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(17, 18))
	for killed := 0; ; {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), killDirEnv+"="+dir)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if lines.Text() == "begun" && killed < most {
				time.AfterFunc(5*time.Millisecond+time.Duration(r.Int64N(int64(60*time.Millisecond))), func() { cmd.Process.Kill() })
			}
			if strings.Contains(lines.Text(), "damaged") {
				t.Fatalf("a kill damaged a checkpoint: %s", lines.Text())
			}
		}
		err = cmd.Wait()
		if err == nil {
			t.Logf("%d kills", killed)
			break
		}
		if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.Exited() {
			t.Fatalf("after %d kills: %v: %s", killed, err, stderr.String())
		}
		killed++
		f := &folder{fs: checkpoint.OS, dir: dir}
		steps, err := f.steps()
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range steps {
			if _, err := f.verify(step); err != nil {
				t.Fatalf("after %d kills: checkpoint-%d: %v", killed, step, err)
			}
		}
	}
	if d := cmp.Diff(want, outcomeOf(t, dir, killConfig().Steps), cmp.AllowUnexported(outcome{})); d != "" {
		t.Error(d)
	}
	checkpoints(t, dir) // no strays
}
