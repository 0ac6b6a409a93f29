package trajectory

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/trajectory/columnar"
)

// index reads where the episodes lie.
func (l *lerobot) index(s *shelf) error {
	paths, err := filepath.Glob(filepath.Join(globEscape(s.root), "meta", "episodes", "chunk-*", "file-*.parquet"))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	slices.Sort(paths)
	starts := map[[2]int32]int64{} // of the data files: the index of their first frame
	for _, path := range paths {
		path, err := filepath.Rel(s.root, path)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrFormat, err)
		}
		path = filepath.ToSlash(path)
		if err := s.with(path, func(f *columnar.File) error { return l.indexFile(f, path, starts) }); err != nil {
			return err
		}
	}
	for i := range l.episodes {
		p := &l.episodes[i]
		p.row -= starts[[2]int32{p.chunk, p.file}]
	}
	return nil
}

// globEscape takes the meaning of a pattern from a path.
func globEscape(path string) string {
	return strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `\`, `\\`).Replace(path)
}

func (l *lerobot) indexFile(f *columnar.File, path string, starts map[[2]int32]int64) error {
	if f.Rows() > maxCount-int64(len(l.episodes)) {
		return fmt.Errorf("%w: got more than %d episodes", ErrLimit, maxCount)
	}
	r := rows{f, 0, f.Rows()}
	var all [6][]int64
	for i, name := range []string{columnEpisode, "length", "dataset_from_index", "data/chunk_index", "data/file_index", "seed"} {
		if i == 5 && !r.file.Has(name) {
			continue
		}
		var err error
		if all[i], err = r.ints(name); err != nil {
			return err
		}
	}
	for i := range r.len() {
		number, length, from, chunk, file := all[0][i], all[1][i], all[2][i], all[3][i], all[4][i]
		if number != int64(len(l.episodes)) {
			return fmt.Errorf("row %d: got episode %d, want %d", i, number, len(l.episodes))
		}
		if length < 1 || length > maxSteps || from < 0 || from > 1<<40 || chunk < 0 || chunk > 1<<20 || file < 0 || file > 1<<20 {
			return fmt.Errorf("episode %d: got length %d from %d in %s", number, length, from, pathOf("data", chunk, file))
		}
		p := place{seed: env.Continue, chunk: int32(chunk), file: int32(file), row: from, length: int32(length), about: int32(i), path: path}
		if all[5] != nil {
			p.seed = all[5][i]
		}
		key := [2]int32{p.chunk, p.file}
		if first, ok := starts[key]; !ok || from < first {
			starts[key] = from
		}
		l.episodes = append(l.episodes, p)
	}
	return nil
}
