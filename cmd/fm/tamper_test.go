package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/adapter/adaptertest"
	"github.com/fmkit/fmkit/shared/checkpoint"
)

// full says whether the long forms of tests are to run.
func full() bool { return os.Getenv("FMKIT_FULL") != "" }

// A forgery is an adapter folder while it is being changed.
type forgery struct {
	p      adapter.Passport
	config string // adapter_config.json
	raw    []byte // the weights
}

// A tampering changes one thing; ok is false where the adapter has no such thing.
type tampering struct {
	name   string
	change func(f *forgery, e example) (ok bool)
	load   string // what refuses to load it says, where the sums are those of before
	verify string // what refuses to verify it says, where the sums are made to fit
}

// unsealed is what is said of a passport or configuration that was changed.
const unsealed = "not what was written"

// tamperings are what is tried on every adapter, twice: as it is, and with every sum in the folder made to fit.
var tamperings = []tampering{
	{"nothing", func(*forgery, example) bool { return true }, "", ""},
	{"seed", func(f *forgery, _ example) bool { f.p.Seed++; return true }, unsealed, "seed of the passport"},
	{"steps", func(f *forgery, _ example) bool { f.p.Steps++; return true }, unsealed, "steps of the passport"},
	{"label", func(f *forgery, _ example) bool {
		if len(f.p.Labels) == 0 {
			return false
		}
		f.p.Labels[0] += "s"
		return true
	}, unsealed, "labels of the passport"},
	{"labels change places", func(f *forgery, _ example) bool {
		if len(f.p.Labels) < 2 {
			return false
		}
		f.p.Labels[0], f.p.Labels[1] = f.p.Labels[1], f.p.Labels[0]
		return true
	}, unsealed, "labels of the passport"},
	{"items of the metrics", func(f *forgery, _ example) bool { f.p.Metrics.N++; return true }, unsealed, "metrics: n"},
	{"a metric", func(f *forgery, _ example) bool {
		for _, k := range slices.Sorted(maps.Keys(f.p.Metrics.Values)) {
			f.p.Metrics.Values[k] += 0.001
			return true
		}
		return false
	}, unsealed, "metrics: "},
	{"an interval", func(f *forgery, _ example) bool {
		for _, k := range slices.Sorted(maps.Keys(f.p.Metrics.Interval)) {
			f.p.Metrics.Interval[k] = [2]float64{f.p.Metrics.Interval[k][0], 2}
			return true
		}
		return false
	}, unsealed, "metrics: interval"},
	{"a setting", func(f *forgery, _ example) bool { return more(&f.p.Settings, `"[a-z_]+"`) }, "", "settings"},
	{"the recipe", func(f *forgery, e example) bool { return more(&f.p.Recipe, `"`+e.recipe+`"`) }, "recipe is not the one on record", ""},
	{"the hash of the data", func(f *forgery, _ example) bool {
		if len(f.p.Data) == 0 {
			return false
		}
		f.p.Data[0].SHA256 = other(f.p.Data[0].SHA256)
		return true
	}, unsealed, "data have changed"},
	{"the base", func(f *forgery, _ example) bool { f.p.Base.Fingerprint = other(f.p.Base.Fingerprint); return true }, "another base", "another base"},
	{"the tokenizer", func(f *forgery, _ example) bool { f.p.Base.Tokenizer = other(f.p.Base.Tokenizer); return true }, "got sha256:", "tokenizer"},
	{"the type of the weights", func(f *forgery, _ example) bool { f.p.DType = "F16"; return true }, "tensors do not match", "F16"},
	{"the kind of task", func(f *forgery, _ example) bool { return replace(&f.config, `"task_type": "`, `"task_type": "X`) }, unsealed, ""},
	{"the name of the base", func(f *forgery, _ example) bool {
		return replace(&f.config, `"base_model_name_or_path": "`, `"base_model_name_or_path": "X`)
	}, "base_model_name_or_path", "base_model_name_or_path"},
	{"rank", func(f *forgery, _ example) bool {
		if f.p.LoRA == nil {
			return false
		}
		f.p.LoRA.Rank++
		return replace(&f.config, `"r": 2`, `"r": 3`)
	}, "tensors do not match", ""},
	{"alpha", func(f *forgery, _ example) bool {
		if f.p.LoRA == nil {
			return false
		}
		f.p.LoRA.Alpha++
		return replace(&f.config, fmt.Sprintf(`"lora_alpha": %g`, f.p.LoRA.Alpha-1), fmt.Sprintf(`"lora_alpha": %g`, f.p.LoRA.Alpha))
	}, unsealed, "settings of the method"},
	{"alpha in one place", func(f *forgery, _ example) bool { return replace(&f.config, `"lora_alpha": `, `"lora_alpha": 1`) }, "other settings of the method", "other settings of the method"},
	{"a bit of a weight", func(f *forgery, _ example) bool { f.raw[len(f.raw)-3] ^= 1; return true }, "do not match the passport", "the weights differ"},
	{"a weight that is no number", func(f *forgery, _ example) bool { copy(f.raw[len(f.raw)-4:], "\x00\x00\xc0\x7f"); return true }, "non-finite value", "non-finite value"},
}

// more makes the first number after a key larger.
func more(raw *json.RawMessage, key string) bool {
	at := regexp.MustCompile(key + `: ?[1-9][0-9]*|` + key + `: ?0\.[0-9]*[1-9]`).FindIndex(*raw)
	if at == nil {
		return false
	}
	*raw = slices.Concat((*raw)[:at[1]], []byte("1"), (*raw)[at[1]:])
	return true
}

// other is another sum.
func other(sum string) string {
	last := sum[len(sum)-1:]
	if last == "0" {
		return sum[:len(sum)-1] + "1"
	}
	return sum[:len(sum)-1] + "0"
}

func replace(s *string, old, new string) bool {
	was := *s
	*s = strings.Replace(was, old, new, 1)
	return *s != was
}

// readForgery reads an adapter folder.
func readForgery(t *testing.T, dir string) (f forgery) {
	t.Helper()
	var err error
	read := func(name string) []byte {
		raw, e := os.ReadFile(filepath.Join(dir, name))
		if e != nil {
			err = e
		}
		return raw
	}
	passport := read("fmkit.json")
	f.config, f.raw = string(read("adapter_config.json")), read("adapter_model.safetensors")
	if err == nil {
		err = json.Unmarshal(passport, &f.p)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// write puts the folder into dir; where seal is set all sums are made to fit.
func (f *forgery) write(t *testing.T, dir string, seal bool) {
	t.Helper()
	weights := filepath.Join(dir, "adapter_model.safetensors")
	put := func(path string, raw []byte) {
		if err := os.WriteFile(path, raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put(weights, f.raw)
	put(filepath.Join(dir, "adapter_config.json"), []byte(f.config))
	if tensors, _, err := checkpoint.ReadFile(weights); seal && err == nil {
		f.p.Digest = checkpoint.Digest(tensors)
	}
	raw, err := json.Marshal(&f.p)
	if err != nil {
		t.Fatal(err)
	}
	put(filepath.Join(dir, "fmkit.json"), raw)
	if seal {
		if err := adaptertest.Reseal(dir); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTampering changes everything that an adapter folder records, one thing at a time: what is changed alone isn't loaded, and where every sum is made to fit, training again shows it.
func TestTampering(t *testing.T) {
	caught := 0
	for _, e := range examples(t, !full()) {
		t.Run(e.name, func(t *testing.T) {
			e.make(t)
			before := caught
			good := readForgery(t, e.dir)
			for _, c := range tamperings {
				for _, sealed := range []bool{false, true} {
					f := readForgery(t, e.dir)
					if !c.change(&f, e) {
						continue
					}
					f.write(t, e.dir, sealed)
					verb, args, says := "predict", []string{"predict", "--adapter", e.dir}, c.load
					if sealed {
						verb, args, says = "verify", []string{"verify", e.dir}, c.verify
					}
					_, code, err := fm(t, "", args...)
					switch {
					case c.name == "nothing":
						if err != nil {
							t.Errorf("%s of what nobody changed: %v", verb, err)
						}
					case c.name == "the kind of task" && sealed: // it is for others: nothing here reads it
					case err == nil || code == exitDone || !strings.Contains(err.Error(), says):
						t.Errorf("%s, %s: got code %d, %v, want an error that says %q", c.name, verb, code, err, says)
					default:
						caught++
					}
					good.write(t, e.dir, false)
				}
			}
			if caught < before+20 {
				t.Errorf("caught %d, want at least 20", caught-before)
			}
		})
	}
	t.Logf("caught %d", caught)
}
