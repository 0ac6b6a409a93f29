package inspector

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/vision"
)

// Save makes or replaces the adapter folder dir. The caller gives what a detector can't know of itself: Method, the settings of a method of package peft, Base,
// Data, Recipe, Seed, Steps, Metrics, and what was tuned of the encoder, which is stored before the head. extra files lie beside it. With an empty dir nothing is
// written.
func (d *Detector) Save(dir string, about adapter.Passport, tuned []*nn.Param, extra map[string][]byte) (*adapter.Passport, error) {
	raw, err := json.Marshal(d.settings)
	if err != nil {
		return nil, fmt.Errorf("inspector: save: %w", err)
	}
	about.Task, about.Labels, about.Settings = Task, d.labels, raw
	saved, err := adapter.Save(dir, about, "OBJECT_DETECTION", append(slices.Clone(tuned), d.head.Params()...), extra)
	if err != nil {
		return nil, fmt.Errorf("inspector: save: %w", err)
	}
	return saved, nil
}

// LoadDetector attaches the adapter folder dir to base, which stays as it is. It returns what adapter.OpenFS, Passport.Attach and Folder.Fill return for another
// base, another task's adapter or a damaged one.
func LoadDetector(dir string, base *vision.Model) (*Detector, error) {
	return adapter.In(dir, func(fsys fs.FS) (*Detector, error) { return LoadDetectorFS(fsys, base) })
}

// LoadDetectorFS is LoadDetector from the root of fsys, whose files must be able to read at an offset.
func LoadDetectorFS(fsys fs.FS, base *vision.Model) (*Detector, error) {
	var s DetectorSettings
	var head *nn.Linear
	m, p, err := adapter.Attach(fsys, Task, base, &s, func(p *adapter.Passport) ([]*nn.Param, error) {
		if len(p.Labels) < 1 || len(p.Labels) > MaxKinds {
			return nil, fmt.Errorf("inspector: %w: labels: got %d, want 1 to %d", adapter.ErrPassport, len(p.Labels), MaxKinds)
		}
		head = NewDetectorHead(base.Width(), len(p.Labels))
		return head.Params(), nil
	})
	if err != nil {
		return nil, err
	}
	d, err := NewDetector(m, head, p.Labels, s)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", adapter.ErrPassport, err)
	}
	d.passport = p
	return d, nil
}

// MaxKinds bounds the kinds of defects, which a picture of marks has in its bytes.
const MaxKinds = 254
