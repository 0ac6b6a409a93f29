// Package train tunes a base model to put texts or pictures into classes, and asks whether pretraining pays on them.
//
// Adapt trains an adapter folder that classifier.Load reads; Train does it in memory; Verify repeats it from the folder's passport. These are for
// texts; Pictures().Adapt, Train and Verify do the same for pictures. TransferTexts and TransferPictures compare a base with the same model from scratch and with a cheap baseline.
package train

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/vision/picture"
)

// A Config is the whole recipe of a classifier.
type Config struct {
	finetune.Config
	Pooling        string  `json:"pooling"`                   // of texts mean, cls or max; of pictures mean, over the patches, or cls
	Normalize      bool    `json:"normalize"`                 // scale the pooled vectors to length 1 before the head
	Head           string  `json:"head,omitempty"`            // how the head is fitted at once: ridge or knn; empty: as Logistic says, or step by step
	Penalty        float64 `json:"penalty,omitempty"`         // of ridge: nn.RidgeRegression's; 0: chosen by leaving one out
	Neighbours     int     `json:"neighbours,omitempty"`      // of knn: how many vote; 0: chosen by leaving one out
	LabelSmoothing float64 `json:"label_smoothing,omitempty"` // share of the target that all classes have alike where the head is learnt step by step
	TextColumn     string  `json:"text_column,omitempty"`     // column or key of the text; empty: text
	LabelColumn    string  `json:"label_column,omitempty"`    // column or key of the label; empty: label

	// Augment is how pictures to train on are varied; its crop has no size of its own. Missing: with method head not at all, else half of them are mirrored from left
	// to right; {}: not at all. With ten pictures a class of clothes, mirroring alone was worth 1.4 points over nothing, and crops of half the area or more cost 1.3.
	Augment *picture.Augment `json:"augment,omitempty"`
}

// Defaults returns the recipe used where the caller has no other: the head starts from logistic regression over vectors of length 1. With ten examples a class of
// banking77 that was worth 10 points over a random head, for text/mini and for text/mini-distilled.
func Defaults() Config {
	c := Config{Config: finetune.Defaults(), Pooling: string(nn.PoolMean), Normalize: true}
	c.Logistic, c.Calibration = 0.3, calibration.Default()
	return c
}

// Data are labelled texts to train on and to evaluate on.
type Data = finetune.Data[data.Labelled]

// Task describes the classifier to finetune.
func Task() finetune.Task[*text.Model, Config, data.Labelled, *classifier.Predictor] {
	return finetune.Task[*text.Model, Config, data.Labelled, *classifier.Predictor]{
		Name: classifier.Task, TaskType: "SEQ_CLS", Monitor: "accuracy",
		About: "Put texts into classes (CSV or JSONL of text and label)", Input: `{"text"}`, Output: `{"label", "score"} and, calibrated, {"verdict", "confidence", "why", "labels"}`,
		Defaults: Defaults,
		Tuning:   func(c *Config) *finetune.Config { return &c.Config },
		Validate: validate,
		Read:     read,
		Label:    func(e data.Labelled) string { return e.Label },
		Split:    Split,
		Fit:      fit,
		Observe:  classifier.Observe,
		Settle:   (*classifier.Predictor).Calibrate,
		Score:    classifier.Evaluate,
		Curve:    classifier.Curve,
		Settings: func(p *classifier.Predictor) any { return p.Settings() },
		Load:     classifier.Load,
	}
}

func validate(c *Config) error {
	if c.Augment != nil {
		return fmt.Errorf("%w: augment: got one for texts, want none", finetune.ErrConfig)
	}
	return c.valid()
}

func read(path string, labels []string, c Config) ([]data.Labelled, error) {
	return data.Collect(data.ReadLabelled(path, data.LabelledOptions{Text: c.TextColumn, Label: c.LabelColumn, Labels: labels}))
}

// Split holds a seeded fraction of each class back.
func Split(examples []data.Labelled, fraction float64, seed uint64) (train, held []data.Labelled) {
	t, h := data.SplitStratified(labels(examples), fraction, seed)
	return data.Pick(examples, t), data.Pick(examples, h)
}

// labels lists the class of every example.
func labels(examples []data.Labelled) []string {
	all := make([]string, len(examples))
	for i, e := range examples {
		all[i] = e.Label
	}
	return all
}

// ReadData reads the training file and, unless its path is empty, the evaluation file, whose labels must occur in the training file.
func ReadData(trainPath, evalPath string, c Config) (Data, error) {
	return Task().ReadData(trainPath, evalPath, c)
}

// Adapt trains a classifier on d by the recipe c, scores it, and writes its folder to o.Out.
func Adapt(ctx context.Context, base *text.Model, d Data, c Config, o finetune.Options) (*adapter.Passport, error) {
	return Task().Adapt(ctx, base, d, c, o)
}

// Train is Adapt without a folder: it returns the predictor, with the passport that its folder would have.
func Train(ctx context.Context, base *text.Model, d Data, c Config, o finetune.Options) (*adapter.Passport, *classifier.Predictor, error) {
	return Task().Train(ctx, base, d, c, o)
}

// Verify trains the adapter in dir again from its passport and compares the digests. Base and data must be those it was made on.
func Verify(ctx context.Context, dir string, base *text.Model, o finetune.Options) (adapter.Verification, error) {
	return Task().Verify(ctx, dir, base, o)
}
