package text

import "fmt"

// A Sampling says how the next token is chosen by its logits. The steps are those of transformers' generate, in its order: the penalty, the
// tokens that never come, the temperature, TopK, TopP. The zero value takes the most likely token (greedy search).
type Sampling struct {
	Penalty     float32 // of tokens that the text has already: divides logits above 0, multiplies those below; 0: 1, which changes nothing
	Temperature float32 // divides logits: below 1 likely tokens become likelier; 0: the most likely token, and no chance at all
	TopK        int     // only so many of the likeliest, and those as likely as the last of them; 0: all
	TopP        float32 // only the likeliest, as few as reach this probability together; 0: 1, which keeps all
	Seed        uint64  // of chance: the same seed and prompt give the same text on every machine
}

// Bounds of a Sampling: a logit divided or multiplied by them stays finite.
const (
	leastTemperature = 1e-3
	mostTemperature  = 1e3
	mostPenalty      = 1e3
)

// Validate names the first field out of range.
func (s *Sampling) Validate() error {
	t, p := s.Temperature, s.Penalty
	switch {
	case !(t == 0 || t >= leastTemperature && t <= mostTemperature):
		return fmt.Errorf("text: sampling: temperature: got %g, want 0 or %g to %g", t, leastTemperature, mostTemperature)
	case s.TopK < 0:
		return fmt.Errorf("text: sampling: top-k: got %d, want 0 or more", s.TopK)
	case !(s.TopP >= 0 && s.TopP <= 1):
		return fmt.Errorf("text: sampling: top-p: got %g, want 0 to 1", s.TopP)
	case !(p == 0 || p >= 1/mostPenalty && p <= mostPenalty):
		return fmt.Errorf("text: sampling: penalty: got %g, want 0 or %g to %g", p, 1/mostPenalty, mostPenalty)
	}
	return nil
}
