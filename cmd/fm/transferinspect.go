package main

import (
	"context"

	inspecttrain "github.com/fmkit/fmkit/adapters/inspector/train"
	"github.com/fmkit/fmkit/shared/transfer"
)

const inspectTransferHelp = "inspect learns kinds of defects from pictures, as adapt inspect with a method; a label is a defective picture, and all good ones are learnt from. Where pictures have boxes or templates the " +
	"score is the recall of boxes at one false box a picture, else that of pictures at one false alarm in a hundred good ones (of fewer, none). Scored are --eval, --test-group, or whole groups where " +
	"there are some, or else half of the defective pictures of each label and the good ones under test."

// inspectHeld is the part of the groups or pictures that is scored on.
const inspectHeld = 0.5

// transferInspect compares detectors of defects.
func transferInspect(ctx context.Context, _ *console, b *base, f *transferFlags, o transfer.Options) (*transfer.Report, error) {
	grid, err := f.settings()
	if err != nil {
		return nil, err
	}
	if f.eval != "" && f.group != "" {
		return nil, usagef("report transfer: --test-group goes with no --eval")
	}
	m, err := b.loadVision()
	if err != nil {
		return nil, err
	}
	h := inspecttrain.Holding{Eval: f.eval, Group: f.group, Fraction: f.held}
	if !f.set.Changed("held-back") {
		h.Fraction = inspectHeld
	}
	d, err := inspecttrain.ReadTransfer(f.data, m, h)
	if err != nil {
		return nil, badData(err)
	}
	c := inspecttrain.Default(inspecttrain.Templates(m, d.Train))
	if c.Upright = f.upright; f.set.Changed("batch") {
		c.Batch = f.batch
	}
	return inspecttrain.Transfer(ctx, m, d, c, grid, o)
}
