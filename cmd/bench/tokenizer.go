package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// maxText bounds the text that is encoded in one piece of work, in bytes.
const maxText = 4 << 20

// TokenizerOptions say what to encode and with what.
type TokenizerOptions struct {
	Options
	Tokenizer string   // tokenizer.json
	Data      []string // text files and folders
}

// Tokenizer times encoding without special tokens on one thread, in MB/s of text, against Hugging Face's tokenizers. Our ids must be as many as
// the peer's.
func Tokenizer(ctx context.Context, o TokenizerOptions) (Report, error) {
	o.Options = o.filled()
	r := Report{Machine: ThisMachine()}
	tok, err := tokenizer.Load(o.Tokenizer)
	if err != nil {
		return r, err
	}
	lines, size, err := someLines(o.Data)
	if err != nil {
		return r, err
	}
	var ids []int32
	count := 0
	d := Duel{
		Name: "encode " + filepath.Base(filepath.Dir(o.Tokenizer)), Threads: 1, Unit: "MB/s", Amount: float64(size) / 1e6, Pairs: o.Pairs,
		Ours: func() error {
			count = 0
			for _, l := range lines {
				ids = tok.AppendIDs(ids[:0], l)
				count += len(ids)
			}
			return nil
		},
	}
	if o.Peer == "" {
		x, err := d.Fight(ctx)
		r.add(x)
		return r, err
	}
	dir, err := os.MkdirTemp("", "fm-bench-")
	if err != nil {
		return r, fmt.Errorf("bench: %w", err)
	}
	defer os.RemoveAll(dir)
	text := filepath.Join(dir, "lines.txt")
	if err := os.WriteFile(text, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		return r, fmt.Errorf("bench: %w", err)
	}
	if d.Peer, err = StartPeer(ctx, "peer_tokenizer.py", 1, o.Tokenizer, text); err != nil {
		return r, err
	}
	defer d.Peer.Close()
	r.Peer, d.Work = d.Peer.Name, "encode"
	x, err := d.Fight(ctx)
	if err != nil {
		return r, err
	}
	if want, ok := d.Peer.Hello["ids"].(float64); ok && int(want) != count {
		return r, fmt.Errorf("bench: got %d ids, the peer %d", count, int(want))
	}
	r.add(x)
	line(o.Log, x)
	return r, nil
}

// someLines reads lines up to maxText bytes.
func someLines(paths []string) (lines []string, size int, err error) {
	for l, err := range data.Lines(paths...) {
		if err != nil {
			return nil, 0, err
		}
		if bytes.ContainsRune([]byte(l), '\r') {
			continue // the peer reads the file its own way
		}
		lines = append(lines, l)
		if size += len(l) + 1; size > maxText {
			return lines, size, nil
		}
	}
	if len(lines) == 0 {
		return nil, 0, errors.New("bench: no lines")
	}
	return lines, size, nil
}
