package transfer

import (
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
)

// A BreakEven says after how many adaptations the base's pretraining has paid by compute: each saves what scratch takes with the most labels less
// what the arm takes to be as good. Seconds of pretraining may be those of another machine.
type BreakEven struct {
	Arm         string  `json:"arm"`
	Pretraining float64 `json:"pretraining_seconds,omitempty"` // 0: unknown
	Scratch     float64 `json:"scratch_seconds"`               // of a fit
	Arms        float64 `json:"arm_seconds,omitempty"`         // of a fit with the labels needed, or the next more that were tried
	Adaptations float64 `json:"adaptations,omitempty"`
	Text        string  `json:"text"`
}

// breakEven compares the fits' seconds.
func breakEven(r *Report, a ArmReport, s Saved, pretraining float64) BreakEven {
	scratch := r.Arm(Scratch).Points
	b := BreakEven{Arm: a.Name, Pretraining: pretraining, Scratch: scratch[len(scratch)-1].Fit}
	if s.Reached == NotReached {
		b.Text = "never: scratch's score is not reached"
		return b
	}
	for _, p := range a.Points {
		if float64(p.Train) >= s.Labels*(1-1e-9) {
			b.Arms = p.Fit
			break
		}
	}
	saved := b.Scratch - b.Arms
	switch {
	case saved <= 0:
		b.Text = fmt.Sprintf("never: a fit takes %.1f s and scratch's %.1f s", b.Arms, b.Scratch)
	case pretraining == 0:
		b.Text = fmt.Sprintf("unknown: an adaptation saves %.1f s, what the base took is not known", saved)
	default:
		b.Adaptations = pretraining / saved
		b.Text = fmt.Sprintf("after %.0f adaptations: each saves %.1f s, the base took %.0f s", b.Adaptations, saved, pretraining)
	}
	return b
}

// cardTime is how a base's card says what it took.
var cardTime = regexp.MustCompile(`[Ii]t took\s+([0-9]+(?:\.[0-9]+)?)\s+(second|minute|hour)s?\b`)

// mostCard bounds a card.
const mostCard = 1 << 20

// PretrainingSeconds reads from the card README.md of a base what its pretraining took, such as "It took 3.3 minutes"; 0 where the card has no such words.
func PretrainingSeconds(base fs.FS) float64 {
	info, err := fs.Stat(base, "README.md")
	if err != nil || !info.Mode().IsRegular() || info.Size() > mostCard {
		return 0
	}
	raw, err := fs.ReadFile(base, "README.md")
	if err != nil {
		return 0
	}
	m := cardTime.FindSubmatch(raw)
	if m == nil {
		return 0
	}
	v, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		return 0
	}
	return v * map[string]float64{"second": 1, "minute": 60, "hour": 3600}[string(m[2])]
}
