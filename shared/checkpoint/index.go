package checkpoint

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	singleFile   = "model.safetensors"
	indexFile    = "model.safetensors.index.json"
	extension    = ".safetensors"
	maxShards    = 1 << 10
	maxFileName  = 255 // bytes
	maxIndexNest = 32  // levels of objects and lists in the metadata
)

// An index says which shard holds which tensor.
type index struct {
	shards  []string         // file names, as they first occur
	tensors []int            // how many tensors each holds
	shardOf map[string]int32 // tensor name to index of shards
}

// parseIndex parses an index file:
//
//	{"metadata": {...}, "weight_map": {tensor: shard, ...}}
//
// The metadata must be a JSON object and is passed over: writers differ in what they count as the total size.
func parseIndex(raw []byte) (*index, error) {
	p := indexParser{scanner: scanner{b: raw}, index: index{shardOf: map[string]int32{}}, seen: map[string]int32{}}
	if !utf8.Valid(raw) {
		return nil, &Error{Err: ErrIndex, Detail: "it is not UTF-8"}
	}
	if err := p.object(p.field); err != nil {
		return nil, err
	}
	if p.next(); p.i != len(p.b) {
		return nil, p.syntax()
	}
	if len(p.shards) == 0 {
		return nil, &Error{Err: ErrIndex, Detail: "it maps no tensor"}
	}
	return &p.index, nil
}

// An indexParser goes once through an index file.
type indexParser struct {
	scanner
	index
	seen            map[string]int32 // shard name to index of shards
	hasMeta, hasMap bool
	scratch         [maxName + 1]byte
}

func (p *indexParser) syntax() error {
	return &Error{Err: ErrIndex, Detail: fmt.Sprintf("it is not JSON of the right form at byte %d", p.i)}
}

// decoded returns the start of the unescaped form of raw, in scratch.
func (p *indexParser) decoded(raw span) []byte {
	return p.scratch[:unescape(p.scratch[:], raw.of(p.b))]
}

// object takes { key: value, ... }; field takes the value of the key.
func (p *indexParser) object(field func(key span) error) error {
	if !p.take('{') {
		return p.syntax()
	}
	for first := true; ; first = false {
		more, ok := p.more(first, '}')
		if !ok {
			return p.syntax()
		}
		if !more {
			return nil
		}
		key, ok := p.text()
		if !ok || !p.take(':') {
			return p.syntax()
		}
		if err := field(key); err != nil {
			return err
		}
	}
}

// field takes the value of a key of the file.
func (p *indexParser) field(key span) error {
	var seen *bool
	switch string(key.of(p.b)) {
	case "metadata":
		seen = &p.hasMeta
	case "weight_map":
		seen = &p.hasMap
	default:
		return &Error{Err: ErrIndex, Detail: "it has a field other than metadata and weight_map"}
	}
	if *seen {
		return &Error{Err: ErrIndex, Detail: "a field occurs twice"}
	}
	*seen = true
	if seen == &p.hasMap {
		return p.object(p.tensor)
	}
	if p.next() != '{' || !p.skip(maxIndexNest) {
		return p.syntax()
	}
	return nil
}

// tensor takes the shard of a tensor.
func (p *indexParser) tensor(key span) error {
	name := string(p.decoded(key))
	if why := nameFault(name); why != "" {
		return &Error{Tensor: name, Err: ErrName, Detail: why}
	}
	value, ok := p.text()
	if !ok {
		return p.syntax()
	}
	if _, twice := p.shardOf[name]; twice {
		return &Error{Tensor: name, Err: ErrIndex, Detail: "it is mapped twice"}
	}
	if len(p.shardOf) == maxTensors {
		return &Error{Err: ErrTooManyTensors, Detail: fmt.Sprintf("want at most %d", maxTensors)}
	}
	file := p.decoded(value)
	n, known := p.seen[string(file)]
	if !known {
		switch {
		case !plainName(string(file)) || !strings.HasSuffix(string(file), extension):
			return &Error{Tensor: name, Err: ErrPath, Detail: fmt.Sprintf("got %.40q, want a plain file name ending in %s", file, extension)}
		case len(p.shards) == maxShards:
			return &Error{Err: ErrIndex, Detail: fmt.Sprintf("it names more than %d shards", maxShards)}
		}
		n = int32(len(p.shards))
		p.shards, p.tensors = append(p.shards, string(file)), append(p.tensors, 0)
		p.seen[p.shards[n]] = n
	}
	p.shardOf[name] = n
	p.tensors[n]++
	return nil
}

// plainName says whether name is that of a file in this very folder on every system: letters, digits, dots, underscores
// and dashes, not beginning with a dot, without two dots in a row.
func plainName(name string) bool {
	if name == "" || len(name) > maxFileName || name[0] == '.' || strings.Contains(name, "..") {
		return false
	}
	for _, c := range []byte(name) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}
