package train

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/fmkit/fmkit/adapters/assistant"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/text"
)

// Verify loads the assistant in dir, which holds every part to its digest, makes it again from its passport in a temporary folder and compares the digests, thresholds included;
// of o only Log and Terminal count. Bases and files must be those that it was made from.
func Verify(ctx context.Context, dir string, base *text.Model, bases assistant.Bases, o finetune.Options) (adapter.Verification, error) {
	began := time.Now()
	p, err := adapter.In(dir, func(fsys fs.FS) (*assistant.Passport, error) { return assistant.ReadPassport(fsys) })
	if err != nil {
		return adapter.Verification{}, err
	}
	var c Config
	if err := strictjson.Decode(p.Recipe, &c, strictjson.Limits{}); err != nil {
		return adapter.Verification{}, fmt.Errorf("%w: %w", finetune.ErrConfig, err)
	}
	files, err := filesOf(p.Data)
	if err != nil {
		return adapter.Verification{}, err
	}
	still, err := base.Clone()
	if err != nil {
		return adapter.Verification{}, fmt.Errorf("assistant: %w", err)
	}
	find := func(ctx context.Context, b adapter.Base) (*text.Model, error) {
		if b.Fingerprint == still.Fingerprint() || bases == nil {
			return still, nil
		}
		return bases(ctx, b)
	}
	if _, err := assistant.Load(ctx, dir, find); err != nil {
		return adapter.Verification{}, err
	}
	d, err := Read(files)
	if err != nil {
		return adapter.Verification{}, err
	}
	temp, err := os.MkdirTemp("", "assistant-verify-")
	if err != nil {
		return adapter.Verification{}, fmt.Errorf("assistant: %w", err)
	}
	defer os.RemoveAll(temp)
	again, err := Build(ctx, base, bases, d, c, finetune.Options{Out: filepath.Join(temp, "again"), Log: o.Log, Terminal: o.Terminal, NoScore: true})
	if err != nil {
		return adapter.Verification{}, err
	}
	return adapter.Verification{Want: p.Digest, Got: again.Digest, Match: again.Digest == p.Digest, Seconds: time.Since(began).Seconds()}, nil
}
