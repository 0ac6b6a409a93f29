package checkpoint

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// sibling returns a fresh hidden name beside dir.
func sibling(dir, suffix string) string {
	var b [strayBytes]byte
	rand.Read(b[:])
	return filepath.Join(filepath.Dir(dir), strayPrefix(dir)+hex.EncodeToString(b[:])+suffix)
}

// strayPrefix starts the names of all temporary siblings of dir.
func strayPrefix(dir string) string { return "." + filepath.Base(dir) + "." }

// strayOf returns the name that a temporary sibling was made for, and whether it holds what was there before.
func strayOf(name string) (base string, replaced, ok bool) {
	rest, ok := strings.CutPrefix(name, ".")
	if !ok {
		return "", false, false
	}
	rest, saving := strings.CutSuffix(rest, tempSuffix)
	rest, replaced = strings.CutSuffix(rest, asideSuffix)
	i := strings.LastIndexByte(rest, '.')
	if i <= 0 || saving == replaced || len(rest)-i-1 != 2*strayBytes {
		return "", false, false
	}
	if _, err := hex.DecodeString(rest[i+1:]); err != nil {
		return "", false, false
	}
	return rest[:i], replaced, true
}

// Recover brings dir into the state that the last Save promised after a crash: strays beside it are removed, and a
// replacement that stopped half-way is undone. Save calls it first, so only readers on
// systems without an exchange of folders need it.
func Recover(dir string) error { return RecoverIn(OS, dir) }

// RecoverIn is Recover on any FS.
func RecoverIn(fsys FS, dir string) error {
	dir = filepath.Clean(dir)
	return recoverIn(fsys, filepath.Dir(dir), filepath.Base(dir))
}

// RecoverAllIn is RecoverIn for everything that was ever saved in the folder parent.
func RecoverAllIn(fsys FS, parent string) error { return recoverIn(fsys, filepath.Clean(parent), "") }

// recoverIn handles the strays in parent that were made for base, all if base is empty.
func recoverIn(fsys FS, parent, base string) error {
	names, err := fsys.List(parent)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("checkpoint: recover: %w", err)
	}
	for i, name := range names {
		names[i] = strings.TrimSuffix(name, "/")
	}
	var strays []string
	renamed := false
	for _, name := range names {
		of, replaced, ok := strayOf(name)
		if !ok || base != "" && of != base {
			continue
		}
		if replaced && !slices.Contains(names, of) {
			if err := fsys.Rename(filepath.Join(parent, name), filepath.Join(parent, of)); err != nil {
				return fmt.Errorf("checkpoint: recover: %w", err)
			}
			names, renamed = append(names, of), true
			continue
		}
		strays = append(strays, filepath.Join(parent, name))
	}
	if len(strays) == 0 && !renamed {
		return nil
	}
	// The names as they are now must be durable before anything that they no longer show goes.
	if err := fsys.SyncDir(parent); err != nil {
		return fmt.Errorf("checkpoint: recover: %w", err)
	}
	for _, s := range strays {
		if err := removeAll(fsys, s); err != nil {
			return fmt.Errorf("checkpoint: recover: %w", err)
		}
	}
	return nil
}

// DeleteIn deletes the folder dir so that a crash leaves it whole or absent, never in part.
func DeleteIn(fsys FS, dir string) error {
	dir = filepath.Clean(dir)
	temp := sibling(dir, tempSuffix)
	err := fsys.Rename(dir, temp)
	if err == nil {
		err = fsys.SyncDir(filepath.Dir(dir))
	}
	if err == nil {
		err = removeAll(fsys, temp)
	}
	if err != nil {
		return fmt.Errorf("checkpoint: delete: %w", err)
	}
	return nil
}
