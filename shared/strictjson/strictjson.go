// Package strictjson decodes JSON that strangers wrote.
//
// encoding/json takes the last of two equal keys, matches names whatever their case and stops after the first value, so two readers of one file
// may disagree on what it says. Decode refuses all three, bounds size and depth before anything is built, and names the
// field that is wrong.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"
)

// Errors that a caller may branch on.
var (
	ErrTooLarge     = errors.New("too large")
	ErrDepth        = errors.New("nested too deep")
	ErrSyntax       = errors.New("not one JSON value")
	ErrDuplicateKey = errors.New("duplicate key")
	ErrUnknownKey   = errors.New("unknown key")
)

// Limits bounds what Decode accepts.
type Limits struct {
	Bytes        int  // most bytes, 0 means 1 MiB
	Depth        int  // deepest nesting of objects and arrays, 0 means 32
	AllowUnknown bool // skip keys that have no field instead of refusing them
}

// Decode fills v, a pointer, with the one JSON value that raw holds. Errors wrap a sentinel of this package, or are those
// of encoding/json for a value of the wrong kind, which name the field.
func Decode(raw []byte, v any, l Limits) error {
	if l.Bytes == 0 {
		l.Bytes = 1 << 20
	}
	if l.Depth == 0 {
		l.Depth = 32
	}
	if len(raw) > l.Bytes {
		return fmt.Errorf("%w: got %d bytes, want at most %d", ErrTooLarge, len(raw), l.Bytes)
	}
	if !utf8.Valid(raw) {
		return fmt.Errorf("%w: not UTF-8", ErrSyntax)
	}
	w := walker{dec: json.NewDecoder(bytes.NewReader(raw)), limits: l, fields: map[reflect.Type]map[string]reflect.Type{}}
	w.dec.UseNumber()
	if err := w.value(reflect.TypeOf(v), "", 0); err != nil {
		return err
	}
	if _, err := w.dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: more follows at byte %d", ErrSyntax, w.dec.InputOffset())
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return err
	}
	return nil
}

// A walker passes over one value beside the Go type that it will fill.
type walker struct {
	dec    *json.Decoder
	limits Limits
	fields map[reflect.Type]map[string]reflect.Type // the fields of every struct met, by their JSON names
}

// value reads the next value, which belongs to type t (nil: anything) and stands at path.
func (w *walker) value(t reflect.Type, path string, depth int) error {
	tok, err := w.dec.Token()
	if err != nil {
		return fmt.Errorf("%w: at byte %d", ErrSyntax, w.dec.InputOffset())
	}
	open, ok := tok.(json.Delim)
	if !ok {
		return nil
	}
	if depth++; depth > w.limits.Depth {
		return fmt.Errorf("%w: more than %d levels", ErrDepth, w.limits.Depth)
	}
	t = plain(t)
	if open == '[' {
		if t != nil && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) {
			t = t.Elem()
		} else {
			t = nil
		}
		for w.dec.More() {
			if err := w.value(t, path+"[]", depth); err != nil {
				return err
			}
		}
		return w.close()
	}
	seen := map[string]bool{}
	for w.dec.More() {
		tok, err := w.dec.Token()
		key, ok := tok.(string)
		if err != nil || !ok {
			return fmt.Errorf("%w: at byte %d", ErrSyntax, w.dec.InputOffset())
		}
		at := strings.TrimPrefix(path+"."+key, ".")
		if len(at) > 100 {
			at = at[:100] + "..."
		}
		if seen[key] {
			return fmt.Errorf("%w %q", ErrDuplicateKey, at)
		}
		seen[key] = true
		field, known := w.elem(t, key)
		if !known && (!w.limits.AllowUnknown || w.foldsToField(t, key)) {
			return fmt.Errorf("%w %q", ErrUnknownKey, at)
		}
		if err := w.value(field, at, depth); err != nil {
			return err
		}
	}
	return w.close()
}

func (w *walker) close() error {
	if _, err := w.dec.Token(); err != nil {
		return fmt.Errorf("%w: at byte %d", ErrSyntax, w.dec.InputOffset())
	}
	return nil
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// plain strips pointers; a type that decodes itself counts as anything.
func plain(t reflect.Type) reflect.Type {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil || t.Kind() == reflect.Interface || reflect.PointerTo(t).Implements(unmarshaler) {
		return nil
	}
	return t
}

// elem gives the type of the value under key in an object that fills t.
func (w *walker) elem(t reflect.Type, key string) (reflect.Type, bool) {
	switch {
	case t == nil:
		return nil, true
	case t.Kind() == reflect.Map:
		return t.Elem(), true
	case t.Kind() != reflect.Struct:
		return nil, true // json.Unmarshal will say what is wrong
	}
	field, known := w.fieldsOf(t)[key]
	return field, known
}

// foldsToField says whether encoding/json would take key for one of t's fields by ignoring case.
func (w *walker) foldsToField(t reflect.Type, key string) bool {
	for name := range w.fieldsOf(t) {
		if strings.EqualFold(name, key) {
			return true
		}
	}
	return false
}

// fieldsOf gives the types of the fields of a struct by their JSON names. It is asked for every key of the text.
func (w *walker) fieldsOf(t reflect.Type) map[string]reflect.Type {
	fields, ok := w.fields[t]
	if !ok {
		fields = map[string]reflect.Type{}
		for _, f := range reflect.VisibleFields(t) {
			if name, ok := fieldName(f); ok {
				if _, twice := fields[name]; !twice {
					fields[name] = f.Type
				}
			}
		}
		w.fields[t] = fields
	}
	return fields
}

// fieldName gives the JSON name of a struct field.
func fieldName(f reflect.StructField) (string, bool) {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	switch {
	case !f.IsExported(), name == "-", f.Anonymous && name == "":
		return "", false
	case name == "":
		return f.Name, true
	}
	return name, true
}
