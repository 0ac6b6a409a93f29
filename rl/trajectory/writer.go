package trajectory

import (
	"context"
	"errors"
	"fmt"

	"github.com/fmkit/fmkit/rl/env/spaces"
	"github.com/fmkit/fmkit/shared/checkpoint"
)

// A StoreConfig says how a data set is written.
type StoreConfig struct {
	FPS       int // frames a second, of which timestamps follow; 0 means 30
	FileBytes int // about how large a file gets; 0 means 100 MiB, LeRobot's
}

// Validate returns an error for what can't be written.
func (c StoreConfig) Validate() error {
	if c.FPS < 0 || c.FPS > 1<<20 || c.FileBytes < 0 {
		return fmt.Errorf("trajectory: got %d frames a second and files of %d bytes, want 0 to 2^20 and 0 or more", c.FPS, c.FileBytes)
	}
	return nil
}

func (c StoreConfig) defaults() StoreConfig {
	if c.FPS == 0 {
		c.FPS = 30
	}
	if c.FileBytes == 0 {
		c.FileBytes = 100 << 20
	}
	return c
}

// A Writer writes episodes into a folder as LeRobotDataset v3.0. What it holds in memory is a row group, whatever the number of episodes.
type Writer struct {
	dir    *checkpoint.Dir
	meta   Meta
	config StoreConfig
	name   string // of the observation's feature

	data, about *series // frames, episodes
	episodes    int
	frames      int
	stats       map[string]*Moments
	observation []float32 // a picture's pixels from 0 to 1
	err         error
}

// Create makes or replaces the folder dir by the episodes that fill adds. The folder appears when all is written and durable: an error, a panic
// or a crash before leaves what was there, as checkpoint.Save has it.
func Create(dir string, m Meta, c StoreConfig, fill func(w *Writer) error) error {
	if err := c.Validate(); err != nil {
		return err
	}
	err := checkpoint.Save(dir, func(d *checkpoint.Dir) error {
		w, err := newWriter(d, m, c.defaults())
		if err != nil {
			return err
		}
		return errors.Join(fill(w), w.close())
	})
	if err != nil {
		return fmt.Errorf("trajectory: %w", err)
	}
	return nil
}

// Write makes or replaces the folder dir by all episodes of a source.
func Write(ctx context.Context, dir string, s Source, c StoreConfig) error {
	return Create(dir, s.Meta(), c, func(w *Writer) error {
		var e Episode
		for i := range s.Len() {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := s.Episode(i, &e); err != nil {
				return err
			}
			if err := w.Add(&e); err != nil {
				return err
			}
		}
		return nil
	})
}

func newWriter(d *checkpoint.Dir, m Meta, c StoreConfig) (*Writer, error) {
	if m.Observation == nil || m.Action == nil {
		return nil, fmt.Errorf("%w: got no spaces", ErrEpisode)
	}
	w := &Writer{dir: d, meta: m, config: c, stats: map[string]*Moments{}}
	var frame []column
	for name, f := range features(m) {
		size, err := f.size()
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrEpisode, name, err)
		}
		frame = append(frame, column{name, f.DType, f.DType != dtypeImage && size > 1})
		if f.DType == dtypeImage {
			size = f.Shape[2]
		}
		w.stats[name] = NewMoments(size)
	}
	var observation feature
	w.name, observation = observationFeature(m.Observation)
	episode := []column{
		{columnEpisode, dtypeInt, false},
		{"length", dtypeInt, false},
		{"tasks", dtypeString, true},
		{"dataset_from_index", dtypeInt, false},
		{"dataset_to_index", dtypeInt, false},
		{"data/chunk_index", dtypeInt, false},
		{"data/file_index", dtypeInt, false},
		{"meta/episodes/chunk_index", dtypeInt, false},
		{"meta/episodes/file_index", dtypeInt, false},
		{"seed", dtypeInt, false},
		{"return", dtypeReal, false},
		{final + w.name, observation.DType, observation.DType != dtypeImage && m.Observation.Size() > 1},
	}
	w.data = &series{dir: d, folder: "data", columns: frame, limit: int64(c.FileBytes)}
	w.about = &series{dir: d, folder: "meta/episodes", columns: episode, limit: int64(c.FileBytes)}
	return w, nil
}

// Add writes an episode, of which the actions are known. After an error every call fails, and so does Create.
func (w *Writer) Add(e *Episode) error {
	if w.err == nil {
		w.err = w.add(e)
	}
	return w.err
}

func (w *Writer) add(e *Episode) error {
	if err := e.Validate(w.meta); err != nil {
		return fmt.Errorf("episode %d: %w", w.episodes, err)
	}
	if e.Actions == nil {
		return fmt.Errorf("episode %d: %w: its actions aren't known", w.episodes, ErrEpisode)
	}
	data, err := w.data.sheet()
	if err != nil {
		return err
	}
	t, o, a := e.Len(), w.meta.Observation.Size(), w.meta.Action.Size()
	for i := range t {
		last := i == t-1
		observation, err := w.element(e.Observations[i*o:][:o], i)
		if err != nil {
			return fmt.Errorf("episode %d, step %d: %w", w.episodes, i, err)
		}
		action := e.Actions[i*a:][:a]
		row := map[string]any{
			w.name: observation, columnAction: w.action(action), columnReward: e.Rewards[i], columnDone: last,
			columnTerminated: last && e.Terminated, columnTruncated: last && e.Truncated,
			columnTimestamp: float32(float64(i) / float64(w.config.FPS)), columnFrame: int64(i),
			columnEpisode: int64(w.episodes), columnIndex: int64(w.frames + i), columnTask: int64(0),
		}
		w.count(row, e.Observations[i*o:][:o], action)
		if err := data.add(row); err != nil {
			return err
		}
	}
	about, err := w.about.sheet()
	if err != nil {
		return err
	}
	end, err := w.element(e.Observations[t*o:], t)
	if err != nil {
		return fmt.Errorf("episode %d: %w", w.episodes, err)
	}
	row := map[string]any{
		columnEpisode: int64(w.episodes), "length": int64(t), "tasks": []string{w.meta.Environment},
		"dataset_from_index": int64(w.frames), "dataset_to_index": int64(w.frames + t),
		"data/chunk_index": w.data.chunk(), "data/file_index": w.data.file(),
		"meta/episodes/chunk_index": w.about.chunk(), "meta/episodes/file_index": w.about.file(),
		"seed": e.Seed, "return": e.Return(), final + w.name: end,
	}
	w.episodes, w.frames = w.episodes+1, w.frames+t
	if err := about.add(row); err != nil {
		return err
	}
	return errors.Join(data.flush(), about.flush())
}

// element is how an observation is stored.
func (w *Writer) element(x []float32, frame int) (any, error) {
	if w.name == columnImage {
		b, err := encodePicture(x, w.meta.Observation.Shape())
		return stored{b, fmt.Sprintf("frame-%06d.png", frame)}, err
	}
	if len(x) == 1 {
		return x[0], nil
	}
	return x, nil
}

// action is how an action is stored.
func (w *Writer) action(x []float32) any {
	if len(x) > 1 {
		return x
	}
	if _, ok := w.meta.Action.(*spaces.Discrete); ok {
		return int64(x[0])
	}
	if _, ok := w.meta.Action.(*spaces.MultiDiscrete); ok {
		return int64(x[0])
	}
	return x[0]
}

// count takes a row into the statistics. Those of pictures are by channel, of pixels from 0 to 1.
func (w *Writer) count(row map[string]any, observation, action []float32) {
	for name, s := range w.stats {
		switch name {
		case columnState:
			s.Add(observation)
		case columnImage:
			w.observation = w.observation[:0]
			for _, v := range observation {
				w.observation = append(w.observation, v/255)
			}
			s.Add(w.observation)
		case columnAction:
			s.Add(action)
		default:
			s.Count++
			switch v := row[name].(type) {
			case int64:
				s.add(0, float64(v))
			case float32:
				s.add(0, float64(v))
			case float64:
				s.add(0, v)
			case bool:
				b := 0.0
				if v {
					b = 1
				}
				s.add(0, b)
			}
		}
	}
}
