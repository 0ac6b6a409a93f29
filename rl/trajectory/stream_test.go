package trajectory_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/fmkit/fmkit/rl/trajectory"
)

// long is an episode of 500 steps like CartPole's.
func long() *trajectory.Episode {
	const t = 500
	e := &trajectory.Episode{Observations: make([]float32, 4*(t+1)), Actions: make([]float32, t), Rewards: make([]float64, t), Truncated: true}
	for i := range e.Observations {
		e.Observations[i] = float32(i*i%1009) / 1009
	}
	return e
}

// TestWriterStreams holds that a writer's memory doesn't grow with the episodes: 50,000 more steps, 4 MB in the file, leave less than 1 MB behind,
// which is what parquet-go remembers of each page until the file ends.
func TestWriterStreams(t *testing.T) {
	m := recorded(t, "CartPole-v1", trajectory.RecordConfig{Episodes: 1}).About
	heap := func() uint64 {
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	var before, after uint64
	e := long()
	err := trajectory.Create(filepath.Join(t.TempDir(), "set"), m, trajectory.StoreConfig{}, func(w *trajectory.Writer) error {
		for i := range 200 {
			if i == 100 {
				before = heap()
			}
			if err := w.Add(e); err != nil {
				return err
			}
		}
		after = heap()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d KiB after 100 episodes, %d KiB after 200", before>>10, after>>10)
	if after > before+1<<20 {
		t.Errorf("got %d bytes more after 100 episodes more", after-before)
	}
}

// TestKilledWriter holds that a writer that is killed leaves what was there, and that the next one cleans up.
func TestKilledWriter(t *testing.T) {
	if dir := os.Getenv("FMKIT_TEST_KILLED"); dir != "" { // the one that is killed
		m := recorded(t, "CartPole-v1", trajectory.RecordConfig{Episodes: 1}).About
		err := trajectory.Create(dir, m, trajectory.StoreConfig{FileBytes: 64 << 10}, func(w *trajectory.Writer) error {
			for {
				if err := w.Add(long()); err != nil {
					return err
				}
			}
		})
		t.Fatal(err)
	}
	parent := t.TempDir()
	dir := filepath.Join(parent, "set")
	m := recorded(t, "CartPole-v1", trajectory.RecordConfig{Episodes: 2})
	if err := trajectory.Write(t.Context(), dir, m, trajectory.StoreConfig{}); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledWriter$")
	cmd.Env = append(os.Environ(), "FMKIT_TEST_KILLED="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	began := func() bool {
		files, _ := filepath.Glob(filepath.Join(parent, ".*", "data", "*", "*"))
		return len(files) > 2
	}
	for range 3000 {
		if began() {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if !began() {
		t.Error("it wrote nothing in 30 seconds")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	f, err := trajectory.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	same(t, f, m)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := trajectory.Write(t.Context(), dir, m, trajectory.StoreConfig{}); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(parent)
	if err != nil || len(left) != 1 {
		t.Errorf("got %v, %v, want only the set", left, err)
	}
}

func BenchmarkWrite(b *testing.B) {
	m := recorded(b, "CartPole-v1", trajectory.RecordConfig{Episodes: 1}).About
	e := long()
	err := trajectory.Create(filepath.Join(b.TempDir(), "set"), m, trajectory.StoreConfig{}, func(w *trajectory.Writer) error {
		for b.Loop() {
			if err := w.Add(e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N*e.Len())/b.Elapsed().Seconds(), "steps/s")
}

func BenchmarkRead(b *testing.B) {
	m := recorded(b, "CartPole-v1", trajectory.RecordConfig{Episodes: 1})
	m.Episodes = nil
	for range 1000 {
		m.Episodes = append(m.Episodes, *long())
	}
	dir := filepath.Join(b.TempDir(), "set")
	if err := trajectory.Write(b.Context(), dir, m, trajectory.StoreConfig{}); err != nil {
		b.Fatal(err)
	}
	f, err := trajectory.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	for _, order := range []string{"random", "in order"} {
		b.Run(order, func(b *testing.B) {
			var e trajectory.Episode
			for i := 0; b.Loop(); i++ {
				n := i % f.Len()
				if order == "random" {
					n = i * 617 % f.Len()
				}
				if err := f.Episode(n, &e); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*e.Len())/b.Elapsed().Seconds(), "steps/s")
		})
	}
}
