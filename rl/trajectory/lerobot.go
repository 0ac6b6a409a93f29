package trajectory

import (
	"fmt"
	"strings"

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
