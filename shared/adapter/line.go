package adapter

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/strictjson"
)

// MaxLine bounds one line of JSON to predict from, in bytes.
const MaxLine = 16 << 20

// ParseLine reads one JSON object to predict from into v. Unknown keys are refused.
func ParseLine(line []byte, v any) error {
	return strictjson.Decode(line, v, strictjson.Limits{Bytes: MaxLine})
}

// ParseText reads one line {"text", "id"}, id optional.
func ParseText(line []byte) (id, text string, err error) {
	var in struct {
		ID   string `json:"id"`
		Text string `json:"text"`
	}
	if err := ParseLine(line, &in); err != nil {
		return "", "", err
	}
	if in.Text == "" {
		return "", "", Missing("text")
	}
	return in.ID, in.Text, nil
}

// Missing is the error of a line that lacks a field.
func Missing(field string) error { return fmt.Errorf("%q is missing or empty", field) }

// WithID is an answer that is a list, or where its line has an id an object of that and the list.
func WithID(id string, list any) any {
	if id == "" {
		return list
	}
	return struct {
		ID      string `json:"id"`
		Answers any    `json:"answers"`
	}{id, list}
}
