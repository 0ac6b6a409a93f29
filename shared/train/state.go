package train

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// stateVersion is the version of the checkpoint layout.
const stateVersion = 1

// A state is what a run needs to go on, besides the tensors.
type state struct {
	Version   int     `json:"version"`
	Recipe    string  `json:"recipe_sha256"`
	Step      int     `json:"step"`       // steps done
	Updates   int     `json:"updates"`    // steps that changed the weights, the optimizer's t
	Skipped   int     `json:"skipped"`    // steps that were not finite
	InARow    int     `json:"in_a_row"`   // of those, how many since the last good one
	Loss      float64 `json:"loss"`       // exponential average
	LossSteps int     `json:"loss_steps"` // how many losses went into it
	Seconds   float64 `json:"seconds"`

	Evaluated int                `json:"evaluated"` // step of the last evaluation
	Eval      map[string]float64 `json:"eval,omitempty"`
	BestStep  int                `json:"best_step"` // 0: none yet
	Best      float64            `json:"best"`      // value of Monitor there
	BestEval  map[string]float64 `json:"best_eval,omitempty"`
	Since     int                `json:"since_best"` // evaluations since then

	Files map[string]string `json:"files"` // SHA-256 by file name
}

const sumField = `,` + "\n" + `  "sha256": "`

// encode returns the content of state.json. Its last field is the SHA-256 of everything before.
func (s *state) encode() ([]byte, error) {
	body, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("train: state: %w", err)
	}
	body = bytes.TrimSuffix(body, []byte("\n}"))
	sum := sha256.Sum256(body)
	return fmt.Appendf(body, "%s%s\"\n}\n", sumField, hex.EncodeToString(sum[:])), nil
}

// decodeState reads state.json. Any byte that encode would not have written is ErrChecksum.
func decodeState(data []byte) (*state, error) {
	at := bytes.LastIndex(data, []byte(sumField))
	if at < 0 {
		return nil, fmt.Errorf("state.json: %w", ErrChecksum)
	}
	sum := sha256.Sum256(data[:at])
	if string(data[at:]) != sumField+hex.EncodeToString(sum[:])+"\"\n}\n" {
		return nil, fmt.Errorf("state.json: %w", ErrChecksum)
	}
	var s state
	if err := json.Unmarshal(append(bytes.Clone(data[:at]), "\n}"...), &s); err != nil {
		return nil, fmt.Errorf("state.json: %w", err)
	}
	if s.Version != stateVersion {
		return nil, fmt.Errorf("state.json: %w: got %d, want %d", ErrVersion, s.Version, stateVersion)
	}
	return &s, nil
}
