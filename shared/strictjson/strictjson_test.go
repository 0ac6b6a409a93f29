package strictjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

type inner struct {
	Width int `json:"width"`
}

type outer struct {
	inner
	Name string             `json:"name"`
	Sub  *inner             `json:"sub"`
	List []inner            `json:"list"`
	Raw  json.RawMessage    `json:"raw"`
	Map  map[string]float64 `json:"map"`
}

func TestDecode(t *testing.T) {
	tests := []struct {
		name, raw string
		limits    Limits
		want      error
	}{
		{name: "all fields", raw: `{"width":1,"name":"a","sub":{"width":2},"list":[{"width":3}],"raw":{"any":[1]},"map":{"x":1}}`},
		{name: "unknown key", raw: `{"nam":"a"}`, want: ErrUnknownKey},
		{name: "unknown key inside a list", raw: `{"list":[{"widht":3}]}`, want: ErrUnknownKey},
		{name: "unknown key allowed", raw: `{"other":{"a":1}}`, limits: Limits{AllowUnknown: true}},
		{name: "other case", raw: `{"NAME":"a"}`, want: ErrUnknownKey},
		{name: "other case, unknown allowed", raw: `{"NAME":"a"}`, limits: Limits{AllowUnknown: true}, want: ErrUnknownKey},
		{name: "duplicate", raw: `{"name":"a","name":"b"}`, want: ErrDuplicateKey},
		{name: "duplicate in what is skipped", raw: `{"raw":{"a":1,"a":2}}`, want: ErrDuplicateKey},
		{name: "two values", raw: `{} {}`, want: ErrSyntax},
		{name: "open", raw: `{"name":"a"`, want: ErrSyntax},
		{name: "empty", raw: ``, want: ErrSyntax},
		{name: "not UTF-8", raw: "{\"name\":\"\xff\"}", want: ErrSyntax},
		{name: "too large", raw: `{"name":"aaaa"}`, limits: Limits{Bytes: 8}, want: ErrTooLarge},
		{name: "deep", raw: `{"raw":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "}", want: ErrDepth},
		{name: "very deep", raw: strings.Repeat("[", 9999), want: ErrDepth},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var v outer
			if err := Decode([]byte(tt.raw), &v, tt.limits); !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestWrongKindNamesField(t *testing.T) {
	var v outer
	err := Decode([]byte(`{"sub":{"width":"x"}}`), &v, Limits{})
	if err == nil || !strings.Contains(err.Error(), "width") {
		t.Fatalf("got %v, want an error that names width", err)
	}
}

// TestManyKeys holds the memory bound where an object has many keys that no field takes.
func TestManyKeys(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"name":"a"`)
	for i := range 50_000 {
		fmt.Fprintf(&b, `,"%d":1`, i)
	}
	b.WriteString("}")
	raw := []byte(b.String())
	var v outer
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := Decode(raw, &v, Limits{AllowUnknown: true})
	runtime.ReadMemStats(&after)
	if err != nil || v.Name != "a" {
		t.Fatalf("got %v, %v", v, err)
	}
	if got, most := after.TotalAlloc-before.TotalAlloc, uint64(64*len(raw)); got > most {
		t.Errorf("allocated %d bytes for %d, want at most %d", got, len(raw), most)
	}
}

// FuzzDecode holds that what is accepted is one JSON value that encoding/json reads alike, and that errors can be branched on.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"width":1,"name":"a","sub":{"width":2},"list":[{"width":3}],"raw":{"any":[1]},"map":{"x":1}}`), false)
	f.Add([]byte(`{"name":"a","NAME":"b","list":[[[[]]]],"other":null}`), true)
	f.Fuzz(func(t *testing.T, raw []byte, allow bool) {
		var v, peer outer
		err := Decode(raw, &v, Limits{AllowUnknown: allow})
		if err == nil {
			if err := json.Unmarshal(raw, &peer); err != nil || !reflect.DeepEqual(v, peer) {
				t.Fatalf("%q: got %+v, encoding/json %+v, %v", raw, v, peer, err)
			}
			return
		}
		for _, s := range []error{ErrTooLarge, ErrDepth, ErrSyntax, ErrDuplicateKey, ErrUnknownKey} {
			if errors.Is(err, s) {
				return
			}
		}
		if kind := (*json.UnmarshalTypeError)(nil); !errors.As(err, &kind) {
			t.Fatalf("%q: %v is of no sentinel", raw, err)
		}
	})
}

func ExampleDecode() {
	var v struct {
		Task string `json:"task"`
	}
	fmt.Println(Decode([]byte(`{"task":"qa","task":"classify"}`), &v, Limits{}))
	// Output:
	// duplicate key "task"
}
