package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// start starts fm serve with so many adapters and gives what asks them all in turn.
func (o *ServeOptions) start(ctx context.Context, dir string, threads, adapters int) (*target, error) {
	args := []string{"serve", "--json", "--addr", "127.0.0.1:0", "--base", o.Base}
	for i := range adapters {
		args = append(args, "--adapter", fmt.Sprintf("a%d=%s", i, folderOf(dir, i)))
	}
	var hello struct{ Addr string }
	pid, err := spawnServer(exec.CommandContext(ctx, o.Program, args...), threadsEnv(os.Environ(), threads), &hello)
	if err != nil {
		return nil, fmt.Errorf("bench: fm serve: %w", err)
	}
	texts := questions()
	bodies := make([][]byte, max(len(texts), adapters))
	for i := range bodies {
		bodies[i], _ = json.Marshal(map[string]string{"model": fmt.Sprintf("a%d", i%adapters), "input": texts[i%len(texts)]})
	}
	return newTarget("http://"+hello.Addr+"/v1/embeddings", pid, o.Clients, bodies), nil
}

// peer starts the peer and gives its ways.
func (o *ServeOptions) peer(ctx context.Context, dir string, threads int) (map[string]*target, string, error) {
	scripts, err := unpack()
	if err != nil {
		return nil, "", err
	}
	defer os.RemoveAll(scripts)
	var hello struct {
		Peer string
		Port int
		Ways []string
	}
	cmd := python(ctx, scripts, "peer_serve.py", "--base", o.Base, "--adapter", filepath.Join(dir, "peft"))
	pid, err := spawnServer(cmd, peerEnv(os.Environ(), threads), &hello)
	if err != nil {
		return nil, "", noPython("peer_serve.py", err)
	}
	var bodies [][]byte
	for _, t := range questions() {
		raw, _ := json.Marshal(map[string]string{"input": t})
		bodies = append(bodies, raw)
	}
	ways := map[string]*target{}
	for _, w := range hello.Ways {
		ways[w] = newTarget(fmt.Sprintf("http://127.0.0.1:%d/%s", hello.Port, w), pid, o.Clients, bodies)
	}
	return ways, hello.Peer, nil
}

// spawnServer starts a server and reads its first line. It ends with the context of cmd.
func spawnServer(cmd *exec.Cmd, env []string, hello any) (pid int, err error) {
	cmd.Env = env
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	lines := bufio.NewReader(out)
	first, err := lines.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(first, hello)
	}
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return 0, fmt.Errorf("it said %.100q: %w: %s", first, err, lastLine(stderr.String()))
	}
	go func() {
		_, _ = io.Copy(io.Discard, lines)
		_ = cmd.Wait()
	}()
	return cmd.Process.Pid, nil
}

// near holds that both servers give a text the same vector, but for rounding.
func near(ctx context.Context, ours, peer *target) error {
	for i := range 8 {
		var v [2][]float32
		for k, t := range []*target{ours, peer} {
			raw, err := t.ask(ctx, i)
			if err != nil {
				return err
			}
			var a struct {
				Data []struct{ Embedding []float32 }
			}
			if err := json.Unmarshal(raw, &a); err != nil || len(a.Data) != 1 {
				return fmt.Errorf("got %.100s: %w", raw, err)
			}
			v[k] = a.Data[0].Embedding
		}
		d, err := difference(v[0], v[1])
		if err != nil {
			return err
		}
		if d > 1e-3 {
			return fmt.Errorf("text %d: the vectors differ by %g", i, d)
		}
	}
	return nil
}
