package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	modelDir = "/runs/one/model"
	noteFile = "/runs/one/note.json"
	deepDir  = "/runs/one/deep"

	modelValues = 2100 // just over two pages
)

// saveVersion saves a folder of two files, one of several pages, all of whose content tells the version.
func saveVersion(fsys FS, dir string, version int) error {
	return SaveTo(fsys, dir, func(d *Dir) error {
		if err := d.WriteFile("config.json", fmt.Appendf(nil, `{"version": %d}`, version)); err != nil {
			return err
		}
		values := make([]float32, modelValues)
		for i := range values {
			values[i] = float32(version)
		}
		return d.WriteTensors("model.safetensors", []Tensor{{Name: "a", Shape: []int{len(values)}, Data: values}}, nil)
	})
}

// versionOf reads a folder: its version, 0 if there is none, or an error if it is not whole.
func versionOf(fsys FS, dir string) (int, error) {
	names, err := fsys.List(dir)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	slices.Sort(names)
	if !slices.Equal(names, []string{"config.json", "model.safetensors"}) {
		return 0, fmt.Errorf("folder holds %v", names)
	}
	text, err := readWhole(fsys, filepath.Join(dir, "config.json"))
	if err != nil {
		return 0, err
	}
	var version int
	if _, err := fmt.Sscanf(text, `{"version": %d}`, &version); err != nil || text != fmt.Sprintf(`{"version": %d}`, version) {
		return 0, fmt.Errorf("config.json is %q", text)
	}
	f, err := OpenIn(fsys, filepath.Join(dir, "model.safetensors"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	tensors, err := f.ReadAll()
	if err != nil {
		return 0, err
	}
	if len(tensors) != 1 || len(tensors[0].Data) != modelValues {
		return 0, errors.New("tensors are not the saved ones")
	}
	for _, v := range tensors[0].Data {
		if v != float32(version) {
			return 0, fmt.Errorf("config is of version %d, a weight of %v", version, v)
		}
	}
	return version, nil
}

func readWhole(fsys FS, path string) (string, error) {
	r, size, err := fsys.Open(path)
	if err != nil {
		return "", err
	}
	defer r.Close()
	b, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	return string(b), err
}

// strays lists the hidden names in the parent of dir.
func strays(fsys FS, dir string) []string {
	names, err := fsys.List(filepath.Dir(dir))
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(names, func(s string) bool { return !strings.HasPrefix(s, ".") })
}

// A scenario is a change that must be seen whole or not at all.
type scenario struct {
	name       string
	noExchange bool
	before     func(fsys FS) error // made durable
	change     func(fsys FS) error
	version    func(fsys FS) (int, error)
	old, new   int
	between    int // a version that may be found too
	spare      int // how many syncs at the start only another scenario needs
}

var errDisk = errors.New("no space left on device")

// deafFS fails the sync of one folder.
type deafFS struct {
	FS
	dir string
}

func (d deafFS) SyncDir(path string) error {
	if path == d.dir {
		return errDisk
	}
	return d.FS.SyncDir(path)
}

// saveUnsure saves version 2, whose last sync fails, so that nobody knows whether the disk shows version 1 or 2.
func saveUnsure(fsys FS) error {
	err := saveVersion(deafFS{fsys, filepath.Dir(modelDir)}, modelDir, 2)
	if !errors.Is(err, errDisk) {
		return fmt.Errorf("got %w, want %w", err, errDisk)
	}
	return nil
}

func folderVersion(fsys FS) (int, error) { return versionOf(fsys, modelDir) }

func noteVersion(fsys FS) (int, error) {
	text, err := readWhole(fsys, noteFile)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if len(text) != 9000 || strings.Trim(text, text[:1]) != "" {
		return 0, fmt.Errorf("note of %d bytes is mixed", len(text))
	}
	return int(text[0] - '0'), nil
}

func writeNote(fsys FS, version int) error {
	return WriteFileTo(fsys, noteFile, []byte(strings.Repeat(fmt.Sprint(version), 9000)))
}

// saveDeep saves a folder whose files lie in subfolders, one in another.
func saveDeep(fsys FS, version int) error {
	return SaveTo(fsys, deepDir, func(d *Dir) error {
		return errors.Join(
			d.WriteFile("a.txt", fmt.Append(nil, version)),
			d.WriteFile("1_b/b.txt", fmt.Append(nil, version)),
			d.WriteFile("1_b/c/c.txt", fmt.Append(nil, version)),
		)
	})
}

// deepVersion reads a folder that saveDeep wrote.
func deepVersion(fsys FS) (int, error) {
	if _, err := fsys.List(deepDir); errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	var all []string
	for _, name := range []string{"a.txt", "1_b/b.txt", "1_b/c/c.txt"} {
		text, err := readWhole(fsys, filepath.Join(deepDir, name))
		if err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, text)
	}
	if all = slices.Compact(all); len(all) != 1 || len(all[0]) != 1 {
		return 0, fmt.Errorf("files of versions %q", all)
	}
	return int(all[0][0] - '0'), nil
}

// interrupted starts saving version 9 and crashes late enough to leave a stray with everything in it.
func interrupted(fsys FS) error {
	c := fsys.(*crashFS)
	ops := c.ops
	if err := SaveTo(c, modelDir, func(d *Dir) error {
		if err := d.WriteFile("config.json", []byte("stray")); err != nil {
			return err
		}
		c.stopAt = c.ops
		return nil
	}); !errors.Is(err, errCrashed) {
		return fmt.Errorf("got %v, want a crash after op %d", err, ops)
	}
	c.stopAt = -1
	return nil
}

var scenarios = []scenario{
	{
		name: "first save", version: folderVersion, old: 0, new: 1,
		before: func(FS) error { return nil },
		change: func(f FS) error { return saveVersion(f, modelDir, 1) },
	},
	{
		name: "replace", version: folderVersion, old: 1, new: 2,
		before: func(f FS) error { return saveVersion(f, modelDir, 1) },
		change: func(f FS) error { return saveVersion(f, modelDir, 2) },
	},
	{
		name: "replace without exchange", version: folderVersion, old: 1, new: 2, noExchange: true,
		before: func(f FS) error { return saveVersion(f, modelDir, 1) },
		change: func(f FS) error { return saveVersion(f, modelDir, 2) },
	},
	{
		name: "replace after a failed sync", version: folderVersion, old: 1, new: 3, between: 2,
		before: func(f FS) error { return saveVersion(f, modelDir, 1) },
		change: func(f FS) error {
			if err := saveUnsure(f); err != nil {
				return err
			}
			return saveVersion(f, modelDir, 3)
		},
	},
	{
		name: "replace after a crash", version: folderVersion, old: 1, new: 2, spare: 1,
		before: func(f FS) error { return errors.Join(saveVersion(f, modelDir, 1), interrupted(f)) },
		change: func(f FS) error { return saveVersion(f, modelDir, 2) },
	},
	{
		name: "first save of subfolders", version: deepVersion, old: 0, new: 1,
		before: func(FS) error { return nil },
		change: func(f FS) error { return saveDeep(f, 1) },
	},
	{
		name: "replace subfolders", version: deepVersion, old: 1, new: 2,
		before: func(f FS) error { return saveDeep(f, 1) },
		change: func(f FS) error { return saveDeep(f, 2) },
	},
	{
		name: "delete", version: folderVersion, old: 1, new: 0,
		before: func(f FS) error { return saveVersion(f, modelDir, 1) },
		change: func(f FS) error { return DeleteIn(f, modelDir) },
	},
	{
		name: "first file", version: noteVersion, old: 0, new: 1,
		before: func(FS) error { return nil },
		change: func(f FS) error { return writeNote(f, 1) },
	},
	{
		name: "replace file", version: noteVersion, old: 1, new: 2,
		before: func(f FS) error { return writeNote(f, 1) },
		change: func(f FS) error { return writeNote(f, 2) },
	},
}

// prepare returns a file system with the scenario's old state on the disk.
func (s scenario) prepare() (*crashFS, error) {
	c := newCrashFS()
	c.noExchange = s.noExchange
	if err := s.before(c); err != nil {
		return nil, err
	}
	c = c.after(survival{"all", always, never})
	return c, nil
}

// violations cuts the power at every op of the scenario and looks at what may be found then. Syncs for which ignore
// is true do nothing. It returns how many states it saw and the first violation.
func (s scenario) violations(subsets int, r *rand.Rand, ignore func(sync int, dir bool) bool) (states int, err error) {
	for stop := 0; ; stop++ {
		c, err := s.prepare()
		if err != nil {
			return states, err
		}
		c.stopAt, c.ignore = stop, ignore
		changed := s.change(c)
		done := c.ops < stop // it ended before the cut
		if !done {
			c.stopAt = c.ops
		}
		for _, how := range survivals(subsets, r) {
			states++
			if err := s.check(c.after(how), changed == nil); err != nil {
				return states, fmt.Errorf("%s, power cut at op %d, %s survives: %w", s.name, stop, how.about, err)
			}
		}
		if done {
			return states, changed
		}
	}
}

// check looks at a disk after a cut: the old or the new state, whole, and the new one if it was acknowledged;
// after recovery no stray, and the next save works.
func (s scenario) check(c *crashFS, acknowledged bool) error {
	for _, recovered := range []bool{false, true} {
		if recovered {
			if err := RecoverAllIn(c, filepath.Dir(modelDir)); err != nil {
				return err
			}
			if left := strays(c, modelDir); len(left) > 0 {
				return fmt.Errorf("strays after recovery: %v", left)
			}
		} else if s.noExchange {
			continue // only Recover makes the promise
		}
		got, err := s.version(c)
		switch {
		case err != nil:
			return err
		case got != s.old && got != s.new && (got != s.between || got == 0):
			return fmt.Errorf("found version %d, want %d or %d", got, s.old, s.new)
		case acknowledged && got != s.new:
			return fmt.Errorf("found version %d, want %d, which was acknowledged", got, s.new)
		}
	}
	if err := saveVersion(c, modelDir, 7); err != nil {
		return fmt.Errorf("next save: %w", err)
	}
	if got, err := versionOf(c, modelDir); err != nil || got != 7 {
		return fmt.Errorf("next save gives version %d, %w", got, err)
	}
	return nil
}

// TestPowerCut: at every op, with nothing, all or any part of what is not synced on the disk.
func TestPowerCut(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	total := 0
	for _, s := range scenarios {
		states, err := s.violations(32, r, nil)
		if err != nil {
			t.Error(err)
		}
		total += states
	}
	t.Logf("%d states", total)
}

// TestPowerCutNeedsEverySync removes the syncs of files, then those of folders, then every sync by itself:
// each time the check must find a violation. So none is there in vain, and the check would notice its loss.
func TestPowerCutNeedsEverySync(t *testing.T) {
	if testing.Short() {
		t.Skip("the tests without -short remove every sync")
	}
	for _, s := range scenarios {
		r := rand.New(rand.NewPCG(9, 10))
		for _, dirs := range []bool{false, true} {
			if s.name == "delete" && !dirs {
				continue // it writes no file
			}
			_, err := s.violations(32, r, func(_ int, dir bool) bool { return dir == dirs })
			if err == nil {
				t.Errorf("%s: without syncs of folders (%v) or files no violation was found", s.name, dirs)
			} else {
				t.Logf("syncs of folders (%v) or files removed: %v", dirs, err)
			}
		}
		c, err := s.prepare()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.change(c); err != nil {
			t.Fatal(err)
		}
		for i := s.spare; i < c.syncs; i++ {
			if _, err := s.violations(24, r, func(sync int, _ bool) bool { return sync == i }); err == nil {
				t.Errorf("%s: without sync %d of %d no violation was found", s.name, i, c.syncs)
			}
		}
	}
}
