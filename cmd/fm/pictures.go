package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/vision/dataset"
)

// picturesHelp describes what data prepare makes of data sets of pictures.
const picturesHelp = `deeppcb takes the folder with index.txt and writes pairs of pictures with manifest.jsonl, which has the boxes; --held-back sets boards aside as
split test. textile takes the folder with nominal, local and global and writes MVTec folders; the test stays the same whatever --train is, up to two
thirds of the nominal pictures. idx takes files of the MNIST family, gzipped or not, and writes them unpacked, with classes.json and preview.png.`

// pictureFlags refuses flags of data prepare that name does not take, where name or flag is about pictures.
func pictureFlags(cmd *cobra.Command, name string) error {
	takes := map[string]string{"train": "textile", "classes": "idx"}
	for _, f := range []string{"train", "classes"} {
		if cmd.Flags().Changed(f) && name != takes[f] {
			return usagef("data prepare %s: --%s is for %s only", name, f, takes[f])
		}
	}
	if cmd.Flags().Changed("held-back") && name != "deeppcb" && slices.Contains(dataset.PrepareNames(), name) {
		return usagef("data prepare %s: --held-back does not apply", name)
	}
	return nil
}
