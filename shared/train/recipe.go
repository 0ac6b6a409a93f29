package train

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// recipeJSON returns the content of recipe.json: c and the caller's recipe, indented, keys as marshalled.
func recipeJSON(c Config, recipe any) ([]byte, error) {
	data, err := json.MarshalIndent(struct {
		Train  Config `json:"train"`
		Recipe any    `json:"recipe"`
	}{c, recipe}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("train: recipe: %w", err)
	}
	return append(data, '\n'), nil
}

// recordedConfig reads the loop's settings of the run in dir.
func recordedConfig(dir string) (Config, error) {
	raw, err := os.ReadFile(filepath.Join(dir, recipeFile))
	if err != nil {
		return Config{}, fmt.Errorf("train: %w", err)
	}
	var r struct {
		Train Config `json:"train"`
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return Config{}, fmt.Errorf("train: %s: %w", recipeFile, err)
	}
	return r.Train, r.Train.Validate()
}

// recipeHash returns the SHA-256 of a recipe's values, whatever the order of its keys.
func recipeHash(data []byte) (string, error) {
	flat, err := flatten(data)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, k := range sortedKeys(flat) {
		fmt.Fprintf(h, "%q=%s\n", k, flat[k])
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// recipeChanges lists the fields in which two recipes differ.
func recipeChanges(was, now []byte) ([]Change, error) {
	a, err := flatten(was)
	if err != nil {
		return nil, err
	}
	b, err := flatten(now)
	if err != nil {
		return nil, err
	}
	var changes []Change
	all := maps.Clone(a)
	maps.Copy(all, b)
	for _, k := range sortedKeys(all) {
		if a[k] == b[k] {
			continue
		}
		c := Change{Field: k, Was: a[k], Now: b[k]}
		if c.Was == "" {
			c.Was = "absent"
		}
		if c.Now == "" {
			c.Now = "absent"
		}
		changes = append(changes, c)
	}
	return changes, nil
}

// flatten maps the path of every leaf of a JSON value to its JSON text. Empty objects and lists are leaves.
func flatten(data []byte) (map[string]string, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("train: recipe: %w", err)
	}
	flat := map[string]string{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		join := func(key string) string {
			if path == "" {
				return key
			}
			return path + "." + key
		}
		switch v := v.(type) {
		case map[string]any:
			for k, e := range v {
				walk(join(k), e)
			}
			if len(v) > 0 {
				return
			}
		case []any:
			for i, e := range v {
				walk(join(strconv.Itoa(i)), e)
			}
			if len(v) > 0 {
				return
			}
		}
		text, _ := json.Marshal(v) // came from JSON
		flat[path] = string(text)
	}
	walk("", v)
	return flat, nil
}

// sortedKeys returns the keys of m in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
