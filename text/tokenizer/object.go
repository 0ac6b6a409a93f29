package tokenizer

import "sort"

// An object is one level of a JSON object. It keeps the first error; close reports it, or a key that nobody asked for.
type object struct {
	path   string
	fields map[string][]byte
	err    error
}

func openObject(path string, raw []byte) *object {
	o := &object{path: path, fields: map[string][]byte{}}
	o.err = members(path, raw, func(key string, v []byte) error {
		if _, dup := o.fields[key]; dup {
			return errorf(path, ErrField, "key %.80q is given twice", key)
		}
		o.fields[key] = v
		return nil
	})
	return o
}

// take gives the raw value of a key, nil when it is absent or null.
func (o *object) take(key string) []byte {
	v, ok := o.fields[key]
	delete(o.fields, key)
	if !ok || string(v) == "null" {
		return nil
	}
	return v
}

func (o *object) fail(key, want string, got []byte) {
	if o.err == nil {
		if got == nil {
			o.err = errorf(o.path+"."+key, ErrField, "got none, want %s", want)
		} else {
			o.err = errorf(o.path+"."+key, ErrField, "got %.40s, want %s", got, want)
		}
	}
}

// boolean reads true or false; absent means def.
func (o *object) boolean(key string, def bool) bool {
	switch v := o.take(key); string(v) {
	case "":
		return def
	case "true":
		return true
	case "false":
		return false
	default:
		o.fail(key, "true or false", v)
		return def
	}
}

// maybe reads true, false or null.
func (o *object) maybe(key string) *bool {
	if _, ok := o.fields[key]; !ok || string(o.fields[key]) == "null" {
		delete(o.fields, key)
		return nil
	}
	b := o.boolean(key, false)
	return &b
}

// text reads a string; absent means def when there is one, else an error.
func (o *object) text(key string, def ...string) string {
	v := o.take(key)
	switch {
	case v == nil && len(def) > 0:
		return def[0]
	case v == nil || v[0] != '"':
		o.fail(key, "a string", v)
		return ""
	}
	return unquote(v)
}

// number reads an integer in [low, high]; absent means def when there is one, else an error.
func (o *object) number(key string, low, high int64, def ...int64) int {
	v := o.take(key)
	if v == nil && len(def) > 0 {
		return int(def[0])
	}
	n, ok := integer(v)
	if !ok {
		o.fail(key, "an integer", v)
		return 0
	}
	if n < low || n > high {
		if o.err == nil {
			o.err = errorf(o.path+"."+key, ErrLimit, "got %d, want %d to %d", n, low, high)
		}
		return 0
	}
	return int(n)
}

// close gives the first error. A key that is left over is one, for it would change what the file means.
func (o *object) close() error {
	if o.err == nil && len(o.fields) > 0 {
		keys := make([]string, 0, len(o.fields))
		for k := range o.fields {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		o.err = errorf(o.path, ErrField, "unknown key %.80q", keys[0])
	}
	return o.err
}
