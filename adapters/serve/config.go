package serve

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/vision"
)

// ErrConfig means that a setting is out of range; the error names it.
var ErrConfig = errors.New("serve: config")

// A Base is a model that adapters lie on: one that reads texts, one that reads pictures or one that reads trajectories. A server freezes it.
type Base struct {
	Text         *text.Model
	Vision       *vision.Model
	Trajectories *rl.Model
}

// fingerprint freezes the model and identifies it; false where there isn't exactly one.
func (b Base) fingerprint() (string, bool) {
	switch {
	case b.Text != nil && b.Vision == nil && b.Trajectories == nil:
		b.Text.Freeze()
		return b.Text.Fingerprint(), true
	case b.Text == nil && b.Vision != nil && b.Trajectories == nil:
		b.Vision.Freeze()
		return b.Vision.Fingerprint(), true
	case b.Text == nil && b.Vision == nil && b.Trajectories != nil:
		return b.Trajectories.Fingerprint(), true
	}
	return "", false
}

// A Config bounds what a server takes on. Zero fields have the defaults in brackets.
type Config struct {
	Body     int           // most bytes of a request [2 MB]
	Pictures int           // most bytes of a request that may hold a picture, once a base that reads pictures is loaded [16 MiB]
	Inputs   int           // most texts of one request for embeddings [256]
	Queue    int           // most requests that wait or are computed; more are refused with 429 [512]
	Tokens   int           // of a batch, without padding [2,048]; a request of more is computed in several
	Adapters int           // most that are loaded [1,024]
	Timeout  time.Duration // from a request's last byte to its answer [30 s]
	Drain    time.Duration // for answers that are due when Serve is to end [30 s]

	Key  string // what requests must have as "Authorization: Bearer KEY"; empty: nothing, and adapters can't be changed over HTTP
	Root string // folder that PUT loads adapters from; empty: it can't

	// Open finds a base that an adapter names and that isn't loaded; nil: only those that AddBase was given.
	Open func(ctx context.Context, name string) (Base, error)
	Log  *log.Logger // of panics and of what is loaded; nil: none
}

func (c Config) withDefaults() Config {
	for _, f := range []struct {
		to   *int
		want int
	}{{&c.Body, 2_000_000}, {&c.Pictures, 16 << 20}, {&c.Inputs, 256}, {&c.Queue, 512}, {&c.Tokens, 2048}, {&c.Adapters, 1024}} {
		if *f.to == 0 {
			*f.to = f.want
		}
	}
	for _, d := range []*time.Duration{&c.Timeout, &c.Drain} {
		if *d == 0 {
			*d = 30 * time.Second
		}
	}
	return c
}

// Validate returns an ErrConfig that names the first setting out of range.
func (c Config) Validate() error {
	for _, f := range []struct {
		name string
		got  int
	}{{"body", c.Body}, {"pictures", c.Pictures}, {"inputs", c.Inputs}, {"queue", c.Queue}, {"tokens", c.Tokens}, {"adapters", c.Adapters}} {
		if f.got < 0 || f.got > 1<<30 {
			return fmt.Errorf("%w: %s: got %d, want 0 to %d", ErrConfig, f.name, f.got, 1<<30)
		}
	}
	if c.Timeout < 0 || c.Drain < 0 {
		return fmt.Errorf("%w: timeout and drain: got %v and %v, want 0 or more", ErrConfig, c.Timeout, c.Drain)
	}
	if c.Key != "" && len(c.Key) < minKey {
		return fmt.Errorf("%w: key: got %d bytes, want at least %d", ErrConfig, len(c.Key), minKey)
	}
	return nil
}

// minKey is the length of a key that can't be guessed over a network.
const minKey = 16
