package bridge

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"
)

// Config says which environment to play, and how.
type Config struct {
	ID      string         // of gymnasium.make, with a module to import before a colon where it needs one: "ale_py:ALE/Pong-v5"
	Kwargs  map[string]any // further arguments of gymnasium.make, as JSON has them
	Options []string       // names of the options that a reset passes on; it refuses others, where Gymnasium would ignore them
	Render  bool           // made with render_mode "rgb_array", so that Render works
	Python  string         // the interpreter; "": python3

	StartTimeout time.Duration // for imports and gymnasium.make; 0: 2 minutes
	Timeout      time.Duration // for every reset, step, picture and the end; 0: 1 minute
}

// Validate tells whether the settings can be.
func (c Config) Validate() error {
	if c.ID == "" || len(c.ID) > 1<<10 {
		return fmt.Errorf("%w: got ID %.40q, want a name", ErrConfig, c.ID)
	}
	if c.StartTimeout < 0 || c.Timeout < 0 {
		return fmt.Errorf("%w: got time limits %v and %v, want 0 or more", ErrConfig, c.StartTimeout, c.Timeout)
	}
	for _, name := range []string{"id", "render_mode"} {
		if _, ok := c.Kwargs[name]; ok {
			return fmt.Errorf("%w: Kwargs: %s has a setting of its own", ErrConfig, name)
		}
	}
	if _, err := json.Marshal(c.Kwargs); err != nil {
		return fmt.Errorf("%w: Kwargs: %w", ErrConfig, err)
	}
	return nil
}

func (c Config) filled() Config {
	c.Python = cmp.Or(c.Python, "python3")
	c.StartTimeout, c.Timeout = cmp.Or(c.StartTimeout, 2*time.Minute), cmp.Or(c.Timeout, time.Minute)
	return c
}
