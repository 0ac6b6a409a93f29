package trajectory

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Files of a data set.
const (
	fileInfo  = "meta/info.json"
	fileStats = "meta/stats.json"
	fileTasks = "meta/tasks.parquet"
	fileOurs  = "meta/fmkit.json"

	dataPath = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
	version  = "v3.0"
)

// An info is what info.json has.
type info struct {
	Version       string             `json:"codebase_version"`
	Robot         *string            `json:"robot_type"`
	TotalEpisodes int                `json:"total_episodes"`
	TotalFrames   int                `json:"total_frames"`
	TotalTasks    int                `json:"total_tasks"`
	ChunksSize    int                `json:"chunks_size"`
	DataMB        float64            `json:"data_files_size_in_mb"`
	VideoMB       float64            `json:"video_files_size_in_mb"`
	FPS           float64            `json:"fps"`
	Splits        map[string]string  `json:"splits"`
	DataPath      string             `json:"data_path"`
	VideoPath     *string            `json:"video_path"`
	Features      map[string]feature `json:"features"`
}

// ours is what LeRobot has no place for: fmkit.json.
type ours struct {
	Environment string     `json:"environment"`
	Observation *spaceJSON `json:"observation_space"`
	Action      *spaceJSON `json:"action_space"`
}

// A statistic is a feature's entry of stats.json.
type statistic struct {
	Min   any   `json:"min"`
	Max   any   `json:"max"`
	Mean  any   `json:"mean"`
	Std   any   `json:"std"`
	Count []int `json:"count"`
}

// close ends the files and writes those of meta.
func (w *Writer) close() error {
	if err := errors.Join(w.data.close(), w.about.close()); err != nil {
		return err
	}
	if w.err != nil {
		return w.err
	}
	if w.episodes == 0 {
		return fmt.Errorf("%w: got none", ErrEpisode)
	}
	name := w.meta.Environment
	observation, err := encodeSpace(w.meta.Observation)
	if err != nil {
		return err
	}
	action, err := encodeSpace(w.meta.Action)
	if err != nil {
		return err
	}
	stats := map[string]statistic{}
	for name, m := range w.stats {
		shaped := func(x []float64) any { return x }
		if name == columnImage { // [channels, 1, 1]
			shaped = func(x []float64) any {
				var all [][1][1]float64
				for _, v := range x {
					all = append(all, [1][1]float64{{v}})
				}
				return all
			}
		}
		stats[name] = statistic{shaped(m.Min), shaped(m.Max), shaped(m.Mean), shaped(m.Std()), []int{w.frames}}
	}
	all := map[string]any{
		fileInfo: info{
			Version: version, Robot: &name, TotalEpisodes: w.episodes, TotalFrames: w.frames, TotalTasks: 1, ChunksSize: filesPerChunk,
			DataMB: float64(max(w.config.FileBytes>>20, 1)), VideoMB: 200, FPS: float64(w.config.FPS),
			Splits: map[string]string{"train": fmt.Sprintf("0:%d", w.episodes)}, DataPath: dataPath, Features: features(w.meta),
		},
		fileStats: stats, fileOurs: ours{name, observation, action},
	}
	for path, v := range all {
		b, err := json.MarshalIndent(v, "", "    ")
		if err != nil {
			return fmt.Errorf("trajectory: %s: %w", path, err)
		}
		if err := w.dir.WriteFile(path, append(b, '\n')); err != nil {
			return err
		}
	}
	return w.tasks()
}

// pandas is how pandas marks the index of tasks.parquet, which LeRobot looks tasks up by.
const pandas = `{"index_columns": ["__index_level_0__"], "column_indexes": [{"name": null, "field_name": null, "pandas_type": "unicode",
"numpy_type": "object", "metadata": {"encoding": "UTF-8"}}], "columns": [{"name": "task_index", "field_name": "task_index", "pandas_type": "int64",
"numpy_type": "int64", "metadata": null}, {"name": null, "field_name": "__index_level_0__", "pandas_type": "unicode", "numpy_type": "object",
"metadata": null}], "creator": {"library": "fmkit", "version": "1"}, "pandas_version": "2.0.0"}`

// tasks writes the one task: to do well in the environment.
func (w *Writer) tasks() error {
	f, err := w.dir.Create(fileTasks)
	if err != nil {
		return err
	}
	s := newSheet(f, []column{{columnTask, dtypeInt, false}, {"__index_level_0__", dtypeString, false}}, map[string]string{"pandas": pandas})
	err = s.add(map[string]any{columnTask: int64(0), "__index_level_0__": w.meta.Environment})
	return errors.Join(err, s.w.Close(), f.Close())
}
