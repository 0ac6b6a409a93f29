package train

import (
	"context"
	"testing"
)

// TestDigest holds that every build gives the same weights: assembly, plain Go, any machine. They change with the model, the recipe and the environment.
func TestDigest(t *testing.T) {
	for id, want := range map[string]string{
		"CartPole-v1": "sha256:3f0556f6e77e4661dbedd13699b2365093fcfbae945859417829845264871800",
		"Pendulum-v1": "sha256:de8352d109627f0bfecbdf9d4166742de28fe3f7ef8434097bffa56889293f07",
	} {
		c := small(Online, id, 256)
		c.PPO.Envs, c.PPO.Steps, c.PPO.Epochs, c.Episodes = 4, 32, 1, 0
		_, p, err := Adapt(context.Background(), nil, nil, c, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if p.Digest != want {
			t.Errorf("%s: got %s, want %s", id, p.Digest, want)
		}
	}
}
