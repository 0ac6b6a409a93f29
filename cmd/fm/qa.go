package main

import (
	"fmt"

	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// scoreAnswers scores a file of {question id: answer} by SQuAD's rules: those of 2.0, where an empty answer says that there is none, when the data
// have questions without an answer.
func scoreAnswers(file, dataFile string) (adapter.Scores, error) {
	raw, err := readBounded(file, maxPredictions)
	if err != nil {
		return adapter.Scores{}, err
	}
	var answers map[string]string
	if err := strictjson.Decode(raw, &answers, strictjson.Limits{Bytes: maxPredictions}); err != nil {
		return adapter.Scores{}, inputError{fmt.Errorf("%s: %w", file, err)}
	}
	questions, err := data.Collect(data.ReadSQuAD(dataFile))
	if err != nil {
		return adapter.Scores{}, badData(err)
	}
	for _, q := range questions {
		if _, ok := answers[q.ID]; ok {
			s, err := qa.Score(questions, answers)
			return s, badData(err)
		}
	}
	return adapter.Scores{}, inputError{fmt.Errorf("%s: it answers no question of %s", file, dataFile)}
}
