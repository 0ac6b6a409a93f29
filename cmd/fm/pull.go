package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/shared/hub"
)

// pullFlags are the choices of pull.
type pullFlags struct {
	out, archive, path string
	maxBytes           int64
}

// newPull brings models from a hub and out of archives.
func newPull(c *console) *cobra.Command {
	var f pullFlags
	cmd := &cobra.Command{
		Use:   "pull (ORG/NAME[@REVISION] [--out DIR] | --from-archive FILE --out DIR)",
		Short: "Bring a model from the Hugging Face hub into its cache, or out of an archive into a folder",
		Long: "Bring a model from the Hugging Face hub into its cache, or out of an archive into a folder, and print the folder of the model.\n\n" +
			"The cache and its settings are those of huggingface_hub: HF_ENDPOINT, HF_HOME, HF_HUB_CACHE, HF_TOKEN or the token file, HF_HUB_OFFLINE. " +
			"Only the files that a model needs are fetched, weights as *.safetensors only. A download that was cut goes on where it stopped.\n\n" +
			"An archive is a .zip, .whl, .tar.gz or .tgz file with one folder that holds config.json and *.safetensors, or with a .zip that has one.",
		Args: func(cmd *cobra.Command, args []string) error {
			if f.archive != "" {
				return none(cmd, args)
			}
			return exactly("ORG/NAME[@REVISION]")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.maxBytes < 1 {
				return usagef("--max-bytes: got %d, want at least 1", f.maxBytes)
			}
			if f.archive != "" && f.out == "" {
				return usagef("%s: --from-archive needs --out", cmd.CommandPath())
			}
			if f.archive == "" && f.path != "" {
				return usagef("%s: --path goes with --from-archive", cmd.CommandPath())
			}
			s, err := f.run(cmd.Context(), c, args)
			if err != nil {
				return err
			}
			return answerPull(c, s)
		},
	}
	cmd.Flags().StringVar(&f.out, "out", "", "folder for the model, replaced if it holds one; without it the model stays in the cache")
	cmd.Flags().StringVar(&f.archive, "from-archive", "", "archive to take the model out of")
	cmd.Flags().StringVar(&f.path, "path", "", "folder of the model in the archive, where it has several")
	cmd.Flags().Int64Var(&f.maxBytes, "max-bytes", 32<<30, "most bytes of the model")
	return cmd
}

// run brings the model to where it shall be.
func (f *pullFlags) run(ctx context.Context, c *console, args []string) (*hub.Snapshot, error) {
	t := newTransfers(c)
	defer t.end()
	if f.archive != "" {
		return hub.FromArchive(ctx, f.archive, f.out, hub.ArchiveOptions{Path: f.path, MaxBytes: f.maxBytes, Progress: t.progress})
	}
	client := t.client()
	client.MaxBytes = f.maxBytes
	s, err := client.Pull(ctx, args[0])
	if err != nil || f.out == "" {
		return s, err
	}
	if err := s.CopyTo(ctx, f.out); err != nil {
		return nil, err
	}
	s.Dir = f.out
	return s, nil
}

// answerPull says where the model is. What it is goes to the log, so that the answer can stand for a --base.
func answerPull(c *console, s *hub.Snapshot) error {
	names := make([]string, len(s.Files))
	for i, f := range s.Files {
		names[i] = f.Name
	}
	answer := struct {
		Dir    string   `json:"dir"`
		Commit string   `json:"commit"`
		Files  []string `json:"files"`
		Bytes  int64    `json:"bytes"`
	}{s.Dir, s.Commit, names, s.Bytes}
	return c.answer(answer, func(w io.Writer) error {
		fmt.Fprintf(c.log, "%s: %d files, %s\n", s.Name, len(names), megabytes(s.Bytes))
		_, err := fmt.Fprintln(w, s.Dir)
		return err
	})
}
