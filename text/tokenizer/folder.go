package tokenizer

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// Files of a model folder that say what its tokenizer is.
const (
	tokenizerFile  = "tokenizer.json"
	vocabFile      = "vocab.txt"
	vocabJSONFile  = "vocab.json"
	mergesFile     = "merges.txt"
	configFile     = "tokenizer_config.json"
	specialFile    = "special_tokens_map.json"
	addedFile      = "added_tokens.json"
	modelFile      = "config.json"
	maxConfigBytes = 16 << 20 // each of the last four
)

// LoadFS reads the tokenizer of the model folder at the root of fsys. That is tokenizer.json where there is one; tokenizer_config.json
// and special_tokens_map.json then only say which tokens have a role. Without it the tokenizer is the one that transformers'
// AutoTokenizer makes: BERT's from vocab.txt, RoBERTa's or GPT-2's from vocab.json and merges.txt, with the options and special
// tokens of tokenizer_config.json, special_tokens_map.json and added_tokens.json. Which of them is said by tokenizer_class there or in
// config.json, else by the latter's model_type, else by the files that are there.
//
// Errors name the file; those about content wrap a sentinel of this package, those about a missing file [fs.ErrNotExist].
func LoadFS(fsys fs.FS) (*Tokenizer, error) {
	c, err := readConfig(fsys)
	if err != nil {
		return nil, err
	}
	data, err := readFile(fsys, tokenizerFile, MaxFileBytes)
	if err == nil {
		t, err := Parse(data)
		if err != nil {
			return nil, in(err, tokenizerFile)
		}
		names := map[string]string{}
		for role, tok := range c.named {
			if tok != nil {
				names[role] = tok.Content
			}
		}
		t.nameRoles(names)
		return t, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := c.readAdded(fsys); err != nil {
		return nil, err
	}
	return c.load(fsys)
}

// in says which file an error is about.
func in(err error, name string) error { return fmt.Errorf("%w (in %s)", err, name) }

// readFile reads a regular file of at most limit bytes. A pipe is refused before it is opened, for that would wait.
func readFile(fsys fs.FS, name string, limit int64) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %s: %w", name, cause(err))
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("tokenizer: %s: %w", name, ErrNotRegular)
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %s: %w", name, cause(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %s: %w", name, cause(err))
	}
	if int64(len(data)) > limit {
		return nil, errorf(name, ErrLimit, "got more than %d bytes", limit)
	}
	return data, nil
}

// readMaybe is readFile, with nil for a file that isn't there.
func readMaybe(fsys fs.FS, name string, limit int64) ([]byte, error) {
	data, err := readFile(fsys, name, limit)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// cause drops the folder from a file error.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
