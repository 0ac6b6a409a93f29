package serve

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fmkit/fmkit/text"
)

// metrics counts for Prometheus. A handful of counters in its text form is less than its client library.
type metrics struct {
	mu       sync.Mutex
	requests map[series]uint64
	latency  map[string]*histogram // by task, seconds
	rows     histogram             // of a batch
	tokens   histogram             // of a batch
	panics   uint64
}

// series are the labels of a counter of requests. Adapter is empty where none of that name is loaded, so that strangers can't fill the memory with names.
type series struct {
	task, adapter string
	code          int
}

// A histogram counts values up to each bound, and all of them.
type histogram struct {
	bounds []float64
	counts []uint64
	n      uint64
	sum    float64
}

func newHistogram(bounds ...float64) histogram {
	return histogram{bounds: bounds, counts: make([]uint64, len(bounds))}
}

func (h *histogram) add(v float64) {
	h.n++
	h.sum += v
	if i, _ := slices.BinarySearch(h.bounds, v); i < len(h.bounds) {
		h.counts[i]++
	}
}

func newMetrics() *metrics {
	return &metrics{
		requests: map[series]uint64{}, latency: map[string]*histogram{},
		rows: newHistogram(1, 2, 4, 8, 16, 32, 64, 128, 256, 512), tokens: newHistogram(16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384),
	}
}

// request counts an answer.
func (m *metrics) request(task, adapter string, code int, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests[series{task, adapter, code}]++
	h := m.latency[task]
	if h == nil {
		fresh := newHistogram(.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30)
		h = &fresh
		m.latency[task] = h
	}
	h.add(took.Seconds())
}

// batch counts rows that are read together.
func (m *metrics) batch(rows []text.Row) {
	n := 0
	for _, r := range rows {
		n += len(r.IDs)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rows.add(float64(len(rows)))
	m.tokens.add(float64(n))
}

// panicked counts a panic.
func (m *metrics) panicked() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.panics++
}

// write writes everything in Prometheus' text format, version 0.0.4, with the gauges given.
func (m *metrics) write(w io.Writer, depth, adapters int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var b strings.Builder
	head := func(name, kind, help string) { fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind) }
	head("fmkit_requests_total", "counter", "Answers, by task, adapter and status.")
	order := func(x, y series) int {
		return cmp.Or(cmp.Compare(x.task, y.task), cmp.Compare(x.adapter, y.adapter), cmp.Compare(x.code, y.code))
	}
	for _, s := range slices.SortedFunc(maps.Keys(m.requests), order) {
		fmt.Fprintf(&b, "fmkit_requests_total{task=%q,adapter=%q,code=\"%d\"} %d\n", s.task, s.adapter, s.code, m.requests[s])
	}
	head("fmkit_request_seconds", "histogram", "From a request to its answer, by task.")
	for _, task := range slices.Sorted(maps.Keys(m.latency)) {
		m.latency[task].write(&b, "fmkit_request_seconds", fmt.Sprintf("task=%q,", task))
	}
	head("fmkit_batch_rows", "histogram", "Rows that were read together.")
	m.rows.write(&b, "fmkit_batch_rows", "")
	head("fmkit_batch_tokens", "histogram", "Tokens that were read together.")
	m.tokens.write(&b, "fmkit_batch_tokens", "")
	head("fmkit_queue_depth", "gauge", "Requests that wait or are computed.")
	fmt.Fprintf(&b, "fmkit_queue_depth %d\n", depth)
	head("fmkit_adapters", "gauge", "Adapters that are loaded.")
	fmt.Fprintf(&b, "fmkit_adapters %d\n", adapters)
	head("fmkit_panics_total", "counter", "Panics that became errors.")
	fmt.Fprintf(&b, "fmkit_panics_total %d\n", m.panics)
	_, err := io.WriteString(w, b.String())
	return err
}

// write writes the lines of a histogram, whose labels end in a comma.
func (h *histogram) write(w io.Writer, name, labels string) {
	var sum uint64
	for i, c := range h.counts {
		sum += c
		fmt.Fprintf(w, "%s_bucket{%sle=\"%g\"} %d\n", name, labels, h.bounds[i], sum)
	}
	fmt.Fprintf(w, "%s_bucket{%sle=\"+Inf\"} %d\n", name, labels, h.n)
	if labels = strings.TrimSuffix(labels, ","); labels != "" {
		labels = "{" + labels + "}"
	}
	fmt.Fprintf(w, "%s_sum%s %g\n%s_count%s %d\n", name, labels, h.sum, name, labels, h.n)
}
