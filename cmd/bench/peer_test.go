package bench

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary stand in for the interpreter of a peer.
func TestMain(m *testing.M) {
	switch os.Getenv("FMKIT_FAKE_PEER") {
	case "good":
		fakePeer()
		return
	case "reader", "other reader":
		shift := float32(0)
		if os.Getenv("FMKIT_FAKE_PEER") == "other reader" {
			shift = 0.01
		}
		if err := fakeReader(os.Args[1:], shift); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	case "dead":
		fmt.Fprintln(os.Stderr, "Traceback\nModuleNotFoundError: no module named 'torch'")
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// fakePeer speaks the protocol: every repeat takes 2 ms by its own account.
func fakePeer() {
	fmt.Println(`{"peer":"Fake 1.0","threads":"` + os.Getenv("OMP_NUM_THREADS") + `","openblas":"` + os.Getenv("OPENBLAS_CORETYPE") + `"}`)
	for s := bufio.NewScanner(os.Stdin); s.Scan(); {
		switch words := strings.Split(s.Text(), "\t"); words[0] {
		case "prepare":
			if words[1] == "unknown" {
				fmt.Println(`{"error":"KeyError: unknown"}`)
				continue
			}
			fmt.Println(`{"way":"quick","tried":{"quick":0.002,"slow":0.01}}`)
		case "run":
			var n int
			fmt.Sscan(words[2], &n)
			fmt.Printf("{\"seconds\":%g}\n", 0.002*float64(n))
		case "each": // item i takes i ms
			var from, to int
			fmt.Sscan(words[2]+" "+words[3], &from, &to)
			taken := []float64{}
			for i := from; i < to; i++ {
				taken = append(taken, float64(i)/1e3)
			}
			raw, _ := json.Marshal(map[string]any{"seconds": taken})
			fmt.Println(string(raw))
		case "output": // of an item its number
			var i int
			fmt.Sscan(words[3], &i)
			raw, _ := binary.Append(nil, binary.LittleEndian, float32(i))
			if err := os.WriteFile(words[2], raw, 0o600); err != nil {
				return
			}
			fmt.Println(`{}`)
		case "peak":
			fmt.Println(`{"bytes":1048576}`)
		case "quit":
			return
		}
	}
}

func startFake(t *testing.T, kind string) (*Peer, error) {
	t.Helper()
	t.Setenv("FMKIT_FAKE_PEER", kind)
	t.Setenv("FMKIT_PYTHON", os.Args[0])
	t.Setenv("OPENBLAS_CORETYPE", "Haswell")
	p, err := StartPeer(t.Context(), "peer_gemm.py", 3, "torch", "3")
	if err == nil {
		t.Cleanup(p.Close)
	}
	return p, err
}

func TestPeer(t *testing.T) {
	p, err := startFake(t, "good")
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "Fake 1.0" || p.Hello["threads"] != "3" || p.Hello["openblas"] != "" {
		t.Errorf("hello = %v, want 3 threads and no pinned kernel", p.Hello)
	}
	if s, err := p.Run("work", 5); err != nil || s != 0.01 {
		t.Errorf("run = %v, %v, want 0.01", s, err)
	}
	if n, err := p.PeakBytes(); err != nil || n != 1<<20 {
		t.Errorf("peak = %v, %v", n, err)
	}
	if _, err := p.Prepare("unknown"); err == nil || !strings.Contains(err.Error(), "KeyError") {
		t.Errorf("unknown work: %v, want the peer's own error", err)
	}
	if s, err := p.Run("work", 1); err != nil || s != 0.002 {
		t.Errorf("after an error: %v, %v", s, err)
	}
}

func TestPeerThatCannotRun(t *testing.T) {
	_, err := startFake(t, "dead")
	if !errors.Is(err, ErrNoPeer) || !strings.Contains(err.Error(), "no module named 'torch'") {
		t.Errorf("got %v, want ErrNoPeer with the child's last line", err)
	}
	t.Setenv("FMKIT_PYTHON", "/nonexistent/python")
	if _, err := StartPeer(t.Context(), "peer_gemm.py", 1); !errors.Is(err, ErrNoPeer) {
		t.Errorf("got %v, want ErrNoPeer", err)
	}
}

func TestFight(t *testing.T) {
	p, err := startFake(t, "good")
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	d := Duel{
		Name: "sleep", Threads: 1, Unit: "naps/s", Amount: 1, Peer: p, Work: "work", Pairs: 7,
		Ours: func() error { calls++; time.Sleep(8 * time.Millisecond); return nil },
	}
	r, err := d.Fight(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if calls < 4+7*5 {
		t.Errorf("ours ran %d times, want pieces of at least %g s in 7 pairs", calls, pieceSeconds)
	}
	if r.Peer < 499 || r.Peer > 501 || r.Way != "quick" {
		t.Errorf("peer did %v by %q, want 500 by its quick way", r.Peer, r.Way)
	}
	if r.Ours > 125 || r.Ratio != r.Ours/r.Peer {
		t.Errorf("ours %v, ratio %v: want at most 125 naps/s, and the ratio of the rates", r.Ours, r.Ratio)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Fight(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("after cancel: %v", err)
	}
}

func TestPeerEnv(t *testing.T) {
	got := peerEnv([]string{"HOME=/h", "OPENBLAS_L2_SIZE=1", "OMP_NUM_THREADS=64"}, 2)
	if !slices.Contains(got, "OMP_NUM_THREADS=2") || slices.Contains(got, "OMP_NUM_THREADS=64") || slices.Contains(got, "OPENBLAS_L2_SIZE=1") || !slices.Contains(got, "HOME=/h") {
		t.Errorf("environment %q", got)
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		x    []float64
		want float64
	}{{[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 3, 2}, 2.5}} {
		if got := median(c.x); got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.x, got, c.want)
		}
	}
}
