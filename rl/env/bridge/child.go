package bridge

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"
)

// endGrace is how long a child that closed its output may take to end.
const endGrace = time.Second

// A child is the process on the other side. Its first fault is for good.
type child struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	pipe   io.ReadCloser
	out    *bufio.Reader
	stderr tail
	late   *time.Timer // kills it, where it runs out
	ctx    context.Context
	unbind func() bool // of ctx

	request []byte
	reply   frame
	fault   error // what every further call gives
}

// start runs a program, which ends with ctx.
func start(ctx context.Context, program string, args ...string) (*child, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, fmt.Errorf("bridge: %w", err)
	}
	c := &child{cmd: exec.Command(program, args...), ctx: ctx}
	c.cmd.Stderr, c.cmd.WaitDelay = &c.stderr, endGrace
	ownGroup(c.cmd)
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("bridge: %w", err)
	}
	if c.pipe, err = c.cmd.StdoutPipe(); err != nil {
		return nil, fmt.Errorf("bridge: %w", err)
	}
	c.out = bufio.NewReaderSize(c.pipe, 1<<16)
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPython, err)
	}
	c.late = time.AfterFunc(time.Hour, c.kill)
	c.late.Stop()
	c.unbind = context.AfterFunc(ctx, c.kill)
	return c, nil
}

// kill ends the child's processes and whatever waits for them here. It may be called from anywhere, at any time.
func (c *child) kill() {
	killGroup(c.cmd.Process)
	_ = c.in.Close()
	_ = c.pipe.Close() // a process that left the group may still hold its end
}

// ask sends a request and gives the reply, which is valid up to the next one, with at most most bytes of numbers. A reply of another kind is
// an error.
func (c *child) ask(request frame, most int, limit time.Duration) (*frame, error) {
	if c.fault != nil {
		return nil, c.fault
	}
	c.request = request.append(c.request[:0])
	c.late.Reset(limit)
	_, err := c.in.Write(c.request)
	if readErr := c.reply.read(c.out, most); err == nil || readErr == nil || errors.Is(readErr, ErrProtocol) {
		err = readErr // a child that can't be written to may have left an answer that says why
	}
	if inTime := c.late.Stop(); !inTime {
		return nil, c.end(fmt.Errorf("%w: got none within %v", ErrTimeout, limit), 0)
	}
	if ctxErr := context.Cause(c.ctx); ctxErr != nil {
		return nil, c.end(fmt.Errorf("bridge: %w", ctxErr), 0)
	}
	if errors.Is(err, ErrProtocol) {
		return nil, c.end(err, 0)
	}
	if err != nil {
		return nil, c.end(fmt.Errorf("%w: %w", ErrDied, err), endGrace)
	}
	if c.reply.kind == failure {
		return &c.reply, nil
	}
	if c.reply.kind != request.kind {
		return nil, c.end(fmt.Errorf("%w: got a frame %q, want %q", ErrProtocol, c.reply.kind, request.kind), 0)
	}
	return &c.reply, nil
}

// end waits for the end of the child, kills it after the grace, and remembers the fault with how it ended and its last words. Only the
// first end counts.
func (c *child) end(fault error, grace time.Duration) error {
	if c.fault != nil {
		return c.fault
	}
	_ = c.in.Close()
	if grace == 0 {
		c.kill()
	} else {
		c.late.Reset(grace)
	}
	waitErr := c.cmd.Wait()
	c.late.Stop()
	c.unbind()
	killGroup(c.cmd.Process) // what it may have left behind
	if errors.Is(fault, ErrDied) {
		fault = fmt.Errorf("%w (%v)", fault, c.cmd.ProcessState)
	}
	if words := c.stderr.String(); words != "" && !errors.Is(fault, ErrClosed) {
		fault = fmt.Errorf("%w; its last words:\n%s", fault, words)
	}
	c.fault = fault
	if waitErr == nil || !errors.Is(fault, ErrClosed) {
		return c.fault
	}
	return fmt.Errorf("%w: %w", ErrDied, waitErr)
}

// close lets the child end by itself, within the grace.
func (c *child) close(grace time.Duration) error {
	if c.fault != nil {
		return nil // it ended before
	}
	if err := c.end(ErrClosed, grace); !errors.Is(err, ErrClosed) {
		return err
	}
	return nil
}
