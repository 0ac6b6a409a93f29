package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// slow is the time from which on one run is enough to warm up, and one to time.
const slow = 2 * time.Second

// A way is one manner of doing a piece of work.
type way struct {
	name string
	load func() (*model, error)
}

// A server speaks the lines of peer_lines.py.
type server struct {
	out   io.Writer
	ways  map[string][]way // by piece of work
	ready *model
}

// serve says what it is, then answers commands until the end of input.
func (s *server) serve(in io.Reader, peer string) error {
	if err := s.answer(map[string]any{"peer": peer}); err != nil {
		return err
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		words := strings.Split(lines.Text(), "\t")
		if words[0] == "quit" {
			return nil
		}
		a, err := s.do(words)
		if err != nil {
			a = map[string]any{"error": err.Error()}
		}
		if err := s.answer(a); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (s *server) answer(a any) error { return json.NewEncoder(s.out).Encode(a) }

func (s *server) do(words []string) (any, error) {
	switch {
	case words[0] == "prepare" && len(words) > 1:
		return s.prepare(words[1], words[2:])
	case words[0] == "run" && len(words) == 3 && s.ready != nil:
		repeats, err := strconv.Atoi(words[2])
		if err != nil {
			return nil, err
		}
		begin := time.Now()
		for range repeats {
			if err := s.ready.run(); err != nil {
				return nil, err
			}
		}
		return map[string]any{"seconds": time.Since(begin).Seconds()}, nil
	case words[0] == "output" && len(words) == 3 && s.ready != nil:
		return struct{}{}, s.write(words[2])
	case words[0] == "peak":
		return map[string]any{"bytes": peakBytes()}, nil
	}
	return nil, fmt.Errorf("gopeer: got %q, want prepare, then run or output", words)
}

// prepare tries the ways that are named, or all, and keeps the fastest.
func (s *server) prepare(name string, chosen []string) (any, error) {
	tried, failed := map[string]float64{}, map[string]string{}
	best, lastErr := "", errors.New("gopeer: no such work or way")
	s.ready = nil
	for _, w := range s.ways[name] {
		if len(chosen) > 0 && !slices.Contains(chosen, w.name) {
			continue
		}
		m, err := w.load()
		if err == nil {
			tried[w.name], err = seconds(m)
		}
		if err != nil {
			failed[w.name], lastErr = err.Error(), err
			delete(tried, w.name)
			continue
		}
		if best == "" || tried[w.name] < tried[best] {
			best, s.ready = w.name, m
		}
	}
	if best == "" {
		return nil, lastErr
	}
	return map[string]any{"way": best, "tried": tried, "failed": failed}, nil
}

// seconds is the median of some runs, warmed up.
func seconds(m *model) (float64, error) {
	once := func() (time.Duration, error) {
		begin := time.Now()
		err := m.run()
		return time.Since(begin), err
	}
	first, err := once()
	least := 3
	if err == nil && first > slow {
		least = 1
	} else if err == nil {
		_, err = once()
	}
	var times []time.Duration
	for begin := time.Now(); err == nil && (len(times) < least || len(times) < 30 && time.Since(begin) < time.Second/2); {
		var t time.Duration
		t, err = once()
		times = append(times, t)
	}
	if err != nil {
		return 0, err
	}
	slices.Sort(times)
	return times[len(times)/2].Seconds(), nil
}

// write does the work once and stores its result, little-endian.
func (s *server) write(path string) error {
	if err := s.ready.run(); err != nil {
		return err
	}
	raw, err := binary.Append(nil, binary.LittleEndian, s.ready.y)
	if err != nil {
		return err
	}
	return os.WriteFile(path, raw, 0o600)
}

// peakBytes is the largest resident size so far, 0 where the system doesn't say.
func peakBytes() int64 {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(raw), "VmHWM:")
	var kib int64
	_, _ = fmt.Sscan(rest, &kib)
	return kib << 10
}
