package bench

import (
	"bufio"
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

//go:embed peer_*.py
var scripts embed.FS

// ErrNoPeer means that the other side can't run here: no interpreter, no library.
var ErrNoPeer = errors.New("bench: the peer can't run")

// Python gives the interpreter of the peers: FMKIT_PYTHON, or else python3.
func Python() string {
	if p := os.Getenv("FMKIT_PYTHON"); p != "" {
		return p
	}
	return "python3"
}

// A Peer is a child process that does work of another library when told.
type Peer struct {
	Name  string         // library and version
	Hello map[string]any // all that it said at the start

	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	errors bytes.Buffer
	dir    string // holds the scripts
}

// StartPeer starts a script of this folder with the given number of threads. The peer ends when ctx does.
func StartPeer(ctx context.Context, script string, threads int, args ...string) (_ *Peer, err error) {
	p := &Peer{}
	if p.dir, err = os.MkdirTemp("", "fm-bench-"); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	defer func() {
		if err != nil {
			p.Close()
		}
	}()
	if err := os.CopyFS(p.dir, scripts); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	p.cmd = exec.CommandContext(ctx, Python(), append([]string{"-u", filepath.Join(p.dir, script)}, args...)...)
	p.cmd.Env = peerEnv(os.Environ(), threads)
	p.cmd.Stderr = &p.errors
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	p.out = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoPeer, err)
	}
	if err := p.answer(&p.Hello); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrNoPeer, script, err)
	}
	p.Name, _ = p.Hello["peer"].(string)
	return p, nil
}

// peerEnv is env with the settings that a library of this kind is fastest with.
func peerEnv(env []string, threads int) []string {
	unset := []string{"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OMP_WAIT_POLICY", "PYTHONPATH"}
	env = slices.DeleteFunc(slices.Clone(env), func(e string) bool {
		name, _, _ := strings.Cut(e, "=")
		return slices.Contains(unset, name)
	})
	n := strconv.Itoa(threads)
	return append(env,
		"OMP_NUM_THREADS="+n, "MKL_NUM_THREADS="+n, "OPENBLAS_NUM_THREADS="+n,
		"MALLOC_MMAP_THRESHOLD_=4294967296", "MALLOC_TRIM_THRESHOLD_=17179869184", "MALLOC_TOP_PAD_=268435456",
		"PYTHONDONTWRITEBYTECODE=1")
}

// Prepared says which way of doing a piece of work was the fastest, and the seconds of each.
type Prepared struct {
	Way   string             `json:"way"`
	Tried map[string]float64 `json:"tried"`
}

// Prepare warms up a piece of work and forgets the one before.
func (p *Peer) Prepare(name string) (Prepared, error) {
	var a Prepared
	err := p.ask(&a, "prepare", name)
	return a, err
}

// Run does the prepared work repeats times and gives the seconds for all of them.
func (p *Peer) Run(name string, repeats int) (float64, error) {
	var a struct{ Seconds float64 }
	err := p.ask(&a, "run", name, strconv.Itoa(repeats))
	return a.Seconds, err
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
