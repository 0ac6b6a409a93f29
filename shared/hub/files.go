package hub

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// wanted are the files of a model folder besides its weights.
var wanted = []string{
	"README.md", "config.json", "config_sentence_transformers.json", "generation_config.json", "merges.txt", "model.safetensors.index.json",
	"modules.json", "preprocessor_config.json", "sentence_bert_config.json", "special_tokens_map.json", "tokenizer.json",
	"tokenizer_config.json", "vocab.json", "vocab.txt",
}

var (
	modulePattern = regexp.MustCompile(`^[0-9]_[A-Za-z0-9]{1,40}/config\.json$`)                // of sentence-transformers, such as 1_Pooling
	shardPattern  = regexp.MustCompile(`^model-[0-9]{5}-of-[0-9]{5}\.safetensors$`)             // as transformers names them
	otherPattern  = regexp.MustCompile(`(?i)\.(bin|pt|pth|ckpt|h5|msgpack|onnx|gguf|pkl|npz)$`) // weights that aren't read
)

const single = "model.safetensors"

// choose picks the files of a repository that make a model folder. The names are those of a list, so none leads anywhere else.
func choose(names []string) ([]string, error) {
	var picked, shards []string
	var other string
	for _, n := range names {
		switch {
		case slices.Contains(wanted, n), n == single, modulePattern.MatchString(n):
			picked = append(picked, n)
		case shardPattern.MatchString(n):
			shards = append(shards, n)
		case other == "" && otherPattern.MatchString(n) && plain(n):
			other = n
		}
	}
	slices.Sort(picked)
	picked = slices.Compact(picked)
	has := func(n string) bool { return slices.Contains(picked, n) }
	switch {
	case !has("config.json"):
		return nil, fmt.Errorf("%w: there is no config.json", ErrNoModel)
	case has(single):
		picked = slices.DeleteFunc(picked, func(n string) bool { return n == "model.safetensors.index.json" })
	case has("model.safetensors.index.json") && len(shards) > 0:
		slices.Sort(shards)
		picked = append(picked, slices.Compact(shards)...)
	case other != "":
		return nil, fmt.Errorf("%w: its weights are %s, and only safetensors are read: pickles run code. Convert it with save_pretrained(safe_serialization=True)", ErrNoModel, path.Base(other))
	default:
		return nil, fmt.Errorf("%w: there is no %s", ErrNoModel, single)
	}
	return picked, nil
}

// plain says that a name can be shown: letters, digits and a few signs.
func plain(name string) bool {
	return len(name) < 200 && !strings.ContainsFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-/", r))
	})
}
