package hub

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// models lists the model folders, "." being the root. Folders inside a model folder, such as other forms of its weights, are part of it.
func (l listing) models() []string {
	weights := map[string]bool{}
	for name := range l {
		if strings.HasSuffix(name, weightsExt) {
			weights[path.Dir(name)] = true
		}
	}
	var found []string
	for _, folder := range slices.Sorted(maps.Keys(weights)) {
		if l.has(folder, configFile) && !l.inModel(path.Dir(folder), folder, weights) {
			found = append(found, folder)
		}
	}
	return found
}

// inModel says whether a folder above below is a model folder.
func (l listing) inModel(folder, below string, weights map[string]bool) bool {
	for folder != below {
		if weights[folder] && l.has(folder, configFile) {
			return true
		}
		folder, below = path.Dir(folder), folder
	}
	return false
}

// isModel says whether folder holds a configuration and weights.
func (l listing) isModel(folder string) bool {
	return l.has(folder, configFile) && slices.ContainsFunc(l.under(folder), func(name string) bool {
		return !strings.Contains(name, "/") && strings.HasSuffix(name, weightsExt)
	})
}

func (l listing) has(folder, name string) bool {
	_, ok := l[path.Join(folder, name)]
	return ok
}

// under lists what is in a folder, by names relative to it.
func (l listing) under(folder string) []string {
	var names []string
	for name := range l {
		if rest, ok := strings.CutPrefix(name, folder+"/"); folder == "." {
			names = append(names, name)
		} else if ok {
			names = append(names, rest)
		}
	}
	slices.Sort(names)
	return names
}

// zips lists the archives inside.
func (l listing) zips() []string {
	var found []string
	for name := range l {
		if strings.HasSuffix(strings.ToLower(name), ".zip") {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}

// nearest says what keeps a folder with a configuration from being a model, nil if there is no such folder.
func (l listing) nearest() error {
	for _, name := range slices.Sorted(maps.Keys(l)) {
		if path.Base(name) != configFile {
			continue
		}
		if _, err := choose(l.under(path.Dir(name))); err != nil {
			return err
		}
	}
	return nil
}

// several names a few of many.
func several(names []string) string {
	const most = 10
	if len(names) == 0 {
		return "none"
	}
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}
