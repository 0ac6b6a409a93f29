package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/text"
)

// newGenerate continues texts.
func newGenerate(c *console) *cobra.Command {
	var baseName, prompt string
	var config text.GenerateConfig
	cmd := &cobra.Command{
		Use:   "generate --base MODEL [--prompt TEXT]",
		Short: "Continue a text, or JSON lines of texts",
		Long: "Continues TEXT, which is written as it grows, until the model ends it with [SEP] or it has as many new tokens as were asked for. The model\n" +
			"is one with a masked-language head that learnt to tell the next token too. A text longer than the model reads goes on from its last part.\n\n" +
			"Without --prompt, JSON lines in and out:\n\n" +
			"  {\"prompt\", \"id\", \"seed\"}    {\"id\", \"generated_text\", \"finish_reason\", \"tokens\": [{\"id\", \"text\", \"logprob\"}]}\n\n" +
			"The generated text begins with the prompt, as Hugging Face's pipeline gives it; finish_reason is stop or length. The same seed and prompt\n" +
			"give the same text on every machine, whatever the other lines say.",
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := need(cmd, "base"); err != nil {
				return err
			}
			if err := checkGenerate(&config); err != nil {
				return err
			}
			g, err := loadGenerator(cmd.Context(), c, baseName)
			if err != nil {
				return err
			}
			v := &generator{g, config}
			switch {
			case !cmd.Flags().Changed("prompt"):
				return predictLines(cmd.Context(), c, v.line)
			case c.json:
				answer, err := v.answer(cmd.Context(), prompt, io.Discard)
				if err != nil {
					return err
				}
				return c.object(answer)
			}
			_, err = v.answer(cmd.Context(), prompt, c.out)
			return err
		},
	}
	s := cmd.Flags()
	s.StringVar(&baseName, "base", "", "model: "+baseUsage)
	s.StringVar(&prompt, "prompt", "", "text to continue")
	s.IntVar(&config.MaxTokens, "max-tokens", 128, "most new tokens")
	s.Float32Var(&config.Temperature, "temperature", 1, "below 1 likely tokens become likelier; 0 takes the likeliest each time")
	s.IntVar(&config.TopK, "top-k", 0, "choose among the K likeliest tokens; 0: among all")
	s.Float32Var(&config.TopP, "top-p", 1, "choose among the likeliest tokens, as few as have this probability together")
	s.Float32Var(&config.Penalty, "repetition-penalty", 1, "above 1 tokens that the text has already become less likely")
	s.Uint64Var(&config.Seed, "seed", 1, "seed of every choice")
	return cmd
}

// checkGenerate refuses what can't be meant, before a model is read.
func checkGenerate(config *text.GenerateConfig) error {
	switch {
	case config.MaxTokens < 1:
		return usagef("--max-tokens: got %d, want 1 or more", config.MaxTokens)
	case config.TopP == 0:
		return usagef("--top-p: got 0, want more than 0 and at most 1")
	case config.Penalty == 0:
		return usagef("--repetition-penalty: got 0, want more")
	}
	if err := config.Validate(); err != nil {
		return usageError{err}
	}
	return nil
}

// loadGenerator reads the model that a flag names, and says so where it never learnt to continue texts.
func loadGenerator(ctx context.Context, c *console, baseName string) (*text.Generator, error) {
	b, err := findBase(ctx, c, baseName)
	if err != nil {
		return nil, err
	}
	m, h, err := loadWithHead(b)
	if err != nil {
		return nil, err
	}
	if h.Task != text.TaskFillMask {
		return nil, usagef("--base: the head is one for %s, want one for %s, which generates too", h.Task, text.TaskFillMask)
	}
	if !m.Config.Continues() {
		learnt := "config.json names no objectives"
		if o := m.Config.Objectives; len(o) > 0 {
			learnt = "its objectives are: " + strings.Join(o, ", ")
		}
		fmt.Fprintf(c.log, "fm: %s: nothing says that this model learnt to continue texts (%s); expect no sense\n", m.Name, learnt)
	}
	return text.NewGenerator(m, h)
}

// A generator answers with a model.
type generator struct {
	*text.Generator
	config text.GenerateConfig
}

// A generated is the answer to a prompt, as Hugging Face's text-generation pipeline gives it and a little more.
type generated struct {
	ID     string       `json:"id,omitempty"`
	Text   string       `json:"generated_text"` // the prompt and what follows
	Finish text.Finish  `json:"finish_reason"`
	Tokens []text.Token `json:"tokens"` // the new ones
}

// answer continues a prompt and writes the text as it grows.
func (v *generator) answer(ctx context.Context, prompt string, out io.Writer) (*generated, error) {
	var whole strings.Builder
	a, w := &generated{}, io.MultiWriter(&whole, out)
	if _, err := io.WriteString(w, prompt); err != nil {
		return nil, err
	}
	for token, err := range v.Generate(ctx, prompt, v.config) {
		if err == nil && token.Piece != "" {
			_, err = io.WriteString(w, token.Piece)
		}
		if err != nil {
			_, _ = io.WriteString(out, "\n") // what follows on a terminal begins a line
			return nil, err
		}
		a.Finish, a.Tokens = token.Finish, append(a.Tokens, token)
	}
	a.Text = whole.String()
	_, err := io.WriteString(out, "\n")
	return a, err
}

// line answers one JSON line.
func (v *generator) line(ctx context.Context, line []byte) (any, error) {
	var in struct {
		ID     string  `json:"id"`
		Prompt string  `json:"prompt"`
		Seed   *uint64 `json:"seed"`
	}
	if err := adapter.ParseLine(line, &in); err != nil {
		return nil, err
	}
	if in.Prompt == "" {
		return nil, adapter.Missing("prompt")
	}
	one := *v
	if in.Seed != nil {
		one.config.Seed = *in.Seed
	}
	a, err := one.answer(ctx, in.Prompt, io.Discard)
	if err != nil {
		return nil, err
	}
	a.ID = in.ID
	return a, nil
}
