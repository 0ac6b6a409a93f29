package classic

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/raster"
	"github.com/fmkit/fmkit/rl/env/trig"
)

var (
	white  = color.RGBA{255, 255, 255, 255}
	black  = color.RGBA{0, 0, 0, 255}
	grey   = color.RGBA{128, 128, 128, 255}
	wood   = color.RGBA{202, 152, 101, 255}
	violet = color.RGBA{129, 132, 203, 255}
	yellow = color.RGBA{204, 204, 0, 255}
	cyan   = color.RGBA{0, 204, 204, 255}
	red    = color.RGBA{204, 77, 77, 255}
)

// canvas makes a white picture in Gymnasium's size, its origin and scale in pixels, unless there was no reset.
func canvas(b *env.Base, width, height int, originX, originY, scale float64) (*raster.Canvas, error) {
	if !b.Started() {
		return nil, fmt.Errorf("%w: got a picture before the first reset", env.ErrResetNeeded)
	}
	c := raster.New(width, height, white)
	c.OriginX, c.OriginY, c.Scale = originX, originY, scale
	return c, nil
}

// Render draws cart and pole on the track, 600 by 400 pixels.
func (c *CartPole) Render() (*image.RGBA, error) {
	to, err := canvas(&c.Base, 600, 400, 300, 300, 600/(2*cartLimit))
	if err != nil {
		return nil, err
	}
	cart := raster.Point{X: c.state.x}
	axle := raster.Point{X: cart.X, Y: 0.06}
	sin, cos := trig.SinCos(c.state.theta)
	to.Line(black, raster.Point{X: -cartLimit}, raster.Point{X: cartLimit}, 0.01)
	to.Box(black, raster.Point{X: cart.X - 0.2, Y: -0.12}, raster.Point{X: cart.X + 0.2, Y: 0.12})
	to.Line(wood, axle, raster.Point{Y: 2 * poleLength}.At(axle, -sin, cos), 0.08)
	to.Circle(violet, axle, 0.04)
	return to.RGBA, nil
}

// hill is the height of the cars' landscape.
func hill(x float64) float64 { return float64(0.45*trig.Sin(3*x)) + 0.55 }

// Render draws the car in its valley, 600 by 400 pixels.
func (m *MountainCar) Render() (*image.RGBA, error) {
	return m.state.draw(&m.Base, carGoal)
}

// Render draws the car in its valley, 600 by 400 pixels.
func (m *MountainCarContinuous) Render() (*image.RGBA, error) {
	return m.state.draw(&m.Base, carContinuousGoal)
}

func (s *carState) draw(b *env.Base, goal float64) (*image.RGBA, error) {
	scale := 600 / (carMax - carMin)
	to, err := canvas(b, 600, 400, -carMin*scale, 390, scale)
	if err != nil {
		return nil, err
	}
	const pieces = 100
	var ground []raster.Point
	for i := range pieces + 1 {
		x := carMin + float64(float64(i)*(carMax-carMin))/pieces
		ground = append(ground, raster.Point{X: x, Y: hill(x)})
	}
	to.Lines(black, 0.005, ground...)
	foot := raster.Point{X: goal, Y: hill(goal)}
	top := raster.Point{X: goal, Y: foot.Y + 0.15}
	to.Line(black, foot, top, 0.006)
	to.Polygon(yellow, top, raster.Point{X: goal + 0.08, Y: top.Y - 0.018}, raster.Point{X: goal, Y: top.Y - 0.036})
	// The slope is 3 times 0.45 cos 3x; sine and cosine of its angle follow without another function.
	at := raster.Point{X: s.position, Y: hill(s.position) + 0.02}
	slope := float64(1.35 * trig.Cos(3*s.position))
	cos := 1 / math.Sqrt(1+float64(slope*slope))
	sin := float64(slope * cos)
	corner := func(x, y float64) raster.Point { return raster.Point{X: x, Y: y}.At(at, sin, cos) }
	to.Polygon(black, corner(-0.06, 0.01), corner(0.06, 0.01), corner(0.06, 0.07), corner(-0.06, 0.07))
	to.Circle(grey, corner(-0.03, 0.01), 0.024)
	to.Circle(grey, corner(0.03, 0.01), 0.024)
	return to.RGBA, nil
}

// Render draws both links and the height that the lower end is to reach, 500 by 500 pixels.
func (a *Acrobot) Render() (*image.RGBA, error) {
	to, err := canvas(&a.Base, 500, 500, 250, 250, 500/4.4)
	if err != nil {
		return nil, err
	}
	to.Line(black, raster.Point{X: -2.2, Y: 1}, raster.Point{X: 2.2, Y: 1}, 0.01)
	sin1, cos1 := trig.SinCos(a.state[0])
	sin2, cos2 := trig.SinCos(a.state[0] + a.state[1])
	var pivot raster.Point
	joint := raster.Point{Y: -1}.At(pivot, sin1, cos1)
	to.Line(cyan, pivot, joint, 0.2)
	to.Line(cyan, joint, raster.Point{Y: -1}.At(joint, sin2, cos2), 0.2)
	to.Circle(yellow, pivot, 0.1)
	to.Circle(yellow, joint, 0.1)
	return to.RGBA, nil
}

// Render draws the pendulum, and the torque as a bar below, 500 by 500 pixels.
func (p *Pendulum) Render() (*image.RGBA, error) {
	to, err := canvas(&p.Base, 500, 500, 250, 250, 500/4.4)
	if err != nil {
		return nil, err
	}
	sin, cos := trig.SinCos(p.state.theta)
	var pivot raster.Point
	end := raster.Point{Y: 1}.At(pivot, sin, cos)
	to.Line(red, pivot, end, 0.2)
	to.Circle(red, pivot, 0.1)
	to.Circle(red, end, 0.1)
	to.Circle(black, pivot, 0.05)
	to.Box(grey, raster.Point{Y: -1.9}, raster.Point{X: -0.5 * p.torque, Y: -1.8})
	return to.RGBA, nil
}
