package bench

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"
)

// A Result is one line of a comparison. Ours and Peer are rates, and Ratio is ours over the peer's; or latencies, and Ratio is the peer's over ours.
type Result struct {
	Name        string             `json:"name"`
	Threads     int                `json:"threads"`
	Ours        float64            `json:"ours"`
	Peer        float64            `json:"peer"`
	Unit        string             `json:"unit"`
	Ratio       float64            `json:"ratio"`
	OursSeconds float64            `json:"ours_seconds"`
	PeerSeconds float64            `json:"peer_seconds,omitempty"`
	PeerName    string             `json:"peer_name,omitempty"`          // which peer, where there may be several
	Difference  float64            `json:"max_abs_difference,omitempty"` // between both results, where they are compared
	Way         string             `json:"way,omitempty"`                // how the peer did it, where it had a choice
	Tried       map[string]float64 `json:"tried,omitempty"`              // seconds of each of the peer's ways
}

// A Report is what a bench found.
type Report struct {
	Results  []Result `json:"results"`
	MinRatio float64  `json:"min_ratio"` // of Results with a peer, 0 if there is none
	Peer     string   `json:"peer"`
	Machine  Machine  `json:"machine"`

	Base      string             `json:"base,omitempty"`   // folder of the model that was read
	Beside    []Result           `json:"beside,omitempty"` // comparisons for information, left out of MinRatio
	Costs     map[string]float64 `json:"costs,omitempty"`  // shares, such as the cost of the graph over direct calls
	Memory    map[string]int64   `json:"memory,omitempty"` // bytes
	Allocated map[string]float64 `json:"bytes_per_call,omitempty"`
	Startup   []Startup          `json:"startup,omitempty"`
}

// add appends results and keeps MinRatio.
func (r *Report) add(results ...Result) {
	r.Results = append(r.Results, results...)
	low := math.Inf(1)
	for _, x := range r.Results {
		if x.Ratio > 0 {
			low = min(low, x.Ratio)
		}
	}
	if r.MinRatio = low; math.IsInf(low, 1) {
		r.MinRatio = 0
	}
}

// how says which peer did the work, where there may be several, and in which way.
func (r Result) how() string {
	if r.PeerName == "" {
		return r.Way
	}
	return r.PeerName + ": " + r.Way
}

// figure writes a rate or, with more places, a latency for people.
func (r Result) figure(v float64) string {
	if r.Unit == "ms" {
		return fmt.Sprintf("%.3f", v)
	}
	return fmt.Sprintf("%.1f", v)
}

// line writes one result for people as soon as it is known.
func line(w io.Writer, r Result) {
	if r.Ratio == 0 {
		fmt.Fprintf(w, "%-34s %d threads  %9s %s\n", r.Name, r.Threads, r.figure(r.Ours), r.Unit)
		return
	}
	fmt.Fprintf(w, "%-34s %d threads  ours %9s  peer %9s %s  ratio %.3f  %s\n", r.Name, r.Threads, r.figure(r.Ours), r.figure(r.Peer), r.Unit, r.Ratio, r.how())
}

// WriteTable writes the report for people.
func (r Report) WriteTable(w io.Writer) error {
	fmt.Fprintf(w, "%s\n%s\n\n", r.Machine, r.Peer)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "work\tthreads\tours\tpeer\tunit\tratio\tpeer's way\n")
	for _, x := range append(r.Results[:len(r.Results):len(r.Results)], r.Beside...) {
		peer, ratio := "-", "-"
		if x.Ratio > 0 {
			peer, ratio = x.figure(x.Peer), fmt.Sprintf("%.3f", x.Ratio)
		}
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t%s\t%s\n", x.Name, x.Threads, x.figure(x.Ours), peer, x.Unit, ratio, x.how())
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if r.MinRatio > 0 {
		fmt.Fprintf(w, "\nlowest ratio %.3f\n", r.MinRatio)
	}
	for _, k := range sorted(r.Costs) {
		fmt.Fprintf(w, "%s: %+.2f %%\n", k, 100*r.Costs[k])
	}
	for _, k := range sorted(r.Allocated) {
		fmt.Fprintf(w, "bytes allocated a call, %s: %.0f\n", k, r.Allocated[k])
	}
	for _, k := range sorted(r.Memory) {
		fmt.Fprintf(w, "peak memory, %s: %.0f MiB\n", k, mib(r.Memory[k]))
	}
	for _, s := range r.Startup {
		fmt.Fprintf(w, "from start to the first vector, %d threads, %s: %.3f s, %.0f MiB\n", s.Threads, s.Name, s.Seconds, mib(s.Bytes))
	}
	return nil
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }
