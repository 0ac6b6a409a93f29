package trajectory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/fmkit/fmkit/rl/env/spaces"
)

// A spaceJSON is a space as Minari's serialize_space has it. Bounds are a number or nested lists of them; an infinite one is 1e999, which
// Python's json reads as such, where Minari itself writes Infinity.
type spaceJSON struct {
	Type      string                `json:"type"`
	DType     string                `json:"dtype,omitempty"`
	Shape     []int                 `json:"shape,omitempty"`
	Low       json.RawMessage       `json:"low,omitempty"`
	High      json.RawMessage       `json:"high,omitempty"`
	N         int                   `json:"n,omitempty"`
	Start     json.RawMessage       `json:"start,omitempty"`
	NVec      []int                 `json:"nvec,omitempty"`
	Subspaces map[string]*spaceJSON `json:"subspaces,omitempty"`
}

// encodeSpace gives the JSON form of a space.
func encodeSpace(s spaces.Space) (*spaceJSON, error) {
	switch s := s.(type) {
	case *spaces.Discrete:
		return &spaceJSON{Type: "Discrete", DType: "int64", N: s.N, Start: json.RawMessage(strconv.Itoa(s.Start))}, nil
	case *spaces.MultiDiscrete:
		return &spaceJSON{Type: "MultiDiscrete", DType: "int64", NVec: s.Counts}, nil
	case *spaces.Box:
		return &spaceJSON{Type: "Box", DType: s.Type.String(), Shape: s.Shape(), Low: encodeBound(s.Low, s.Shape()), High: encodeBound(s.High, s.Shape())}, nil
	case *spaces.Dict:
		all := map[string]*spaceJSON{}
		for _, name := range s.Names() {
			sub, err := encodeSpace(s.Space(name))
			if err != nil {
				return nil, err
			}
			all[name] = sub
		}
		return &spaceJSON{Type: "Dict", Subspaces: all}, nil
	}
	return nil, fmt.Errorf("trajectory: %w: no form for %v", spaces.ErrSpace, s)
}

// encodeBound is one number where all are the same.
func encodeBound(x []float32, shape []int) json.RawMessage {
	if len(slices.Compact(slices.Clone(x))) == 1 {
		shape, x = nil, x[:1]
	}
	var nested func(x []float32, shape []int) []byte
	nested = func(x []float32, shape []int) []byte {
		if len(shape) == 0 {
			switch v := float64(x[0]); {
			case math.IsInf(v, 1):
				return []byte("1e999")
			case math.IsInf(v, -1):
				return []byte("-1e999")
			default:
				return strconv.AppendFloat(nil, v, 'g', -1, 32)
			}
		}
		var parts [][]byte
		for i := range shape[0] {
			n := len(x) / shape[0]
			parts = append(parts, nested(x[i*n:][:n], shape[1:]))
		}
		return slices.Concat([]byte("["), bytes.Join(parts, []byte(",")), []byte("]"))
	}
	return nested(x, shape)
}

// maxSpace bounds what a space from a file may have in all: numbers, or one-hot numbers.
const maxSpace = 1 << 22

// space makes the space.
func (j *spaceJSON) space() (spaces.Space, error) { return j.make(0) }

func (j *spaceJSON) make(depth int) (spaces.Space, error) {
	bad := func(format string, args ...any) (spaces.Space, error) {
		return nil, fmt.Errorf("%w: space %q: %s", ErrFormat, j.Type, fmt.Sprintf(format, args...))
	}
	switch j.Type {
	case "Discrete":
		start := 0
		if len(j.Start) > 0 {
			if err := json.Unmarshal(j.Start, &start); err != nil {
				return bad("start: %v", err)
			}
		}
		return made(spaces.NewDiscreteFrom(j.N, start))
	case "MultiDiscrete":
		if len(j.NVec) > maxSpace || bytes.ContainsAny(j.Start, "123456789") {
			return bad("got %d counts starting at %s, want at most %d that start at 0", len(j.NVec), j.Start, maxSpace)
		}
		return made(spaces.NewMultiDiscrete(j.NVec...))
	case "Box":
		size := 1
		for _, n := range j.Shape {
			if n < 1 || n > maxSpace/size {
				return bad("got shape %v, want 1 to %d numbers", j.Shape, maxSpace)
			}
			size *= n
		}
		of := spaces.Float32
		switch j.DType {
		case "uint8":
			of = spaces.Uint8
		case "float32", "float64", "":
		default:
			return bad("got numbers of type %s, want float32, float64 or uint8", j.DType)
		}
		low, err := decodeBound(j.Low, size)
		if err != nil {
			return bad("low: %v", err)
		}
		high, err := decodeBound(j.High, size)
		if err != nil {
			return bad("high: %v", err)
		}
		return box(low, high, of, j.Shape)
	case "Dict":
		if depth > 4 {
			return bad("nested too deep")
		}
		all := map[string]spaces.Space{}
		for name, sub := range j.Subspaces {
			if sub == nil {
				return bad("%q is null", name)
			}
			s, err := sub.make(depth + 1)
			if err != nil {
				return nil, err
			}
			all[name] = s
		}
		return made(spaces.NewDict(all))
	}
	return bad("want Box, Discrete, MultiDiscrete or Dict")
}

// made turns the error of a constructor into ErrFormat.
func made[S spaces.Space](s S, err error) (spaces.Space, error) {
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return s, nil
}

// box makes a Box of a shape with bounds of its own for each number.
func box(low, high []float32, of spaces.Type, shape []int) (spaces.Space, error) {
	if len(shape) == 0 {
		shape = []int{1}
	}
	b, err := spaces.NewBoxOf(0, 1, of, shape...)
	if err != nil {
		return made(b, err)
	}
	for i := range low {
		if !(low[i] <= high[i]) {
			return nil, fmt.Errorf("%w: space: bound %d: got %v to %v, want low <= high", ErrFormat, i, low[i], high[i])
		}
	}
	b.Low, b.High = low, high
	return b, nil
}

// decodeBound reads size numbers, or one for all.
func decodeBound(raw json.RawMessage, size int) ([]float32, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var x []float32
	for {
		t, err := d.Token()
		if err != nil {
			break
		}
		n, ok := t.(json.Number)
		if !ok {
			if _, ok := t.(json.Delim); !ok {
				return nil, fmt.Errorf("got %v, want numbers", t)
			}
			continue
		}
		v, err := strconv.ParseFloat(string(n), 32)
		if err != nil && !math.IsInf(v, 0) {
			return nil, err
		}
		if x = append(x, float32(v)); len(x) > size {
			break
		}
	}
	if len(x) == 1 {
		x = slices.Repeat(x, size)
	}
	if len(x) != size {
		return nil, fmt.Errorf("got %d numbers or more, want %d", len(x), size)
	}
	return x, nil
}
