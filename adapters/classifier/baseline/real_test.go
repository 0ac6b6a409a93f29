package baseline

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/data/datatest"
	"github.com/fmkit/fmkit/shared/metrics"
)

// best is the features that the figures published with the data come from.
var best = Features{WordMin: 1, WordMax: 2, CharMin: 2, CharMax: 5, Sublinear: true}

func readBanking(t *testing.T) (texts, labels []string) {
	t.Helper()
	path := datatest.Path(t, "cls-banking77", "train.csv")
	for r, err := range data.ReadLabelled(path, data.LabelledOptions{Label: "category"}) {
		if err != nil {
			t.Fatal(err)
		}
		texts, labels = append(texts, r.Text), append(labels, r.Label)
	}
	return texts, labels
}

func readCLINC(t *testing.T) map[string][][2]string {
	t.Helper()
	b, err := os.ReadFile(datatest.Path(t, "cls-clinc150", "data_full.train-val.json"))
	if err != nil {
		t.Fatal(err)
	}
	var lists map[string][][2]string
	if err := json.Unmarshal(b, &lists); err != nil {
		t.Fatal(err)
	}
	return lists
}

func evaluate(t *testing.T, m *Model, texts, labels []string) float64 {
	t.Helper()
	a, err := metrics.Accuracy(labels, m.PredictAll(texts))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestBanking77 fits ten shots and all texts of a seeded split of the training file; the bounds are a little under what
// scikit-learn reaches on such splits.
func TestBanking77(t *testing.T) {
	if testing.Short() {
		t.Skip("a real data set takes long")
	}
	texts, labels := readBanking(t)
	train, held := data.SplitStratified(labels, 0.2, 1)
	trainTexts, trainLabels := data.Pick(texts, train), data.Pick(labels, train)
	heldTexts, heldLabels := data.Pick(texts, held), data.Pick(labels, held)
	shots, err := data.Shots(trainLabels, 10, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		rows []int
		o    Options
		want float64
	}{
		{"10 shots", shots, Options{Kind: SVM}, 0.65},
		{"10 shots", shots, Options{Kind: Logistic}, 0.61},
		{"10 shots", shots, Options{Kind: SVM, Features: best}, 0.69},
		{"all", nil, Options{Kind: SVM, Features: best}, 0.89},
	} {
		x, y := trainTexts, trainLabels
		if c.rows != nil {
			x, y = data.Pick(x, c.rows), data.Pick(y, c.rows)
		}
		start := time.Now()
		m, err := Fit(x, y, c.o)
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(start)
		a := evaluate(t, m, heldTexts, heldLabels)
		t.Logf("%s, %v: accuracy %.4f on %d, %.2f s", c.name, m.Options(), a, len(held), took.Seconds())
		if a < c.want {
			t.Errorf("%s, %v: accuracy %.4f, want at least %.2f", c.name, m.Options(), a, c.want)
		}
	}
}

// TestCLINC150 fits the 15,000 training texts and scores the 3,000 of the validation list.
func TestCLINC150(t *testing.T) {
	if testing.Short() {
		t.Skip("a real data set takes long")
	}
	lists := readCLINC(t)
	var x, y, devX, devY []string
	for _, p := range lists["train"] {
		x, y = append(x, p[0]), append(y, p[1])
	}
	for _, p := range lists["val"] {
		devX, devY = append(devX, p[0]), append(devY, p[1])
	}
	start := time.Now()
	m, err := Fit(x, y, Options{Features: best})
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	a := evaluate(t, m, devX, devY)
	t.Logf("%v: accuracy %.4f on %d, %.2f s", m.Options(), a, len(devX), took.Seconds())
	if a < 0.925 {
		t.Errorf("accuracy %.4f, want at least 0.925", a)
	}
}
