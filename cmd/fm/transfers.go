package main

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/fmkit/fmkit/shared/hub"
)

// transfers tell a person how files arrive: on a terminal one line that is rewritten, elsewhere a line now and then.
type transfers struct {
	c *console

	mu    sync.Mutex
	file  string    // that is arriving
	began time.Time // when its first byte was seen
	first int64     // bytes that were there then
	last  time.Time // of the last line, or when it began
	open  bool      // the terminal's line is not finished
}

// Time between two lines.
const (
	terminalInterval = 200 * time.Millisecond
	plainInterval    = 10 * time.Second
)

func newTransfers(c *console) *transfers { return &transfers{c: c, last: time.Now()} }

// client makes a client of the hub that the environment names, which reports here.
func (t *transfers) client() *hub.Client {
	client := hub.New(os.Getenv)
	client.Log, client.Progress = t.event, t.progress
	return client
}

// progress reports that done of total bytes of a file are there, if it is time to.
func (t *transfers) progress(file string, done, total int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if file != t.file {
		t.file, t.began, t.first = file, now, done
	}
	interval := plainInterval
	if t.c.terminal() {
		interval = terminalInterval
	}
	// The end of a file that took long enough to be seen is always told.
	if since := now.Sub(t.last); since < interval && (done < total || now.Sub(t.began) < interval) {
		return
	}
	t.last = now
	line := fmt.Sprintf("%s  %s of %s", file, megabytes(done), megabytes(total))
	if s := now.Sub(t.began).Seconds(); s > 0 && done > t.first {
		rate := float64(done-t.first) / s
		line += fmt.Sprintf("  %.3g MB/s", rate/1e6)
		if done < total {
			line += "  " + time.Duration(float64(total-done)/rate*float64(time.Second)).Round(time.Second).String() + " left"
		}
	}
	if !t.c.terminal() {
		fmt.Fprintln(t.c.log, line)
		return
	}
	fmt.Fprintf(t.c.log, "\r%s\x1b[K", line)
	t.open = true
}

// event writes a line.
func (t *transfers) event(format string, args ...any) {
	t.end()
	fmt.Fprintf(t.c.log, format+"\n", args...)
}

// end finishes the terminal's line.
func (t *transfers) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open {
		fmt.Fprintln(t.c.log)
		t.open = false
	}
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
