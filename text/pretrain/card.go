package pretrain

import (
	"fmt"
	"path/filepath"
	"strings"
)

// objectives says what a model learnt by, and what a batch was, for its card.
func objectives(c Config) string {
	var all []string
	windows := fmt.Sprintf("%d windows of %d tokens", c.Batch, c.Length)
	if o := c.Masked; o != nil {
		all = append(all, fmt.Sprintf("masked-language modelling with whole words (%.0f %% of the tokens; %s)", 100*o.Rate, windows))
	}
	if c.Causal != nil {
		all = append(all, "next-token prediction ("+windows+")")
	}
	if c.Replaced != nil {
		all = append(all, "the detection of tokens that a small generator has replaced ("+windows+")")
	}
	if o := c.Contrastive; o != nil {
		all = append(all, fmt.Sprintf("in-batch contrastive learning (%d pairs of up to %d tokens)", o.Batch, o.Length))
	}
	if o := c.Distilled; o != nil {
		all = append(all, fmt.Sprintf("distillation of the vectors of %s (%d texts of up to %d tokens)", filepath.Base(o.Teacher), o.Batch, o.Length))
	}
	return strings.Join(all, " and ")
}

// card is the README of the model folder.
func card(rec recipe, t *texts, co *tokens, r Result) string {
	c := rec.Config
	tag := "feature-extraction"
	if class(c, c.Model.ModelType) == "ForMaskedLM" {
		tag = "fill-mask"
	}
	text := fmt.Sprintf(`---
library_name: transformers
pipeline_tag: %s
---
# Text encoder, %d layers of width %d

Pretrained by %s: %d batches a step, %d steps, seed %d.

%s
Digest of the weights: %s

`+"`fm verify`"+` on the run folder trains it again from recipe.json and compares.

## Data

%d tokens to train on, %d held back, of a vocabulary of %d.

`, tag, c.Model.Layers, c.Model.Hidden, objectives(c), c.Train.Accumulate, r.Steps, c.Train.Seed, scores(c, r), r.Digest,
		co.train.Tokens(), co.held.Tokens(), co.tokenizer.VocabSize())
	if t.manifest != nil {
		text += "| source | weight | documents | sentences | words | left out: no text, duplicates, evaluation |\n|---|---|---|---|---|---|\n"
		for _, s := range t.manifest.Sources {
			text += fmt.Sprintf("| %s | %g | %d | %d | %d | %d, %d, %d |\n", s.Name, s.Weight, s.Written.Documents, s.Written.Sentences, s.Written.Words,
				s.Cleaned.Sentences, s.NearDuplicates.Sentences, s.Overlaps.Sentences)
		}
		text += "\n"
	}
	for _, f := range rec.Files {
		text += fmt.Sprintf("- %s, %d bytes, SHA-256 %s\n", filepath.Base(f.Path), f.Bytes, f.SHA256)
	}
	return text
}

// scores is the table of what the first objective came to on held-back text, beside unigrams where it predicts tokens.
func scores(c Config, r Result) string {
	if r.UnigramLoss == 0 {
		table := fmt.Sprintf("| held-back %.0f %% | model |\n|---|---|\n| loss | %.4f |\n", 100*c.Held, r.EvalLoss)
		if r.EvalAccuracy > 0 { // vectors that are drawn to others have none
			table += fmt.Sprintf("| accuracy | %.4f |\n", r.EvalAccuracy)
		}
		return table
	}
	return fmt.Sprintf(`| held-back %.0f %% | model | unigrams |
|---|---|---|
| loss | %.4f | %.4f |
| accuracy | %.4f | %.4f |
`, 100*c.Held, r.EvalLoss, r.UnigramLoss, r.EvalAccuracy, r.UnigramAccuracy)
}

// class is what the name of transformers' class for a model and the heads beside it ends with.
func class(c Config, modelType string) string {
	switch {
	case modelType == "bert" && (c.Masked != nil || c.Causal != nil):
		return "ForMaskedLM"
	case modelType == "electra" && c.Replaced != nil:
		return "ForPreTraining"
	}
	return "Model"
}
