package hub

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Cached lists the models that the cache has whole, each at the commit that its branch main was at, by name. The hub isn't asked. A cache that isn't there has none.
func (c *Client) Cached() []Snapshot {
	entries, err := os.ReadDir(c.Cache)
	if err != nil {
		return nil
	}
	var all []Snapshot
	for _, e := range entries {
		name, ok := strings.CutPrefix(filepath.Base(e.Name()), "models--")
		if !ok {
			continue
		}
		r, err := parseName(strings.Replace(name, "--", "/", 1))
		if err != nil {
			continue
		}
		s := c.store(r)
		if found, _ := s.snapshot(r, s.commit(r.revision)); found != nil {
			all = append(all, *found)
		}
	}
	slices.SortFunc(all, func(a, b Snapshot) int { return strings.Compare(a.Name, b.Name) })
	return all
}
