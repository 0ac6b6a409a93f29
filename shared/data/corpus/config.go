package corpus

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/strictjson"
)

// ErrConfig is wrapped by what is wrong with a corpus.json.
var ErrConfig = errors.New("bad corpus configuration")

// Config says what a corpus is made of. It is read from JSON; unknown keys are refused.
type Config struct {
	Sources       []Source `json:"sources"`
	Exclude       []string `json:"exclude"`        // files of evaluation sets, see ReadEvaluation; patterns are allowed
	NearDuplicate float64  `json:"near_duplicate"` // Jaccard similarity from which a text is a duplicate, in (0, 1]; 0 means 0.8
	Seed          uint64   `json:"seed"`

	excluded []location
}

// A Source is text of one kind.
type Source struct {
	Name   string   `json:"name"`   // of the file NAME.txt; lower-case letters, digits, "-" and "_"
	Format string   `json:"format"` // see Formats
	Paths  []string `json:"paths"`  // files, folders or patterns; $NAME stands for an environment variable
	// Weight is how often one epoch reads the source's documents; 0 means 1. Whole passes over all documents come first, one after the
	// other; a fraction left over adds one pass over a part of the documents, each drawn by seed with that probability. So 2 writes every
	// document twice, far apart, and 0.5 about half of the documents once.
	Weight float64 `json:"weight"`

	located []location
}

// maxWeight bounds a weight, so that a slip does not fill the disk.
const maxWeight = 100

var sourceName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// ReadConfig reads a configuration file. Relative paths are taken from the file's folder; getenv gives the variables named in paths, and
// one that is not set is an error.
func ReadConfig(path string, getenv func(string) string) (Config, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("corpus: %w", err)
	}
	c, err := ParseConfig(raw)
	if err == nil {
		err = c.locate(filepath.Dir(path), getenv)
	}
	if err != nil {
		return Config{}, fmt.Errorf("corpus: %s: %w", path, err)
	}
	return c, nil
}

// ParseConfig decodes and checks a configuration and fills in defaults. Paths stay as they are.
func ParseConfig(raw []byte) (Config, error) {
	var c Config
	if err := strictjson.Decode(raw, &c, strictjson.Limits{}); err != nil {
		return Config{}, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if c.NearDuplicate == 0 {
		c.NearDuplicate = 0.8
	}
	for i := range c.Sources {
		if c.Sources[i].Weight == 0 {
			c.Sources[i].Weight = 1
		}
	}
	return c, c.Validate()
}

// Validate reports the first setting that is wrong, wrapping ErrConfig.
func (c Config) Validate() error {
	if len(c.Sources) == 0 {
		return fmt.Errorf("%w: no sources", ErrConfig)
	}
	if !(c.NearDuplicate > 0 && c.NearDuplicate <= 1) {
		return fmt.Errorf("%w: near_duplicate is %g, want more than 0 and at most 1", ErrConfig, c.NearDuplicate)
	}
	seen := map[string]bool{}
	for i, s := range c.Sources {
		switch {
		case !sourceName.MatchString(s.Name):
			return fmt.Errorf("%w: source %d: name is %q, want lower-case letters, digits, - and _", ErrConfig, i, s.Name)
		case seen[s.Name]:
			return fmt.Errorf("%w: source %q: the name occurs twice", ErrConfig, s.Name)
		case !slices.Contains(Formats(), s.Format):
			return fmt.Errorf("%w: source %q: format is %q, want one of %s", ErrConfig, s.Name, s.Format, strings.Join(Formats(), ", "))
		case len(s.Paths) == 0:
			return fmt.Errorf("%w: source %q: no paths", ErrConfig, s.Name)
		case !(s.Weight > 0 && s.Weight <= maxWeight):
			return fmt.Errorf("%w: source %q: weight is %g, want more than 0 and at most %d", ErrConfig, s.Name, s.Weight, maxWeight)
		}
		seen[s.Name] = true
	}
	return nil
}
