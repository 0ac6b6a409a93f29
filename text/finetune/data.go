package finetune

import (
	"github.com/fmkit/fmkit/shared/adapter"
)

// ReadData reads the training file and, unless its path is empty, the evaluation file, and records what they hold. read gets the training examples
// when it reads the evaluation file, else nil.
func ReadData[E any](trainPath, evalPath string, read func(path string, train []E) ([]E, error)) (Data[E], error) {
	var d Data[E]
	for _, f := range []struct {
		role, path string
		to         *[]E
	}{{"train", trainPath, &d.Train}, {"eval", evalPath, &d.Eval}} {
		if f.path == "" && f.role == "eval" {
			continue
		}
		var err error
		if *f.to, err = read(f.path, d.Train); err != nil {
			return Data[E]{}, err
		}
		s, err := adapter.FileSource(f.role, f.path)
		if err != nil {
			return Data[E]{}, err
		}
		d.Sources = append(d.Sources, s)
	}
	return d, nil
}
