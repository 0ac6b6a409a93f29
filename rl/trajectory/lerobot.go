package trajectory

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/spaces"
	"github.com/fmkit/fmkit/rl/trajectory/columnar"
)

// A lerobot is a data set in LeRobot's form.
type lerobot struct {
	parts    []observed // what observations are made of
	episodes []place
}

// An observed is a feature that is a part of the observations.
type observed struct {
	name    string
	at      int   // where it begins in an observation
	size    int   // numbers
	picture []int // its shape where it is a picture
}

// A place is where an episode lies.
type place struct {
	seed        int64
	chunk, file int32
	row         int64 // the first one, in that file
	length      int32
	about       int32 // the row of meta/episodes in the file that its path names
	path        string
}

// openLeRobot reads everything but the frames.
func openLeRobot(s *shelf) (Meta, *lerobot, error) {
	var about info
	if err := readJSON(s.root, fileInfo, &about); err != nil {
		return Meta{}, nil, err
	}
	if !strings.HasPrefix(about.Version, "v3.") {
		return Meta{}, nil, malformed(fileInfo, "got version %q, want %s", about.Version, version)
	}
	if about.DataPath != dataPath {
		return Meta{}, nil, malformed(fileInfo, "got data_path %q, want %q", about.DataPath, dataPath)
	}
	l := &lerobot{}
	m, err := l.meta(s, about)
	if err != nil {
		return Meta{}, nil, err
	}
	if err := l.index(s); err != nil {
		return Meta{}, nil, err
	}
	if len(l.episodes) != about.TotalEpisodes || len(l.episodes) == 0 {
		return Meta{}, nil, malformed(fileInfo, "got %d episodes, and %d in meta/episodes, want as many, 1 or more", about.TotalEpisodes, len(l.episodes))
	}
	return m, l, nil
}

// meta finds the spaces: those that we wrote, or those that the features suggest.
func (l *lerobot) meta(s *shelf, about info) (Meta, error) {
	parts := map[string]spaces.Space{}
	for name, f := range about.Features {
		part, ok := strings.CutPrefix(name, "observation.")
		if !ok {
			continue
		}
		size, err := f.size()
		if err != nil {
			return Meta{}, malformed(fileInfo, "%s: %v", name, err)
		}
		o := observed{name: name, size: size}
		low, high, of := float32(math.Inf(-1)), float32(math.Inf(1)), spaces.Float32
		if f.DType == dtypeImage {
			if len(f.Shape) != 3 || f.Shape[2] != 1 && f.Shape[2] != 3 {
				return Meta{}, malformed(fileInfo, "%s: got shape %v, want height, width and 1 or 3 channels", name, f.Shape)
			}
			o.picture, low, high, of = f.Shape, 0, 255, spaces.Uint8
		} else if !isNumber(f.DType) || len(f.Shape) != 1 {
			return Meta{}, malformed(fileInfo, "%s: got %v of type %s, which we don't read", name, f.Shape, f.DType)
		}
		b, err := spaces.NewBoxOf(low, high, of, f.Shape...)
		if err != nil {
			return Meta{}, malformed(fileInfo, "%s: %v", name, err)
		}
		parts[part], l.parts = b, append(l.parts, o)
	}
	if len(l.parts) == 0 {
		return Meta{}, malformed(fileInfo, "got no observation.* in the features")
	}
	slices.SortFunc(l.parts, func(a, b observed) int { return strings.Compare(a.name, b.name) })
	at := 0
	for i := range l.parts {
		l.parts[i].at = at
		at += l.parts[i].size
	}
	var m Meta
	if exists(s.root, fileOurs) {
		var o ours
		if err := readJSON(s.root, fileOurs, &o); err != nil {
			return Meta{}, err
		}
		if o.Observation == nil || o.Action == nil {
			return Meta{}, malformed(fileOurs, "got no spaces")
		}
		var err error
		m.Environment = o.Environment
		if m.Observation, err = o.Observation.space(); err != nil {
			return Meta{}, fmt.Errorf("%s: %w", fileOurs, err)
		}
		if m.Action, err = o.Action.space(); err != nil {
			return Meta{}, fmt.Errorf("%s: %w", fileOurs, err)
		}
		if m.Observation.Size() != at {
			return Meta{}, malformed(fileOurs, "got observations of %d numbers, and of %d in %s", m.Observation.Size(), at, fileInfo)
		}
		return m, l.check(about, m)
	}
	if about.Robot != nil {
		m.Environment = *about.Robot
	}
	if len(parts) == 1 {
		for _, p := range parts {
			m.Observation = p
		}
	} else {
		d, err := spaces.NewDict(parts)
		if err != nil {
			return Meta{}, malformed(fileInfo, "%v", err)
		}
		m.Observation = d
	}
	var err error
	m.Action, err = guessAction(s, about)
	return m, err
}

func isNumber(dtype string) bool {
	return slices.Contains([]string{dtypeFloat, dtypeReal, dtypeInt, dtypeBool, "int32", "uint8"}, dtype)
}

// check holds the action space to the features.
func (l *lerobot) check(about info, m Meta) error {
	f, ok := about.Features[columnAction]
	size, err := f.size()
	if !ok || err != nil || size != m.Action.Size() {
		return malformed(fileInfo, "action: got %d numbers and %v, want %d", size, err, m.Action.Size())
	}
	return nil
}

// guessAction is the smallest space for the actions of a data set that doesn't name it: whole numbers up to the largest one, or any numbers.
func guessAction(s *shelf, about info) (spaces.Space, error) {
	f, ok := about.Features[columnAction]
	size, err := f.size()
	if !ok || err != nil || !isNumber(f.DType) || len(f.Shape) != 1 {
		return nil, malformed(fileInfo, "action: got %v of type %q, want numbers", f.Shape, f.DType)
	}
	if f.DType != dtypeInt {
		return made(spaces.NewBoxOf(float32(math.Inf(-1)), float32(math.Inf(1)), spaces.Float32, size))
	}
	all := map[string]any{}
	if err := readJSON(s.root, fileStats, &all); err != nil {
		return nil, err
	}
	low, high, err := extremes(all[columnAction], size)
	if err != nil {
		return nil, malformed(fileStats, "action: %v", err)
	}
	if size == 1 {
		return made(spaces.NewDiscreteFrom(high[0]-min(low[0], 0)+1, min(low[0], 0)))
	}
	for i := range high {
		high[i]++
	}
	return made(spaces.NewMultiDiscrete(high...))
}

// extremes are the smallest and the largest of each of size whole numbers.
func extremes(v any, size int) (low, high []int, err error) {
	m, _ := v.(map[string]any)
	for key, to := range map[string]*[]int{"min": &low, "max": &high} {
		all, _ := m[key].([]any)
		for _, v := range all {
			x, ok := v.(float64)
			if !ok || x != math.Trunc(x) || math.Abs(x) > 1<<24 {
				return nil, nil, fmt.Errorf("%s: got %v, want whole numbers", key, v)
			}
			*to = append(*to, int(x))
		}
		if len(*to) != size {
			return nil, nil, fmt.Errorf("%s: got %d numbers, want %d", key, len(*to), size)
		}
	}
	return low, high, nil
}

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

func (l *lerobot) len() int { return len(l.episodes) }

// episode reads the rows of an episode, and the observation after the last one where meta/episodes has it.
func (l *lerobot) episode(s *shelf, m Meta, i int, e *Episode) error {
	p := l.episodes[i]
	t, o, a := int(p.length), m.Observation.Size(), m.Action.Size()
	if err := fits(int64(t)+1, max(o, a)); err != nil {
		return err
	}
	e.Seed = p.seed
	e.Observations, e.Actions = grown(e.Observations, (t+1)*o), grown(e.Actions, t*a)
	err := s.with(pathOf("data", int64(p.chunk), int64(p.file)), func(f *columnar.File) error {
		r := rows{f, p.row, p.row + int64(t)}
		if r.to > f.Rows() {
			return fmt.Errorf("got rows %d to %d of %d", r.from, r.to, f.Rows())
		}
		return l.frames(r, i, o, a, e)
	})
	if err != nil {
		return err
	}
	last := e.Observations[t*o:]
	return s.with(p.path, func(f *columnar.File) error {
		r := rows{f, int64(p.about), int64(p.about) + 1}
		if !r.file.Has(final + l.parts[0].name) {
			copy(last, e.Observations[(t-1)*o:][:o])
			return nil
		}
		return l.observations(r, last, o, final)
	})
}

// frames reads the rows of episode i.
func (l *lerobot) frames(r rows, i, o, a int, e *Episode) error {
	numbers, err := r.ints(columnEpisode)
	if err != nil {
		return err
	}
	steps, err := r.ints(columnFrame)
	if err != nil {
		return err
	}
	for k := range numbers {
		if numbers[k] != int64(i) || steps[k] != int64(k) {
			return fmt.Errorf("row %d: got frame %d of episode %d, want %d of %d", r.from+int64(k), steps[k], numbers[k], k, i)
		}
	}
	if err := l.observations(r, e.Observations, o, ""); err != nil {
		return err
	}
	if err := r.floats(e.Actions, a, a, columnAction); err != nil {
		return err
	}
	if r.file.Has(columnReward) {
		if e.Rewards, err = r.reals(e.Rewards, columnReward); err != nil {
			return err
		}
	} else {
		e.Rewards = grown(e.Rewards, r.len())
		clear(e.Rewards)
	}
	return ends(r, e)
}

// ends reads why the episode ended.
func ends(r rows, e *Episode) error {
	last := rows{r.file, r.to - 1, r.to}
	flag := func(name string) (bool, error) {
		if !last.file.Has(name) {
			return false, nil
		}
		v, err := last.ints(name)
		return err == nil && v[0] != 0, err
	}
	var err error
	if e.Terminated, err = flag(columnTerminated); err != nil {
		return err
	}
	if e.Truncated, err = flag(columnTruncated); err != nil {
		return err
	}
	if !last.file.Has(columnTerminated) {
		if e.Terminated, err = flag(columnDone); err != nil {
			return err
		}
		e.Truncated = !e.Terminated
	}
	return nil
}

// observations reads all parts of the observations to dst [N, o].
func (l *lerobot) observations(r rows, dst []float32, o int, prefix string) error {
	for _, p := range l.parts {
		var err error
		if p.picture != nil {
			err = r.pictures(dst[p.at:], o, p.picture, prefix+p.name, "bytes")
		} else {
			err = r.floats(dst[p.at:], o, p.size, prefix+p.name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
