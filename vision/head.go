package vision

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
)

// ErrNoHead means that a folder holds an encoder alone, or a head that isn't known.
var ErrNoHead = errors.New("no head")

// imageClassification is the class of transformers whose head is known: one dense layer over the class token's vector after the final norm.
const imageClassification = "ViTForImageClassification"

// A Head is the classification head of a checkpoint of transformers' ViTForImageClassification.
type Head struct {
	Linear *nn.Linear // [C, D]
	Labels []string   // [C]
}

// maxClasses bounds the labels of a head.
const maxClasses = 1 << 20

// LoadHead reads the head of the folder dir, whose encoder is m. An encoder alone gives ErrNoHead.
func LoadHead(dir string, m *Model) (*Head, error) {
	h, err := LoadHeadFS(os.DirFS(dir), m)
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, dir)
	}
	return h, nil
}

// LoadHeadFS is LoadHead from the root of fsys.
func LoadHeadFS(fsys fs.FS, m *Model) (*Head, error) {
	raw, err := readFile(fsys, configFile)
	if err != nil {
		return nil, err
	}
	var c struct {
		Architectures []string          `json:"architectures"`
		Labels        map[string]string `json:"id2label"`
		ProblemType   string            `json:"problem_type"`
	}
	if err := decodeConfig(raw, &c); err != nil {
		return nil, err
	}
	if !slices.Contains(c.Architectures, imageClassification) {
		return nil, fmt.Errorf("vision: config.json: %w: architectures: got %.200q, want %s", ErrNoHead, c.Architectures, imageClassification)
	}
	if c.ProblemType != "" && c.ProblemType != "single_label_classification" {
		return nil, fmt.Errorf("vision: config.json: %w: problem_type: got %.40q, want single_label_classification", ErrUnsupportedModel, c.ProblemType)
	}
	f, err := checkpoint.OpenWeights(fsys)
	if err != nil {
		return nil, fmt.Errorf("vision: %w", err)
	}
	defer f.Close()
	return readHead(f, m.Width(), c.Labels)
}

// readHead reads the dense layer of width d.
func readHead(f *checkpoint.Weights, d int, id2label map[string]string) (*Head, error) {
	info, err := f.Info("classifier.weight")
	if err != nil {
		return nil, fmt.Errorf("vision: %w: %w", ErrNoHead, err)
	}
	if len(info.Shape) != 2 || info.Shape[0] < 2 || info.Shape[0] > maxClasses || info.Shape[1] != d {
		return nil, fmt.Errorf("vision: %s: %w: classifier.weight has %v, want [C %d], C 2 to %d", info.File, ErrShapeMismatch, info.Shape, d, maxClasses)
	}
	n := info.Shape[0]
	bias, err := f.Info("classifier.bias")
	if err == nil && !slices.Equal(bias.Shape, []int{n}) {
		err = fmt.Errorf("%s: %w: classifier.bias has %v, want [%d]", bias.File, ErrShapeMismatch, bias.Shape, n)
	}
	if err != nil {
		return nil, fmt.Errorf("vision: %w", err)
	}
	h := &Head{Linear: nn.NewLinear("classifier", d, n)}
	if h.Labels, err = checkpoint.Labels(id2label, n); err != nil {
		return nil, fmt.Errorf("vision: config.json: %w: %w", ErrConfig, err)
	}
	for _, p := range h.Linear.Params() {
		if err := f.Read(p.Name, p.Value); err != nil {
			return nil, fmt.Errorf("vision: %w", err)
		}
	}
	return h, nil
}

// IsModel says whether config.json at the root of fsys is that of a vision model, whether or not it can be loaded.
func IsModel(fsys fs.FS) bool {
	raw, err := readFile(fsys, configFile)
	var c struct {
		ModelType string `json:"model_type"`
	}
	return err == nil && decodeConfig(raw, &c) == nil && (c.ModelType == modelViT || c.ModelType == modelMAE)
}
