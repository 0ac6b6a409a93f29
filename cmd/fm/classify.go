package main

import (
	"cmp"

	"github.com/spf13/pflag"

	classifytrain "github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/vision/picture"
)

// taskFlags are the choices that only some tasks have.
type taskFlags struct {
	textColumn, labelColumn string // of classify's data
	pooling                 string // of classify's recipe
	normalize               bool   // of classify's recipe; counts where it is set
	head                    string // of classify's recipe
	penalty                 float64
	neighbours              int
	smoothing               float64

	set       *pflag.FlagSet // all flags; nil: none of a recipe
	recipe    []byte         // content of --config, nil without
	noAugment bool           // of classify's recipe, for pictures
	crop      float64        // of classify's recipe, for pictures
}

// addColumns adds the flags that say where labelled data are in a file.
func (f *taskFlags) addColumns(s *pflag.FlagSet) {
	s.StringVar(&f.textColumn, "text-column", "", "column or key of the text (classify, multilabel, regress)")
	s.StringVar(&f.labelColumn, "label-column", "", "column or key of the label (classify, multilabel, regress)")
}

// addClassify adds the flags of adapt classify.
func (f *taskFlags) addClassify(s *pflag.FlagSet) {
	f.addColumns(s)
	s.StringVar(&f.pooling, "pooling", "", "of texts mean, cls or max; of pictures mean, over the patches, or cls")
	s.BoolVar(&f.noAugment, "no-augment", false, "train on pictures as they are, without mirroring (classify)")
	s.Float64Var(&f.crop, "crop", 0, "train on random crops of pictures, of this share of the area or more, such as 0.9 (classify)")
	s.StringVar(&f.head, "head", "", "how the head is fitted, at once, to the vectors of a base that stays as it is: ridge, least squares in closed form, or knn, votes of the nearest examples; default logistic regression (classify)")
	s.Float64Var(&f.penalty, "penalty", 0, "of --head ridge; default the one of 9 with the least error of leaving one out")
	s.IntVar(&f.neighbours, "neighbours", 0, "that vote with --head knn; default the number that puts most examples right when they are left out")
	s.Float64Var(&f.smoothing, "label-smoothing", 0, "share of the target that all classes have alike, such as 0.1, where the head is learnt step by step (classify)")
	f.addNormalize(s)
}

// addNormalize adds the flag that scales vectors.
func (f *taskFlags) addNormalize(s *pflag.FlagSet) {
	s.BoolVar(&f.normalize, "normalize", false, "scale the pooled vectors to length 1 before the head (classify; default where it starts from logistic regression)")
}

// classify puts the flags that are set into a recipe.
func (f *taskFlags) classify(c *classifytrain.Config) {
	if f.textColumn != "" {
		c.TextColumn = f.textColumn
	}
	if f.labelColumn != "" {
		c.LabelColumn = f.labelColumn
	}
	if f.pooling != "" {
		c.Pooling = f.pooling
	}
	switch {
	case f.set == nil:
	case f.set.Changed("normalize"):
		c.Normalize = f.normalize
	case f.recipe == nil && c.Logistic == 0:
		c.Normalize = false
	}
	if f.head != "" {
		c.Head = f.head
		if !f.set.Changed("method") && c.Contrastive == 0 {
			c.Method = adapter.Head
		}
	}
	if f.penalty != 0 {
		c.Penalty = f.penalty
	}
	if f.neighbours != 0 {
		c.Neighbours = f.neighbours
	}
	if f.smoothing != 0 {
		c.LabelSmoothing = f.smoothing
	}
	if f.noAugment {
		c.Augment = &picture.Augment{}
	}
	if f.crop != 0 {
		varied := *cmp.Or(c.Augment, classifytrain.DefaultAugment())
		varied.Crop = &picture.RandomCrop{Scale: [2]float64{f.crop, 1}, Filter: picture.Bilinear}
		c.Augment = &varied
	}
}
