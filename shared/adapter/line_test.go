package adapter_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/strictjson"
)

func TestParseLine(t *testing.T) {
	long := `{"text": "` + strings.Repeat("a", 2<<20) + `"}`
	for line, want := range map[string]error{
		`{"text": "a"}`:             nil,
		long:                        nil,
		`{"txt": "a"}`:              strictjson.ErrUnknownKey,
		`{"text": "a"} {}`:          strictjson.ErrSyntax,
		`{"text": "a", "text": ""}`: strictjson.ErrDuplicateKey,
		long + strings.Repeat(" ", adapter.MaxLine): strictjson.ErrTooLarge,
	} {
		var in struct {
			Text string `json:"text"`
		}
		if err := adapter.ParseLine([]byte(line), &in); !errors.Is(err, want) {
			t.Errorf("%.30q: got %v, want %v", line, err, want)
		} else if err == nil && in.Text == "" {
			t.Errorf("%.30q: the text is not read", line)
		}
	}
}
