package train

import (
	"fmt"
	"slices"
)

// opposites gives what the marks of a picture are in its negative, nil where there are none: 0, good, stays 0.
func (c *Config) opposites(kinds []string) ([]uint8, error) {
	if !c.Negative {
		return nil, nil
	}
	all := make([]uint8, 1+len(kinds))
	for i := range all {
		all[i] = uint8(i)
	}
	for a, b := range c.Opposite {
		i, j := slices.Index(kinds, a), slices.Index(kinds, b)
		if i < 0 || j < 0 {
			return nil, fmt.Errorf("%w: opposite: got %s and %s, want kinds among %q", ErrConfig, a, b, kinds)
		}
		if back, ok := c.Opposite[b]; a == b || ok && back != a {
			return nil, fmt.Errorf("%w: opposite: got %s for %s, and not the other way round", ErrConfig, b, a)
		}
		all[1+i], all[1+j] = uint8(1+j), uint8(1+i)
	}
	for i, j := range all {
		if all[j] != uint8(i) {
			return nil, fmt.Errorf("%w: opposite: got %s for more than one kind", ErrConfig, kinds[j-1])
		}
	}
	return all, nil
}
