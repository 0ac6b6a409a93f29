package corpus

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/data"
)

// A location is a path of the configuration: as it is written, which goes into the manifest, and as it is on this machine.
type location struct{ written, real string }

// locate resolves the paths of a configuration read from a file in dir.
func (c *Config) locate(dir string, getenv func(string) string) error {
	for i := range c.Sources {
		s := &c.Sources[i]
		for _, p := range s.Paths {
			l, err := locatePath(p, dir, getenv)
			if err != nil {
				return fmt.Errorf("source %q: %w", s.Name, err)
			}
			s.located = append(s.located, l)
		}
	}
	for _, p := range c.Exclude {
		l, err := locatePath(p, dir, getenv)
		if err != nil {
			return fmt.Errorf("exclude: %w", err)
		}
		c.excluded = append(c.excluded, l)
	}
	return nil
}

func locatePath(written, dir string, getenv func(string) string) (location, error) {
	if written == "" {
		return location{}, fmt.Errorf("%w: a path is empty", ErrConfig)
	}
	missing := ""
	real := os.Expand(written, func(name string) string {
		v := getenv(name)
		if v == "" {
			missing = name
		}
		return v
	})
	if missing != "" {
		return location{}, fmt.Errorf("%w: path %q: variable %s is not set", ErrConfig, written, missing)
	}
	if !filepath.IsAbs(real) {
		real = filepath.Join(dir, real)
	}
	return location{written: written, real: filepath.Clean(real)}, nil
}

// files lists the files that a location stands for, in order: the file, the matches of a pattern, and in folders the files with one of the
// extensions.
func (l location) files(extensions ...string) ([]location, error) {
	matches := []location{l}
	if strings.ContainsAny(l.written, "*?[") {
		found, err := filepath.Glob(l.real)
		if err != nil {
			return nil, fmt.Errorf("corpus: pattern %q: %w", l.written, err)
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("corpus: pattern %q matches no file: %w", l.written, fs.ErrNotExist)
		}
		slices.Sort(found)
		matches = matches[:0]
		for _, f := range found {
			matches = append(matches, location{written: l.match(f), real: f})
		}
	}
	var all []location
	for _, m := range matches {
		info, err := os.Stat(m.real)
		if err != nil {
			return nil, fmt.Errorf("corpus: %w", err)
		}
		if !info.IsDir() {
			all = append(all, m)
			continue
		}
		before := len(all)
		err = filepath.WalkDir(m.real, func(p string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && hasExtension(p, extensions) {
				rel, err := filepath.Rel(m.real, p)
				if err != nil {
					return err
				}
				all = append(all, location{written: path.Join(m.written, filepath.ToSlash(rel)), real: p})
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("corpus: %w", err)
		}
		if len(all) == before {
			return nil, fmt.Errorf("corpus: folder %s has no file of %s: %w", m.written, strings.Join(extensions, ", "), data.ErrEmpty)
		}
	}
	return all, nil
}

// match gives the name of a match of the pattern: as it is written up to the first part with a wildcard, then as it was found.
func (l location) match(found string) string {
	parts, names := strings.Split(l.written, "/"), strings.Split(filepath.ToSlash(found), "/")
	fixed := slices.IndexFunc(parts, func(p string) bool { return strings.ContainsAny(p, "*?[") })
	return strings.Join(append(slices.Clone(parts[:fixed]), names[len(names)-(len(parts)-fixed):]...), "/")
}

// hasExtension says whether a file name ends in one of the extensions, gzip's apart.
func hasExtension(name string, extensions []string) bool {
	return slices.Contains(extensions, strings.ToLower(filepath.Ext(strings.TrimSuffix(name, ".gz"))))
}
