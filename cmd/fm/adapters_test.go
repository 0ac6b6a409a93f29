package main

import (
	"path/filepath"
	"testing"
)

// An example is an adapter that a test makes, and what fm was told.
type example struct {
	name, dir string
	args      []string // of fm adapt, without --out
	recipe    string   // a key of its recipe that the weights depend on, with a number
}

// examples are twenty adapters of every task and method, on texts, pictures and control; not yet made. Where few is set there are four.
func examples(t *testing.T, few bool) []example {
	t.Helper()
	dir := t.TempDir()
	base, vision := smallBase(t, dir, 1), visionBase(t, dir)
	labelled, spans, documents, tagged := labelledCSV(t, dir, "train.csv"), squadJSON(t, dir, "train.json"), documents(t, dir, "train.jsonl"), taggedJSONL(t, dir, "tags.jsonl")
	pictures := bars(t, dir, 6)
	var all []example
	add := func(name, recipe string, args ...string) {
		all = append(all, example{name, filepath.Join(dir, name), args, recipe})
	}
	texts := func(task, data, recipe string, methods ...[]string) {
		for _, m := range methods {
			add(task+"-"+m[0], recipe, append([]string{task, "--base", base, "--data", data, "--eval", data, "--steps=2", "--seed=17", "--method"}, m...)...)
		}
	}
	full, low := []string{"full"}, []string{"lora", "--rank=2", "--targets=query,value"}
	cloth, clothBase := cloths(t)
	texts("classify", labelled, "logistic", low)
	texts("qa", spans, "lr", full)
	add("inspector", "false_alarms", "inspect", "--base", clothBase, "--data", cloth, "--false-alarms", "0.05")
	episodes := filepath.Join(dir, "episodes")
	poleEpisodes(t, episodes, 6)
	add("clone", "lr", "policy", "--base", "none", "--data", episodes, "--algorithm", "clone", "--steps", "4", "--episodes", "2")
	if few {
		return all
	}
	texts("classify", labelled, "logistic", full, []string{"head"}, []string{"ia3"}, []string{"prefix", "--tokens=3"}, []string{"bottleneck", "--size=4"}, []string{"bitfit"}, []string{"last-k", "--layers=1"})
	texts("qa", spans, "lr", low, []string{"prefix", "--tokens=2"})
	texts("summarize", documents, "lr", full, []string{"bottleneck", "--size=4"})
	texts("tag", tagged, "lr", full, low)
	for _, m := range [][]string{full, low} {
		add("pictures-"+m[0], "logistic", append([]string{"classify", "--base", vision, "--data", pictures, "--eval", pictures, "--steps=2", "--seed=17", "--method"}, m...)...)
	}
	add("ppo", "learning_rate", "policy", "--base", "none", "--env", "CartPole-v1", "--steps", "2048", "--episodes", "2")
	return all
}

// make trains the adapter, if it isn't there, and gives its digest.
func (e example) make(t *testing.T) any {
	t.Helper()
	return lastObject(t, mustFM(t, "", append(append([]string{"adapt"}, e.args...), "--out", e.dir, "--json")...))["digest"]
}

// TestVerifyWorkers trains every adapter again with one, two and five workers.
func TestVerifyWorkers(t *testing.T) {
	for _, e := range examples(t, !full()) {
		t.Run(e.name, func(t *testing.T) {
			want := e.make(t)
			for _, workers := range []string{"1", "2", "5"} {
				if v := lastObject(t, mustFM(t, "", "verify", e.dir, "--workers", workers, "--json")); v["match"] != true || v["got"] != want {
					t.Errorf("%s workers: verify says %v, want %v", workers, v, want)
				}
			}
		})
	}
}
