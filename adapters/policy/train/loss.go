package train

import (
	"fmt"
	"math"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// A surrogate is the loss of PPO over features [B, D] (Schulman et al., Proximal policy optimization algorithms, 2017, equation 9):
//
//	mean of -min(r A, clip(r, 1-e, 1+e) A) + v/2 (V - R)^2 - h H
//
// r is the ratio of the choice's probability to what it was when it was made, A the advantage, V the value, R the return to go, H the entropy of whole numbers
// or of u. The gradients of outputs and values are made in Forward. Set the slices before a run.
type surrogate struct {
	head    *policy.Head
	actions policy.Actions

	clip, value, entropy float32
	clipValue            float32 // largest change of a value that counts; 0: any

	choices    []float32 // [B, A or 1]
	logProbs   []float32 // [B] when they were made
	advantages []float32 // [B]
	returns    []float32 // [B]
	values     []float32 // [B] when they were made

	outputs, doutputs  []float32 // [B, A]
	newValues, dvalues []float32 // [B]
	ddeviation         []float32 // [A]
	probs              []float32 // [A]
	scratch            nn.Scratch

	kl, clipped float64 // of the last run: mean divergence from the old policy, share of ratios that were clipped
}

// Name implements nn.Sublayer.
func (l *surrogate) Name() string { return "ppo" }

// Params implements nn.Sublayer.
func (l *surrogate) Params() []*nn.Param { return l.head.Params() }

// Shape implements nn.Sublayer: [1].
func (l *surrogate) Shape(*nn.Batch) []int { return []int{1} }

// Forward implements nn.Sublayer.
func (l *surrogate) Forward(y, x []float32, b *nn.Batch) error {
	n, a := b.B, l.actions.Outputs()
	if len(l.logProbs) != n || len(l.advantages) != n || len(l.returns) != n || len(l.values) != n || len(l.choices) != n*l.actions.Size() {
		return fmt.Errorf("policy: train: ppo: got %d choices and %d advantages, want %d", len(l.choices), len(l.advantages), n)
	}
	outputs, values := kernels.Grow(&l.outputs, n*a), kernels.Grow(&l.newValues, n)
	if err := l.head.Action.Forward(outputs, x, n, b); err != nil {
		return err
	}
	if err := l.head.Value.Forward(values, x, n, b); err != nil {
		return err
	}
	kernels.Grow(&l.doutputs, n*a)
	kernels.Grow(&l.dvalues, n)
	kernels.Grow(&l.probs, a)
	clear(kernels.Grow(&l.ddeviation, a))
	l.kl, l.clipped = 0, 0
	total := 0.0
	for i := range n {
		total += float64(l.policy(i, a, 1/float32(n))) + float64(l.worth(i, 1/float32(n)))
	}
	l.kl, l.clipped = l.kl/float64(n), l.clipped/float64(n)
	y[0] = float32(total / float64(n))
	return nil
}

// policy is row i's part in the loss but for the value's. It sets the gradient of the outputs, times scale.
func (l *surrogate) policy(i, a int, scale float32) float32 {
	outputs, doutputs, choice := l.outputs[i*a:(i+1)*a], l.doutputs[i*a:(i+1)*a], l.choices[i*l.actions.Size():][:l.actions.Size()]
	change := l.actions.LogProb(choice, outputs, l.head.LogDeviations()) - l.logProbs[i]
	ratio, advantage := kernels.Exp(change), l.advantages[i]
	kept := min(max(ratio, 1-l.clip), 1+l.clip)
	loss, slope := -float32(advantage*ratio), -float32(advantage*ratio) // slope: by the logarithm of the probability
	if clipped := -float32(advantage * kept); clipped > loss {
		loss, slope = clipped, 0
	}
	if kept != ratio {
		l.clipped++
	}
	l.kl += float64(ratio) - 1 - float64(change) // Schulman's k3
	entropy := float32(0)
	if l.actions.Discrete() {
		policy.Probabilities(l.probs, outputs)
		for _, p := range l.probs {
			entropy -= float32(p * logOf(p))
		}
		for j, p := range l.probs {
			chosen := float32(0)
			if j == int(choice[0]) {
				chosen = 1
			}
			d := float32(slope*(chosen-p)) + float32(l.entropy*float32(p*(logOf(p)+entropy)))
			doutputs[j] = scale * d
		}
	} else {
		for j, s := range l.head.LogDeviations() {
			z := (choice[j] - outputs[j]) / kernels.Exp(s)
			entropy += s + halfLogTwoPiE
			doutputs[j] = scale * float32(slope*(z/kernels.Exp(s)))
			l.ddeviation[j] += float32(scale * (float32(slope*(float32(z*z)-1)) - l.entropy))
		}
	}
	return loss - float32(l.entropy*entropy)
}

// worth is the value's part in row i's loss. It sets the gradient of the value, times scale.
func (l *surrogate) worth(i int, scale float32) float32 {
	v, old, want := l.newValues[i], l.values[i], l.returns[i]
	loss, d := float32((v-want)*(v-want)), v-want
	if l.clipValue > 0 {
		kept := old + min(max(v-old, -l.clipValue), l.clipValue)
		if c := float32((kept - want) * (kept - want)); c > loss {
			loss, d = c, 0 // beyond the limit, where kept doesn't change
		}
	}
	l.dvalues[i] = scale * float32(l.value*d)
	return float32(0.5*l.value) * loss
}

// halfLogTwoPiE is log(2 pi e)/2.
const halfLogTwoPiE = 1.4189385

// logOf is log(p), of 0 something that 0 log 0 is 0 with.
func logOf(p float32) float32 { return kernels.Log(max(p, math.SmallestNonzeroFloat32)) }

// Backward implements nn.Sublayer.
func (l *surrogate) Backward(dx, dy, x, _ []float32, b *nn.Batch) error {
	kernels.Scale(l.doutputs, dy[0])
	kernels.Scale(l.dvalues, dy[0])
	if p := l.head.LogDeviation; p != nil && !p.Frozen {
		p.NeedGrad()
		kernels.AddScaled(p.Grad, l.ddeviation, dy[0])
	}
	if err := l.head.Action.Backward(dx, l.doutputs, x, b.B, false, b, &l.scratch); err != nil {
		return err
	}
	return l.head.Value.Backward(dx, l.dvalues, x, b.B, true, b, &l.scratch)
}
