package assistant

import "github.com/fmkit/fmkit/adapters/classifier"

// A Judgement is what the classifier's probabilities say of one message.
type Judgement struct {
	Label      string  // the best class in scope
	Confidence float64 // its probability
	Outside    float64 // how much speaks for out of scope, in [0, 1]
}

// Judge reads the probabilities of all classes, best first. Where one of them is outside, the class of what is out of scope, its probability is the score of being so; else
// what the best class leaves over is (the maximum softmax probability of Hendrycks and Gimpel, 2017).
func Judge(scores []classifier.Score, outside string) Judgement {
	var j Judgement
	found := false
	for _, s := range scores {
		switch {
		case s.Label == outside:
			j.Outside, found = s.Score, true
		case j.Label == "":
			j.Label, j.Confidence = s.Label, s.Score
		}
	}
	if !found {
		j.Outside = 1 - j.Confidence
	}
	return j
}
