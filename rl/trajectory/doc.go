// Package trajectory has episodes of environments as data: recorded, stored, read back.
//
// Record plays; Create and Write store as LeRobotDataset v3.0, which Python's lerobot (tried with 0.4.4) loads:
//
//	meta/info.json, meta/stats.json, meta/tasks.parquet
//	meta/episodes/chunk-000/file-000.parquet  a row an episode: where it lies, seed, return, final.observation.*
//	meta/fmkit.json                           the spaces, as Minari writes them, and the environment's name
//	data/chunk-000/file-000.parquet           a row a step: observation.state or observation.image, action, next.reward, next.done,
//	                                          next.terminated, next.truncated, timestamp, frame_index, episode_index, index, task_index
//
// Of T+1 observations a row has the one before its step; the one after the last step, which LeRobot has no place for, is
// final.observation.* of the episode. So the rows are LeRobot's own, and nothing is lost. Pictures are PNG. Rewards are float64, whole-number
// actions int64, everything else float32, and come back to the bit. Files are split at about 100 MiB; episodes are never.
//
// Open reads those, LeRobot's own data sets, and Minari's Parquet form, episode by episode, from whomever they are: package columnar bounds
// what a file may ask for. Minari's float64 observations are rounded to float32.
//
// Files are written by github.com/parquet-go/parquet-go, for row groups, pages and statistics that pyarrow reads. Why it doesn't read them here
// is in package columnar.
package trajectory
