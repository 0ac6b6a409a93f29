package serve

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"net/http"
)

// embeddings serves OpenAI's form of embeddings: {"model": a base or an adapter, "input": a text or a list of texts}.
func (s *Server) embeddings(w http.ResponseWriter, r *http.Request) error {
	raw, err := s.body(w, r)
	if err != nil {
		return err
	}
	var in struct {
		Model      string `json:"model"`
		Input      inputs `json:"input"`
		Encoding   string `json:"encoding_format"` // float or base64
		Dimensions int    `json:"dimensions"`      // nothing but the model's own
		User       string `json:"user"`            // of no account here
	}
	if err := parse(raw, &in); err != nil {
		return err
	}
	switch {
	case in.Model == "":
		return missing("model")
	case len(in.Input) == 0:
		return missing("input")
	case len(in.Input) > s.config.Inputs:
		return badf("input: got %d texts, want at most %d", len(in.Input), s.config.Inputs)
	case in.Encoding != "" && in.Encoding != "float" && in.Encoding != "base64":
		return badf("encoding_format: got %.100q, want float or base64", in.Encoding)
	}
	for i, t := range in.Input {
		if t == "" {
			return badf("input: text %d is empty", i)
		}
	}
	m := s.catalog.Load().models[in.Model]
	if m == nil {
		return unknownModel(in.Model)
	}
	s.by(w, m)
	if m.embedder == nil {
		return badf("model %q makes no vectors of texts", m.Name)
	}
	if d := m.embedder.Width(); in.Dimensions != 0 && in.Dimensions != d {
		return badf("dimensions: got %d, want %d, those of the model", in.Dimensions, d)
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.config.Timeout)
	defer cancel()
	e := m.embedder.Begin(in.Input)
	if err := s.batcher.read(ctx, e); err != nil {
		return err
	}
	tokens := 0
	for _, row := range e.Rows() {
		tokens += len(row.IDs)
	}
	writeJSON(w, http.StatusOK, listed(m.Name, e.Vectors, in.Encoding == "base64", tokens))
	return nil
}

// An embeddingList is OpenAI's answer.
type embeddingList struct {
	Object string         `json:"object"`
	Data   []embeddingRow `json:"data"`
	Model  string         `json:"model"`
	Usage  struct {
		Prompt int `json:"prompt_tokens"`
		Total  int `json:"total_tokens"`
	} `json:"usage"`
}

type embeddingRow struct {
	Object string `json:"object"`
	Index  int    `json:"index"`
	Vector any    `json:"embedding"` // a list, or the little-endian float32 values as base64
}

func listed(name string, vectors [][]float32, packed bool, tokens int) *embeddingList {
	out := &embeddingList{Object: "list", Model: name}
	out.Usage.Prompt, out.Usage.Total = tokens, tokens
	for i, v := range vectors {
		row := embeddingRow{"embedding", i, v}
		if packed {
			raw := make([]byte, 0, 4*len(v))
			for _, x := range v {
				raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
			}
			row.Vector = base64.StdEncoding.EncodeToString(raw)
		}
		out.Data = append(out.Data, row)
	}
	return out
}

// inputs are a text or a list of texts.
type inputs []string

// UnmarshalJSON implements json.Unmarshaler.
func (in *inputs) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*in = inputs{one}
		return nil
	}
	var all []string
	if json.Unmarshal(raw, &all) != nil {
		return badf("input: want a text or a list of texts")
	}
	*in = all
	return nil
}
