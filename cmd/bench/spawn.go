package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// A spawned is what one process did from its start to its end.
type spawned struct {
	name    string
	vector  []float32
	seconds float64 // to its first line
	bytes   int64   // largest resident size, 0: not known
}

// spawn runs cmd on one line of input. Linux counts the memory of the process that starts another as the other's, so the figure says nothing
// unless it is larger than ours: start processes while this one is small.
func spawn(cmd *exec.Cmd, threads int) (spawned, error) {
	var stderr bytes.Buffer
	cmd.Env, cmd.Stdin, cmd.Stderr = threadsEnv(os.Environ(), threads), strings.NewReader(sentence+"\n"), &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return spawned{}, err
	}
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return spawned{}, err
	}
	lines := bufio.NewReader(out)
	first, err := lines.ReadBytes('\n')
	r := spawned{seconds: time.Since(begin).Seconds()}
	rest, restErr := io.ReadAll(lines)
	waitErr := cmd.Wait()
	if err := errors.Join(err, restErr, waitErr); err != nil {
		return r, fmt.Errorf("%w: %s", err, lastLine(stderr.String()))
	}
	if r.vector, r.name, err = vectorAndName(json.NewDecoder(io.MultiReader(bytes.NewReader(first), bytes.NewReader(rest)))); err != nil {
		return r, fmt.Errorf("it said %.100q: %w", first, err)
	}
	if r.bytes = peakOf(cmd.ProcessState); r.bytes <= PeakBytes() {
		r.bytes = 0
	}
	return r, nil
}
