package sortingcell

import (
	"slices"

	"github.com/fmkit/fmkit/rl/env/nprandom"
)

// Millimetres and steps.
const (
	beltEnd            = 1000
	armFirst, armLast  = 400, 800
	armStep            = 50
	reach              = 30
	mouth              = 40 // half of it
	gapFirst, gapRange = 16, 9
	kinds              = 3
	maxMistakes        = 5
	emptyPush          = -0.02

	defaultSpeed, defaultParts = 20, 20
)

// The actions.
const (
	wait = iota
	back
	forward
	push
	actions
)

// binAt is where the bin of a kind stands.
func binAt(kind int) int { return 500 + 100*kind }

// A part lies on the belt.
type part struct{ at, kind int }

// A cell is the state.
type cell struct {
	arm      int
	busy     bool
	belt     []part // the one nearest to the end first
	coming   int    // parts of the batch that are not on the belt yet
	gap      int    // steps until the next one
	mistakes int

	parts, speed int // of the episode
}

func (c *cell) start(g *nprandom.Generator, speed, parts int) {
	*c = cell{arm: (armFirst + armLast) / 2, belt: c.belt[:0], coming: parts, parts: parts, speed: speed}
	c.feed(g)
}

// feed puts a part at the beginning of the belt when it is time.
func (c *cell) feed(g *nprandom.Generator) {
	if c.coming == 0 {
		return
	}
	if c.gap--; c.gap > 0 {
		return
	}
	c.belt = append(c.belt, part{0, int(g.Integers(kinds))})
	c.coming--
	c.gap = gapFirst + int(g.Integers(gapRange))
}

// step is one of the cell: the arm acts, the belt moves. It tells the reward and whether the episode is over.
func (c *cell) step(action int, g *nprandom.Generator) (reward float64, done bool) {
	switch {
	case c.busy:
		c.busy = false
	case action == back:
		c.arm = max(c.arm-armStep, armFirst)
	case action == forward:
		c.arm = min(c.arm+armStep, armLast)
	case action == push:
		reward = c.push()
	}
	for i := range c.belt {
		c.belt[i].at += c.speed
	}
	if len(c.belt) > 0 && c.belt[0].at >= beltEnd {
		c.belt = slices.Delete(c.belt, 0, 1)
		c.mistakes++
		reward--
	}
	c.feed(g)
	return reward, c.mistakes >= maxMistakes || c.coming == 0 && len(c.belt) == 0
}

// push takes the part under the arm off the belt.
func (c *cell) push() float64 {
	c.busy = true
	i := c.nearest()
	if i < 0 {
		return emptyPush
	}
	kind := c.belt[i].kind
	c.belt = slices.Delete(c.belt, i, i+1)
	if distance(c.arm, binAt(kind)) <= mouth {
		return 1
	}
	c.mistakes++
	return -1
}

// nearest gives the part under the arm, -1 where there is none.
func (c *cell) nearest() int {
	best := -1
	for i, p := range c.belt {
		if d := distance(p.at, c.arm); d <= reach && (best < 0 || d < distance(c.belt[best].at, c.arm)) {
			best = i
		}
	}
	return best
}

func distance(a, b int) int { return max(a-b, b-a) }
