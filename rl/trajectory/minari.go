package trajectory

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/spaces"
	"github.com/fmkit/fmkit/rl/trajectory/columnar"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// fileMinari is Minari's description of a data set, and of an episode.
const fileMinari = "metadata.json"

// A minari is a data set in the Parquet form of Minari 0.5 (minari/dataset/_storages/arrow_storage.py): a folder for each episode with a file
// of T+1 rows, of which the last one has the last observation and nothing else.
type minari struct{ n int }

// openMinari reads the description.
func openMinari(s *shelf) (Meta, *minari, error) {
	var about struct {
		Format      string `json:"data_format"`
		Episodes    int    `json:"total_episodes"`
		Observation string `json:"observation_space"`
		Action      string `json:"action_space"`
		Spec        string `json:"env_spec"`
	}
	if err := readJSON(s.root, fileMinari, &about); err != nil {
		return Meta{}, nil, err
	}
	if about.Format != "parquet" {
		return Meta{}, nil, malformed(fileMinari, "got data of format %q, want parquet: Minari converts by data_format=\"parquet\"", about.Format)
	}
	if about.Episodes < 1 || about.Episodes > maxCount {
		return Meta{}, nil, malformed(fileMinari, "got %d episodes, want 1 to %d", about.Episodes, maxCount)
	}
	m := Meta{}
	var err error
	if m.Observation, err = minariSpace(about.Observation); err != nil {
		return Meta{}, nil, fmt.Errorf("%s: observation_space: %w", fileMinari, err)
	}
	if m.Action, err = minariSpace(about.Action); err != nil {
		return Meta{}, nil, fmt.Errorf("%s: action_space: %w", fileMinari, err)
	}
	var spec struct {
		ID string `json:"id"`
	}
	if json.Unmarshal([]byte(about.Spec), &spec) == nil { // what else it says doesn't matter
		m.Environment = spec.ID
	}
	return m, &minari{about.Episodes}, nil
}

// minariSpace reads a space of JSON in a string. Python writes infinities that JSON doesn't have.
func minariSpace(text string) (spaces.Space, error) {
	text = strings.NewReplacer("-Infinity", "-1e999", "Infinity", "1e999").Replace(text)
	var j spaceJSON
	if err := strictjson.Decode([]byte(text), &j, strictjson.Limits{Bytes: maxJSON, AllowUnknown: true}); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return j.space()
}

func (m *minari) len() int { return m.n }

// episode reads the one file of an episode's folder.
func (m *minari) episode(s *shelf, about Meta, i int, e *Episode) error {
	folder := fmt.Sprint(i)
	var description struct {
		Seed *int64 `json:"seed"`
	}
	e.Seed = env.Continue
	if exists(s.root, folder, fileMinari) {
		if err := readJSON(s.root, folder+"/"+fileMinari, &description); err != nil {
			return err
		}
		if description.Seed != nil {
			e.Seed = *description.Seed
		}
	}
	path, err := only(s.root, folder)
	if err != nil {
		return err
	}
	return s.with(path, func(f *columnar.File) error { return m.read(f, about, e) })
}

// only names the one Parquet file of a folder.
func only(root, folder string) (string, error) {
	entries, err := os.ReadDir(filepath.Join(root, folder))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrFormat, err)
	}
	path := ""
	for _, d := range entries {
		if !strings.HasSuffix(d.Name(), ".parquet") {
			continue
		}
		if path != "" {
			return "", malformed(folder, "got %s and %s, want one file of an episode", path, d.Name())
		}
		path = folder + "/" + d.Name()
	}
	if path == "" {
		return "", malformed(folder, "got no file of an episode")
	}
	return path, nil
}

func (m *minari) read(f *columnar.File, about Meta, e *Episode) error {
	o, a := about.Observation.Size(), about.Action.Size()
	if f.Rows() < 2 {
		return fmt.Errorf("got %d rows, want 2 or more", f.Rows())
	}
	if err := fits(f.Rows(), max(o, a)); err != nil {
		return err
	}
	all := rows{f, 0, f.Rows()}
	t := rows{f, 0, f.Rows() - 1}
	e.Observations, e.Actions = grown(e.Observations, all.len()*o), grown(e.Actions, t.len()*a)
	if err := m.elements(all, e.Observations, o, about.Observation, "observations"); err != nil {
		return err
	}
	if err := m.elements(t, e.Actions, a, about.Action, "actions"); err != nil {
		return err
	}
	var err error
	if e.Rewards, err = t.reals(e.Rewards, "rewards"); err != nil {
		return err
	}
	last := rows{f, t.to - 1, t.to}
	terminated, err := last.ints("terminations")
	if err != nil {
		return err
	}
	truncated, err := last.ints("truncations")
	e.Terminated, e.Truncated = terminated[0] != 0, err == nil && truncated[0] != 0
	return err
}

// elements reads elements of a space, of which that of row i begins at dst[i*stride].
func (m *minari) elements(r rows, dst []float32, stride int, s spaces.Space, path ...string) error {
	d, ok := s.(*spaces.Dict)
	if !ok {
		if c, err := r.file.Column(path...); err == nil && c.Kind == columnar.ByteArray { // JPEG, unless small
			shape := s.Shape()
			if len(shape) == 2 {
				shape = append(shape, 1)
			}
			return r.pictures(dst, stride, shape, path...)
		}
		return r.floats(dst, stride, s.Size(), path...)
	}
	for _, name := range d.Names() {
		sub := d.Space(name)
		if err := m.elements(r, dst, stride, sub, append(path[:len(path):len(path)], name)...); err != nil {
			return err
		}
		dst = dst[sub.Size():]
	}
	return nil
}
