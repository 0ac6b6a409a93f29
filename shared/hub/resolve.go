package hub

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Resolve finds the model that a user names: a folder is itself; anything else is org/name or org/name@revision, which Pull brings. The
// snapshot's Name leads to the same model again: for one from a hub it holds the commit.
func (c *Client) Resolve(ctx context.Context, name string) (*Snapshot, error) {
	if info, err := os.Stat(name); err == nil {
		if !info.IsDir() {
			return nil, fmt.Errorf("hub: %w: %s is a file, want a model folder (one in an archive has to be taken out first) or org/name", ErrName, name)
		}
		return &Snapshot{Name: name, Dir: name}, nil
	}
	s, err := c.Pull(ctx, name)
	switch {
	case errors.Is(err, ErrName):
		return nil, fmt.Errorf("hub: %w: %q is neither a folder nor org/name or org/name@revision", ErrName, shorten(name))
	case err != nil:
		return nil, fmt.Errorf("%w (nor is there a folder %s)", err, shorten(name))
	}
	return s, nil
}
