package calibration

// What a Verdict says.
const (
	Answer  = "answer"
	Abstain = "abstain"
)

// Why an answer is withheld.
const (
	OutOfScope     = "out of scope"         // the input is like none that the adapter learnt from
	TooClose       = "two labels too close" // the second label has at least half the first one's chance
	BelowThreshold = "below threshold"      // the confidence is less than what is answered from
)

// NoAnswer is why a question isn't answered.
const NoAnswer = "no answer in the text"

// A Verdict says whether an answer is to be relied on. Answers have it beside their other fields, which are there whatever it says.
type Verdict struct {
	Verdict    string  `json:"verdict"`       // Answer or Abstain
	Confidence float64 `json:"confidence"`    // chance that the answer is right
	Why        string  `json:"why,omitempty"` // of Abstain: OutOfScope, TooClose, BelowThreshold, or a task's own reason
}

// Abstains reports whether the answer is withheld.
func (v Verdict) Abstains() bool { return v.Verdict == Abstain }
