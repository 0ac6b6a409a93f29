//go:build unix

package bridge

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/classic"
	"github.com/fmkit/fmkit/rl/env/spaces"
)

// fakeEnv has the test program play the child: a CartPole with a fault, "" for none.
const fakeEnv = "FMKIT_BRIDGE_FAKE"

// parentEnv has the test program start the Python that it names and wait for a step that doesn't end.
const parentEnv = "FMKIT_BRIDGE_PARENT"

func TestMain(m *testing.M) {
	if interpreter, ok := os.LookupEnv(parentEnv); ok {
		if err := parent(interpreter); err != nil {
			fmt.Fprintln(os.Stderr, "parent:", err)
			os.Exit(3)
		}
	}
	if fault, ok := os.LookupEnv(fakeEnv); ok {
		if fault == "grandchild" {
			time.Sleep(time.Hour)
		}
		if err := fake(fault); err != nil {
			fmt.Fprintln(os.Stderr, "fake:", err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// parent writes the child's process number before it waits.
func parent(interpreter string) error {
	e, err := New(context.Background(), Config{ID: "fmkit_bridge_odd:Bad-v0", Kwargs: map[string]any{"how": "sleep"}, Python: interpreter})
	if err != nil {
		return err
	}
	x := make([]float32, e.ObservationSpace().Size())
	if _, err := e.Reset(x, 1, nil); err != nil {
		return err
	}
	fmt.Println(e.child.cmd.Process.Pid)
	_, err = e.Step(x, []float32{1})
	return err
}

// fake serves CartPole over standard input and output.
func fake(fault string) error {
	switch fault {
	case "slow start":
		time.Sleep(300 * time.Millisecond)
	case "silent start":
		time.Sleep(time.Hour)
	case "garbage at the start":
		fmt.Println("Python 2.7 says hello, and some more")
	case "no gymnasium":
		return fakeReply(frame{kind: failure, json: []byte(`{"stage":"python","error":"ModuleNotFoundError: No module named 'gymnasium'"}`)})
	case "an early end":
		return io.ErrClosedPipe
	}
	limited, err := env.NewTimeLimit(classic.NewCartPole(classic.CartPoleConfig{}), 500)
	if err != nil {
		return err
	}
	e := env.Check(limited)
	x := make([]float32, 4)
	in := bufio.NewReader(os.Stdin)
	var f frame
	for steps := 0; ; {
		switch err := f.read(in, maxRaw); err {
		case nil:
		case io.EOF:
			if fault == "no end" {
				time.Sleep(time.Hour)
			}
			if fault == "a bad end" {
				os.Exit(5)
			}
			return nil
		default:
			return err
		}
		reply := frame{kind: f.kind}
		switch f.kind {
		case hello:
			reply.json, reply.raw = fakeGreeting(fault, e)
		case reset:
			var order struct {
				Seed    *int64
				Options env.Options
			}
			if err := json.Unmarshal(f.json, &order); err != nil {
				return err
			}
			if order.Seed == nil {
				order.Seed = new(int64)
				*order.Seed = env.Continue
			}
			if _, err := e.Reset(x, *order.Seed, order.Options); err != nil {
				return err
			}
			reply.raw = fakeNumbers(nil, x)
			reply.json = []byte(`{"lives":3}`)
		case step:
			if steps++; steps == 3 {
				if done, err := misbehave(fault); done {
					return err
				}
				switch fault {
				case "an exception":
					reply.kind, reply.json = failure, []byte(`{"stage":"call","error":"ValueError: no"}`)
				case "another kind":
					reply.kind = picture
				case "an error without words":
					reply.kind = failure
				}
			}
			o, err := e.Step(x, []float32{math.Float32frombits(binary.LittleEndian.Uint32(f.raw))})
			if err != nil {
				return err
			}
			reply.raw = binary.LittleEndian.AppendUint64(nil, math.Float64bits(o.Reward))
			reply.raw = fakeNumbers(append(reply.raw, flag(o.Terminated), flag(o.Truncated)), x)
			switch {
			case steps == 3 && fault == "a short observation":
				reply.raw = reply.raw[:len(reply.raw)-4]
			case steps == 3 && fault == "a flag of 7":
				reply.raw[8] = 7
			case steps == 3 && fault == "an info that is none":
				reply.json = []byte(`[1]`)
			}
		case picture:
			reply.json, reply.raw = []byte(`{"height":2,"width":1}`), []byte{1, 2, 3, 4, 5, 6}
			if fault == "a picture of another size" {
				reply.json = []byte(`{"height":2,"width":2}`)
			}
			if fault == "a picture with an overflow" {
				reply.json = []byte(`{"height":4294967296,"width":4294967298}`)
			}
		}
		if err := fakeReply(reply); err != nil {
			return err
		}
	}
}

// misbehave does what a fault does in place of the third step's reply, and tells whether the child ends.
func misbehave(fault string) (ends bool, err error) {
	switch fault {
	case "death":
		fmt.Fprintln(os.Stderr, strings.Repeat("much before\n", 1000)+"out of ammunition")
		return true, io.ErrShortWrite
	case "half a reply":
		b := frame{kind: step, raw: make([]byte, 26)}.append(nil)
		_, err := os.Stdout.Write(b[:20])
		return true, err
	case "silence":
		time.Sleep(time.Hour)
	case "silence with a grandchild":
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), fakeEnv+"=grandchild")
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Start(); err != nil {
			return true, err
		}
		fmt.Fprintf(os.Stderr, "grandchild %d\n", cmd.Process.Pid)
		time.Sleep(time.Hour)
	case "a grandchild that stays":
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), fakeEnv+"=grandchild")
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			return true, err
		}
		fmt.Fprintf(os.Stderr, "grandchild %d\n", cmd.Process.Pid)
		return true, io.ErrShortWrite
	case "garbage":
		_, err := os.Stdout.WriteString("Segmentation fault (not really)\n")
		time.Sleep(time.Hour)
		return true, err
	case "an oversized reply", "an oversized info":
		b := frame{kind: step}.append(nil)
		at := 12
		if fault == "an oversized info" {
			at = 8
		}
		binary.LittleEndian.PutUint32(b[at:], math.MaxUint32)
		_, err := os.Stdout.Write(b)
		time.Sleep(time.Hour)
		return true, err
	}
	return false, nil
}

func fakeGreeting(fault string, e env.Env) (greeting, bounds []byte) {
	box := e.ObservationSpace().(*spaces.Box)
	bounds = fakeNumbers(fakeNumbers(nil, box.Low), box.High)
	version, shape, n, extra := protocol, 4, 2, ""
	switch fault {
	case "another protocol":
		version++
	case "a negative side":
		shape = -4
	case "a large side":
		shape = 1 << 40
	case "missing bounds":
		bounds = bounds[:8]
	case "more bounds":
		bounds = append(bounds, 0)
	case "no actions":
		n = 0
	case "unknown words":
		extra = `"pickle":"gASVAAAA",`
	case "bounds that cross":
		binary.LittleEndian.PutUint32(bounds, math.Float32bits(1e38))
		binary.LittleEndian.PutUint32(bounds[16:], math.Float32bits(-1))
	}
	return fmt.Appendf(nil, `{%s"protocol":%d,"gymnasium":"0","python":"0","observation":{"kind":"Box","shape":[%d]},"action":{"kind":"Discrete","n":%d}}`,
		extra, version, shape, n), bounds
}

func fakeReply(f frame) error {
	_, err := os.Stdout.Write(f.append(nil))
	return err
}

func fakeNumbers(b []byte, x []float32) []byte {
	for _, v := range x {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}
