package train

import (
	"fmt"
	"io"
	"time"
)

// A progress tells a person how a run goes: on a terminal one line that is rewritten, elsewhere a
// line now and then. Events are lines of their own.
type progress struct {
	w        io.Writer
	terminal bool
	now      func() time.Time
	began    time.Time
	first    int // step at which this process began
	last     time.Time
	open     bool // the terminal's line is not finished
}

// Seconds between two progress lines.
const (
	terminalInterval = 200 * time.Millisecond
	plainInterval    = 10 * time.Second
)

// rate returns steps a second in this process.
func (p *progress) rate(step int) float64 {
	s := p.now().Sub(p.began).Seconds()
	if s <= 0 {
		return 0
	}
	return float64(step-p.first) / s
}

// step reports that step of steps are done, if it is time to or if must.
func (p *progress) step(step, steps int, loss, lr float64, must bool) {
	now := p.now()
	interval := plainInterval
	if p.terminal {
		interval = terminalInterval
	}
	if p.w == nil || !must && now.Sub(p.last) < interval {
		return
	}
	p.last = now
	rate := p.rate(step)
	text := fmt.Sprintf("step %d/%d  loss %.4f  lr %.2e  %.3g steps/s", step, steps, loss, lr, rate)
	if rate > 0 && step < steps {
		left := time.Duration(float64(steps-step) / rate * float64(time.Second))
		text += "  " + left.Round(time.Second).String() + " left"
	}
	if !p.terminal {
		fmt.Fprintln(p.w, text)
		return
	}
	fmt.Fprintf(p.w, "\r%s\x1b[K", text)
	p.open = true
}

// event writes a line.
func (p *progress) event(format string, args ...any) {
	if p.w == nil {
		return
	}
	p.end()
	fmt.Fprintf(p.w, format+"\n", args...)
}

// end finishes the terminal's line.
func (p *progress) end() {
	if p.open {
		fmt.Fprintln(p.w)
		p.open = false
	}
}
