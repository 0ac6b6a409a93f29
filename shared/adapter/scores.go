package adapter

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Scores are the metrics of one evaluation. In JSON they are one flat object: n, every value under its own name, and
// "interval" with the 95 % intervals.
type Scores struct {
	N        int                   // items scored
	Values   map[string]float64    // by metric, fractions in [0, 1]
	Interval map[string][2]float64 // low and high by metric; may lack some
}

// MarshalJSON writes n, the values in the order of their names, then the intervals.
func (s Scores) MarshalJSON() ([]byte, error) {
	flat := make(map[string]any, len(s.Values)+2)
	for k, v := range s.Values {
		if k == "n" || k == "interval" {
			return nil, fmt.Errorf("adapter: scores: a metric may not be called %q", k)
		}
		flat[k] = v
	}
	flat["n"] = s.N
	if len(s.Interval) > 0 {
		flat["interval"] = s.Interval
	}
	return json.Marshal(flat)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Scores) UnmarshalJSON(raw []byte) error {
	var flat map[string]json.RawMessage
	if err := json.Unmarshal(raw, &flat); err != nil {
		return err
	}
	*s = Scores{Values: map[string]float64{}}
	for k, v := range flat {
		var err error
		switch k {
		case "n":
			err = json.Unmarshal(v, &s.N)
		case "interval":
			err = json.Unmarshal(v, &s.Interval)
		default:
			var f float64
			err = json.Unmarshal(v, &f)
			s.Values[k] = f
		}
		if err != nil {
			return fmt.Errorf("adapter: scores: %q: %w", k, err)
		}
	}
	return nil
}

// String lists the values in the order of their names, each with its interval.
func (s Scores) String() string {
	text := fmt.Sprintf("n %d", s.N)
	for _, k := range slices.Sorted(maps.Keys(s.Values)) {
		text += fmt.Sprintf("  %s %.4f", k, s.Values[k])
		if i, ok := s.Interval[k]; ok {
			text += fmt.Sprintf(" [%.4f, %.4f]", i[0], i[1])
		}
	}
	return text
}
