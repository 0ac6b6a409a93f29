package trajectory_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/rl/trajectory"
)

// damage changes bytes of a file of any kind: other ones, too few, digits of JSON.
func damage(r *rand.Rand, file []byte) []byte {
	b := slices.Clone(file)
	for range 1 + r.IntN(3) {
		at := r.IntN(len(b))
		switch r.IntN(5) {
		case 0:
			b[at] ^= 1 << r.IntN(8)
		case 1:
			b[at] = byte(r.Uint32())
		case 2:
			b[at] = '0' + byte(r.IntN(10))
		case 3:
			copy(b[at:], "99999999999999999999"[:r.IntN(20)])
		case 4:
			b = slices.Delete(b, at, min(at+1+r.IntN(100), len(b)))
		}
		if len(b) == 0 {
			return []byte{0}
		}
	}
	return b
}

// TestMutants damages one file of a data set at a time: opening it and reading every episode gives our errors, or episodes that are valid, within
// 256 MiB in all. 10,000 are tried with FMKIT_FULL, a twentieth of them otherwise.
func TestMutants(t *testing.T) {
	const most = 256 << 20
	mutants := 500
	if os.Getenv("FMKIT_FULL") != "" {
		mutants = 10_000
	}
	root := t.TempDir()
	if err := trajectory.Write(t.Context(), filepath.Join(root, "ours"), recorded(t, "MountainCar-v0", trajectory.RecordConfig{Episodes: 3}), trajectory.StoreConfig{}); err != nil {
		t.Fatal(err)
	}
	var sets []string
	for _, name := range []string{"minari-parts", "minari-camera", "lerobot-parts"} {
		if err := os.CopyFS(filepath.Join(root, name), os.DirFS(filepath.Join("testdata", name))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"ours", "minari-parts", "minari-camera", "lerobot-parts"} {
		sets = append(sets, filepath.Join(root, name))
	}
	r, refused := rand.New(rand.NewPCG(3, 4)), 0
	var before, after runtime.MemStats
	for i := range mutants {
		dir := sets[i%len(sets)]
		var files []string
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		file := files[r.IntN(len(files))]
		good, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, damage(r, good), 0o644); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&before)
		err = readSet(dir)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > most {
			t.Fatalf("mutant %d of %s: %d MiB", i, file, used>>20)
		}
		if err != nil {
			refused++
			if !errors.Is(err, trajectory.ErrFormat) && !errors.Is(err, trajectory.ErrLimit) {
				t.Fatalf("mutant %d of %s: got %v, want an error of ours", i, file, err)
			}
		}
		if err := os.WriteFile(file, good, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of %d refused", refused, mutants)
	if refused < mutants/4 {
		t.Errorf("%d of %d mutants were refused, want a fourth: they aren't damaged enough", refused, mutants)
	}
	for _, dir := range sets {
		if err := readSet(dir); err != nil {
			t.Errorf("undamaged: got %v", err)
		}
	}
}

// readSet reads a whole data set.
func readSet(dir string) error {
	f, err := trajectory.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	var e trajectory.Episode
	for i := range min(f.Len(), 10) { // a damaged number may say many
		if err := f.Episode(i, &e); err != nil {
			return err
		}
	}
	return nil
}

// TestOpenRefuses holds that what isn't a data set is told so.
func TestOpenRefuses(t *testing.T) {
	if _, err := trajectory.Open(filepath.Join(t.TempDir(), "nowhere")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want %v", err, os.ErrNotExist)
	}
	if _, err := trajectory.Open(t.TempDir()); !errors.Is(err, trajectory.ErrFormat) {
		t.Errorf("an empty folder: got %v, want %v", err, trajectory.ErrFormat)
	}
	f, err := trajectory.Open("testdata/minari-cartpole")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var e trajectory.Episode
	for _, i := range []int{-1, 3} {
		if err := f.Episode(i, &e); err == nil {
			t.Errorf("episode %d of 3: got no error", i)
		}
	}
}

// FuzzOpen reads an episode of Minari's form from any bytes.
func FuzzOpen(f *testing.F) {
	b, err := os.ReadFile("testdata/minari-parts/data/0/part-0.parquet")
	if err != nil {
		f.Fatal(err)
	}
	about, err := os.ReadFile("testdata/minari-parts/data/metadata.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(about, b)
	f.Fuzz(func(t *testing.T, about, episode []byte) {
		dir := t.TempDir()
		if err := errors.Join(os.Mkdir(filepath.Join(dir, "0"), 0o755), os.WriteFile(filepath.Join(dir, "metadata.json"), about, 0o644),
			os.WriteFile(filepath.Join(dir, "0", "part-0.parquet"), episode, 0o644)); err != nil {
			t.Fatal(err)
		}
		if err := readSet(dir); err != nil && !errors.Is(err, trajectory.ErrFormat) && !errors.Is(err, trajectory.ErrLimit) {
			t.Errorf("got %v, want an error of ours", err)
		}
	})
}
