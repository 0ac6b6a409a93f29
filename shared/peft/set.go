package peft

import (
	"errors"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/backbone"
)

// A Set is the changes on one encoder by name. They work together, one above the other in the order they came. It serves one call at a time.
type Set struct {
	encoder *backbone.Encoder
	names   []string
	changes map[string]*Change
	unmerge func() // nil: not merged
}

// NewSet returns an empty set for e, which has no changes.
func NewSet(e *backbone.Encoder) *Set {
	return &Set{encoder: e, changes: map[string]*Change{}}
}

var errMerged = errors.New("peft: the changes are merged: unmerge them first")

// Attach puts a change by c on the encoder, as Attach does, under a name that isn't taken. There is one prefix at most, one change that tunes weights in place, one
// bottleneck behind a layer and one scale of a layer's input.
func (s *Set) Attach(name string, c Config, seed uint64) (*Change, error) {
	switch {
	case s.unmerge != nil:
		return nil, errMerged
	case name == "":
		return nil, errors.New("peft: a change has no name")
	case s.changes[name] != nil:
		return nil, fmt.Errorf("peft: there is a change called %q already", name)
	}
	for _, other := range s.names {
		if s.changes[other].Config.inPlace() && c.inPlace() {
			return nil, fmt.Errorf("peft: %q tunes weights in place, as %q does", name, other)
		}
	}
	change, err := Attach(s.encoder, c, seed)
	if err != nil {
		return nil, err
	}
	s.names = append(s.names, name)
	s.changes[name] = change
	return change, nil
}

func (c *Config) inPlace() bool { return c.BitFit != nil || c.LastK != nil }

// Names lists the changes in their order.
func (s *Set) Names() []string { return slices.Clone(s.names) }

// Change returns the one of the given name, nil for none.
func (s *Set) Change(name string) *Change { return s.changes[name] }

// Detach takes the change of the given name off; the others stay.
func (s *Set) Detach(name string) error {
	c := s.changes[name]
	switch {
	case s.unmerge != nil:
		return errMerged
	case c == nil:
		return fmt.Errorf("peft: there is no change called %q", name)
	}
	c.Detach()
	delete(s.changes, name)
	s.names = slices.DeleteFunc(s.names, func(n string) bool { return n == name })
	return nil
}

// Merge adds the changes into the weights where that can be done, as the function Merge does.
func (s *Set) Merge() error {
	if s.unmerge != nil {
		return errMerged
	}
	s.unmerge = Merge(s.encoder)
	return nil
}

// Unmerge undoes Merge, to the bit.
func (s *Set) Unmerge() error {
	if s.unmerge == nil {
		return errors.New("peft: the changes are not merged")
	}
	s.unmerge()
	s.unmerge = nil
	return nil
}
