package hub

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/strictjson"
)

const (
	configFile  = "config.json"
	weightsFile = "model.safetensors"
	indexFile   = "model.safetensors.index.json"
	weightsExt  = ".safetensors"

	maxIndexBytes = 16 << 20
	maxShards     = 1000
)

// beside are the files that come with the weights, in the order in which they are fetched and linked.
var beside = []string{
	"README.md", "modules.json", "sentence_bert_config.json", "config_sentence_transformers.json", "special_tokens_map.json",
	"tokenizer_config.json", "merges.txt", "vocab.json", "vocab.txt", "tokenizer.json", "preprocessor_config.json",
}

// pickles are endings of weights that aren't taken: reading them can run code, or nothing here reads them.
var pickles = []string{".bin", ".pt", ".pth", ".ckpt", ".h5", ".onnx", ".msgpack", ".pkl"}

// choose picks those of the names in a folder that make a model: what comes beside the weights, modules of sentence-transformers, the weights,
// config.json last. Of several sets of weights it takes the standard one: model.safetensors, else the index (then the shards
// are missing still), else what *.safetensors there is.
func choose(names []string) ([]string, error) {
	have := make(map[string]bool, len(names))
	for _, name := range names {
		have[name] = true
	}
	var chosen []string
	for _, name := range beside {
		if have[name] {
			chosen = append(chosen, name)
		}
	}
	var modules, loose []string
	for _, name := range names {
		switch folder, base := path.Split(name); {
		case isModule(folder) && (base == configFile || base == weightsFile):
			modules = append(modules, name)
		case folder == "" && strings.HasSuffix(base, weightsExt):
			loose = append(loose, name)
		}
	}
	slices.Sort(modules)
	slices.Sort(loose)
	chosen = append(chosen, modules...)
	switch {
	case !have[configFile]:
		return nil, fmt.Errorf("%w: there is no %s", ErrNoModel, configFile)
	case have[weightsFile]:
		chosen = append(chosen, weightsFile)
	case have[indexFile]:
		chosen = append(chosen, indexFile)
	case len(loose) > 0:
		chosen = append(chosen, loose...)
	default:
		return nil, noWeights(names)
	}
	chosen = append(chosen, configFile)
	for _, name := range chosen {
		if err := writable(name); err != nil {
			return nil, err
		}
	}
	return chosen, nil
}

// isModule knows the folders that sentence-transformers numbers, such as 1_Pooling/.
func isModule(folder string) bool {
	number, name, ok := strings.Cut(strings.TrimSuffix(folder, "/"), "_")
	return ok && number != "" && strings.Trim(number, "0123456789") == "" && name != "" && !strings.Contains(name, "/")
}

// noWeights says what there is instead of *.safetensors.
func noWeights(names []string) error {
	var found []string
	for _, name := range names {
		if !strings.Contains(name, "/") && slices.Contains(pickles, path.Ext(name)) {
			found = append(found, name)
		}
	}
	if len(found) == 0 {
		return fmt.Errorf("%w: there is no *%s beside %s", ErrNoModel, weightsExt, configFile)
	}
	return fmt.Errorf("%w: its weights are only in %s, a form that can run code when it is read or is not read here; want *%s",
		ErrNoModel, strings.Join(found[:min(len(found), 3)], ", "), weightsExt)
}

// withShards puts the shards that an index names before the index.
func withShards(chosen, names []string, index []byte) ([]string, error) {
	var v struct {
		Map map[string]string `json:"weight_map"`
	}
	if err := strictjson.Decode(index, &v, strictjson.Limits{Bytes: maxIndexBytes, AllowUnknown: true}); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrNoModel, indexFile, err)
	}
	var shards []string
	for _, name := range v.Map {
		shards = append(shards, name)
	}
	slices.Sort(shards)
	shards = slices.Compact(shards)
	if len(shards) == 0 || len(shards) > maxShards {
		return nil, fmt.Errorf("%w: %s: it names %d files, want 1 to %d", ErrNoModel, indexFile, len(shards), maxShards)
	}
	for _, name := range shards {
		if err := writable(name); err != nil {
			return nil, fmt.Errorf("%s: %w", indexFile, err)
		}
		if strings.Contains(name, "/") || !strings.HasSuffix(name, weightsExt) || !slices.Contains(names, name) {
			return nil, fmt.Errorf("%w: %s: there is no %q beside it", ErrNoModel, indexFile, shorten(name))
		}
	}
	at := slices.Index(chosen, indexFile)
	return slices.Insert(slices.Clone(chosen), at, shards...), nil
}
