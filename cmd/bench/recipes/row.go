package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// A row is one recipe's training and scoring.
type row struct {
	FM, Recipe, Data, Tokenizer, Tasks, Out string
	FLOPs                                   float64
	Seeds                                   int
}

// A job is a task that bases are scored on.
type job struct {
	Name   string   `json:"name"`
	Task   string   `json:"task"`
	Data   string   `json:"data"` // $NAME stands for an environment variable, in Eval too
	Eval   string   `json:"eval"` // empty: fm adapt holds a part of Data back, another with every seed
	Shots  int      `json:"shots"`
	Seeds  int      `json:"seeds"`  // 0: as many as the command line says
	Tuned  []string `json:"tuned"`  // flags of fm adapt for the whole model
	Frozen []string `json:"frozen"` // and for the head alone
}

// A result is what is kept of a row.
type result struct {
	Recipe   string             `json:"recipe"`
	Pretrain map[string]any     `json:"pretrain"`
	Scores   []score            `json:"scores"`
	Held     map[string]float64 `json:"held"` // the last evaluation on held-back text
}

// A score is a metric of one way of using a base on one task, over seeds.
type score struct {
	Task   string    `json:"task"`
	Way    string    `json:"way"`
	Metric string    `json:"metric"`
	Values []float64 `json:"values"` // by seed
	Items  int       `json:"items"`  // test items
}

func (r *row) run(ctx context.Context) error {
	if r.Recipe == "" || r.Data == "" || r.Tasks == "" || r.Out == "" {
		return fmt.Errorf("want --recipe, --data, --tasks and --out")
	}
	var jobs []job
	raw, err := os.ReadFile(r.Tasks)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &jobs); err != nil {
		return fmt.Errorf("%s: %w", r.Tasks, err)
	}
	if err := os.MkdirAll(r.Out, 0o755); err != nil {
		return err
	}
	name := strings.TrimSuffix(filepath.Base(r.Recipe), ".json")
	base := filepath.Join(r.Out, name)
	res := result{Recipe: name}
	if res.Pretrain, err = r.pretrain(ctx, base); err != nil {
		return err
	}
	if res.Held, err = lastEvaluation(filepath.Join(base, "metrics.jsonl")); err != nil {
		return err
	}
	for _, j := range jobs {
		for way, flags := range map[string][]string{"frozen": j.Frozen, "tuned": j.Tuned} {
			if len(flags) == 0 {
				continue
			}
			s, err := r.score(ctx, base, j, way, flags)
			if err != nil {
				return err
			}
			fmt.Fprintf(os.Stderr, "%s %s %s: %v\n", name, j.Name, way, s.Values)
			res.Scores = append(res.Scores, s)
		}
	}
	out, err := json.MarshalIndent(res, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.Out, name+".json"), append(out, '\n'), 0o644)
}

// pretrain trains the base, or goes on with it.
func (r *row) pretrain(ctx context.Context, base string) (map[string]any, error) {
	args := []string{"pretrain", "text", "--json", "--resume", "--config", r.Recipe, "--data", r.Data, "--flops", strconv.FormatFloat(r.FLOPs, 'g', -1, 64), "--out", base}
	if r.Tokenizer != "" {
		args = append(args, "--tokenizer", r.Tokenizer)
	}
	return r.call(ctx, args...)
}

// score adapts the base to a task once for each seed.
func (r *row) score(ctx context.Context, base string, j job, way string, flags []string) (score, error) {
	s := score{Task: j.Name, Way: way, Metric: map[string]string{"classify": "accuracy", "qa": "f1", "summarize": "rouge1"}[j.Task]}
	n := j.Seeds
	if n == 0 {
		n = r.Seeds
	}
	for seed := 11; seed < 11+n; seed++ {
		dir, err := os.MkdirTemp(r.Out, ".adapter-*")
		if err != nil {
			return s, err
		}
		args := []string{"adapt", j.Task, "--json", "--base", base, "--data", os.ExpandEnv(j.Data), "--seed", strconv.Itoa(seed), "--out", filepath.Join(dir, "a")}
		if j.Eval != "" {
			args = append(args, "--eval", os.ExpandEnv(j.Eval))
		}
		if j.Shots > 0 {
			args = append(args, "--shots", strconv.Itoa(j.Shots))
		}
		got, err := r.call(ctx, append(args, flags...)...)
		os.RemoveAll(dir)
		if err != nil {
			return s, err
		}
		metrics, _ := got["metrics"].(map[string]any)
		value, ok := metrics[s.Metric].(float64)
		if !ok {
			return s, fmt.Errorf("%s: got no %s in %v", j.Name, s.Metric, got)
		}
		items, _ := metrics["n"].(float64)
		s.Values, s.Items = append(s.Values, value), int(items)
	}
	return s, nil
}

// call runs fm and reads the JSON object of its last line.
func (r *row) call(ctx context.Context, args ...string) (map[string]any, error) {
	cmd := exec.CommandContext(ctx, r.FM, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("fm %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(log.Bytes()))
	}
	lines := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n"))
	var got map[string]any
	if err := json.Unmarshal(lines[len(lines)-1], &got); err != nil {
		return nil, fmt.Errorf("fm %s: %w", args[0], err)
	}
	return got, nil
}

// lastEvaluation finds the last scores on held-back text in a run's metrics.
func lastEvaluation(path string) (map[string]float64, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var last map[string]float64
	for line := range bytes.Lines(raw) {
		var l struct {
			Eval map[string]float64 `json:"eval"`
		}
		if json.Unmarshal(line, &l) == nil && l.Eval != nil {
			last = l.Eval
		}
	}
	return last, nil
}
