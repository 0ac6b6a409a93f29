package checkpoint

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// killDirEnv tells this binary to be the process that saves until it is killed.
const killDirEnv = "FMKIT_CHECKPOINT_KILL_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killDirEnv); dir != "" {
		if err := saveForever(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// killModel is 1 MB of weights, all of which tell the step.
func killModel(step int) []Tensor {
	values := make([]float32, 1<<18)
	for i := range values {
		values[i] = float32(step)
	}
	return []Tensor{{Name: "a", Shape: []int{len(values)}, Data: values}}
}

// savedStep reads what saveForever has saved: 0 if nothing.
func savedStep(dir string) (int, error) {
	tensors, meta, err := ReadFile(filepath.Join(dir, "model.safetensors"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	step, err := strconv.Atoi(meta["step"])
	if err != nil {
		return 0, err
	}
	if Digest(tensors) != Digest(killModel(step)) {
		return 0, fmt.Errorf("weights are not those of step %d", step)
	}
	return step, nil
}

// saveForever saves step after step and prints each one that is safe.
func saveForever(dir string) error {
	step, err := savedStep(dir)
	if err != nil {
		return err
	}
	for {
		step++
		err := Save(dir, func(d *Dir) error {
			return d.WriteTensors("model.safetensors", killModel(step), map[string]string{"step": strconv.Itoa(step)})
		})
		if err != nil {
			return err
		}
		fmt.Println(step)
	}
}

// kills returns how many processes to kill: FMKIT_KILLS, or a number that keeps go test short.
func kills(t *testing.T) int {
	n := 50
	if testing.Short() {
		n = 15
	}
	if s := os.Getenv("FMKIT_KILLS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatalf("FMKIT_KILLS: %v", err)
		}
	}
	return n
}

// TestKill kills a process that saves, at random moments: no save that it acknowledged is lost, none
// is unreadable, and nothing is left beside the folder after the next start.
func TestKill(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	r := rand.New(rand.NewPCG(11, 12))
	var acknowledged, found, interrupted int
	n := kills(t)
	for i := range n {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), killDirEnv+"="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		if lines.Scan() { // it has started: its time runs from here
			acknowledged = number(t, lines.Text())
			time.AfterFunc(5*time.Millisecond+time.Duration(r.Int64N(int64(60*time.Millisecond))), func() { cmd.Process.Kill() })
		}
		for lines.Scan() {
			acknowledged = number(t, lines.Text())
		}
		err = cmd.Wait()
		if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.Exited() {
			t.Fatalf("kill %d: the process ended by itself: %v", i, err)
		}
		if len(strays(OS, dir)) > 0 {
			interrupted++
		}
		if found, err = savedStep(dir); err != nil {
			t.Fatalf("kill %d: unreadable after step %d: %v", i, acknowledged, err)
		}
		if found < acknowledged {
			t.Fatalf("kill %d: step %d was acknowledged, found %d", i, acknowledged, found)
		}
		if err := Recover(dir); err != nil {
			t.Fatal(err)
		}
		if left := strays(OS, dir); len(left) > 0 {
			t.Fatalf("kill %d: strays after recovery: %v", i, left)
		}
	}
	t.Logf("%d kills, %d of them in the middle of a save, %d saves acknowledged, last found %d", n, interrupted, acknowledged, found)
	if interrupted == 0 && n >= 10 {
		t.Error("no kill hit a save: the test tests nothing")
	}
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
