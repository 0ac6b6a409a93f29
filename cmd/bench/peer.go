package bench

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// ErrNoPeer means that the other side can't run here: no interpreter, no library.
var ErrNoPeer = errors.New("bench: the peer can't run")

// A Peer is a child process that does work of another library when told.
type Peer struct {
	Name  string         // library and version
	Hello map[string]any // all that it said at the start

	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	errors bytes.Buffer
	dir    string // its own, deleted at the end
}

// start runs cmd as a peer with the given number of threads; its folder dir is deleted when it ends.
func start(cmd *exec.Cmd, dir string, threads int) (_ *Peer, err error) {
	p := &Peer{cmd: cmd, dir: dir}
	defer func() {
		if err != nil {
			p.Close()
		}
	}()
	cmd.Env, cmd.Stderr = peerEnv(os.Environ(), threads), &p.errors
	if p.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(out)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if err := p.answer(&p.Hello); err != nil {
		return nil, err
	}
	p.Name, _ = p.Hello["peer"].(string)
	return p, nil
}

// peerEnv is env with the settings that a library of this kind is fastest with.
func peerEnv(env []string, threads int) []string {
	return append(
		threadsEnv(env, threads),
		"MALLOC_MMAP_THRESHOLD_=4294967296", "MALLOC_TRIM_THRESHOLD_=17179869184", "MALLOC_TOP_PAD_=268435456",
	)
}

// threadsEnv is env with the number of threads, nothing that holds a library back, and no network.
func threadsEnv(env []string, threads int) []string {
	unset := []string{"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OMP_WAIT_POLICY", "PYTHONPATH"}
	env = slices.DeleteFunc(slices.Clone(env), func(e string) bool {
		name, _, _ := strings.Cut(e, "=")
		return slices.Contains(unset, name)
	})
	n := strconv.Itoa(threads)
	return append(
		env,
		"OMP_NUM_THREADS="+n, "MKL_NUM_THREADS="+n, "OPENBLAS_NUM_THREADS="+n, "GOMAXPROCS="+n,
		"PYTHONDONTWRITEBYTECODE=1", "HF_HUB_OFFLINE=1",
	)
}

// Prepared says which way of doing a piece of work was the fastest, the seconds of each, and why others don't work.
type Prepared struct {
	Way    string             `json:"way"`
	Tried  map[string]float64 `json:"tried"`
	Failed map[string]string  `json:"failed"`
}

// Prepare warms up a piece of work, in one way or, without any named, in the fastest, and forgets the one before.
func (p *Peer) Prepare(name string, way ...string) (Prepared, error) {
	var a Prepared
	err := p.ask(&a, append([]string{"prepare", name}, way...)...)
	return a, err
}

// Run does the prepared work repeats times and gives the seconds for all of them.
func (p *Peer) Run(name string, repeats int) (float64, error) {
	var a struct{ Seconds float64 }
	err := p.ask(&a, "run", name, strconv.Itoa(repeats))
	return a.Seconds, err
}

// Each does the prepared work on each of the items from one up to another, after one on the item before them, and gives the seconds that each took.
func (p *Peer) Each(name string, from, to int) ([]float64, error) {
	var a struct{ Seconds []float64 }
	err := p.ask(&a, "each", name, strconv.Itoa(from), strconv.Itoa(to))
	if err == nil && len(a.Seconds) != to-from {
		err = fmt.Errorf("bench: peer: each: got the seconds of %d items, want %d", len(a.Seconds), to-from)
	}
	return a.Seconds, err
}

// Output does the prepared work once, on an item where work has items, and gives its result.
func (p *Peer) Output(name string, item ...int) ([]float32, error) {
	path := filepath.Join(p.dir, "output")
	words := []string{"output", name, path}
	for _, i := range item {
		words = append(words, strconv.Itoa(i))
	}
	if err := p.ask(&struct{}{}, words...); err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("bench: peer: output: %w", err)
	}
	x := make([]float32, len(raw)/4)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return x, os.Remove(path)
}

// PeakBytes is the largest resident size of the peer so far.
func (p *Peer) PeakBytes() (int64, error) {
	var a struct{ Bytes int64 }
	err := p.ask(&a, "peak")
	return a.Bytes, err
}

func (p *Peer) ask(answer any, words ...string) error {
	if _, err := io.WriteString(p.in, strings.Join(words, "\t")+"\n"); err != nil {
		return fmt.Errorf("bench: peer: %w", err)
	}
	if err := p.answer(answer); err != nil {
		return fmt.Errorf("bench: peer: %s: %w", strings.Join(words, " "), err)
	}
	return nil
}

// answer reads one line of the peer into v.
func (p *Peer) answer(v any) error {
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		_ = p.cmd.Wait() // the child has ended; its last words say why
		return fmt.Errorf("it ended: %s", lastLine(p.errors.String()))
	}
	var failed struct{ Error string }
	if err := json.Unmarshal(line, &failed); err != nil {
		return fmt.Errorf("it said %.100q: %w", line, err)
	}
	if failed.Error != "" {
		return errors.New(failed.Error)
	}
	return json.Unmarshal(line, v)
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

// Close ends the peer.
func (p *Peer) Close() {
	if p.cmd != nil && p.cmd.Process != nil {
		_, _ = io.WriteString(p.in, "quit\n")
		_ = p.in.Close()
		_ = p.cmd.Wait()
	}
	_ = os.RemoveAll(p.dir)
}
