package serve_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/serve"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/random"
)

// A version is one of the adapters that bear a name in turn.
type version struct {
	dir     string
	digest  string
	answers []string // to each sentence, alone
}

// versions makes n names with two adapters each, on one frozen base.
func versions(t testing.TB, n, sentences int) (*serve.Server, [][2]version) {
	t.Helper()
	base := toyText(t)
	s := newServer(t, serve.Config{}, base)
	all := make([][2]version, n)
	methods := []string{adapter.Head, adapter.LoRA, adapter.Head, adapter.LoRA, adapter.Full}
	for i := range all {
		for v := range 2 {
			at := &all[i][v]
			at.dir = filepath.Join(t.TempDir(), "adapter")
			at.digest = saveClassifier(t, at.dir, base, methods[(i+v)%len(methods)], fmt.Sprintf("n%d.%d", i, v), uint64(100*i+v)).Digest
			p, err := classifier.Load(at.dir, base)
			if err != nil {
				t.Fatal(err)
			}
			for k := range sentences {
				a, err := p.PredictJSON(t.Context(), []byte(jsonOf(t, map[string]string{"text": sentence(k)})))
				if err != nil {
					t.Fatal(err)
				}
				at.answers = append(at.answers, jsonOf(t, a))
			}
		}
		if _, err := s.Load(t.Context(), name(i), all[i][0].dir); err != nil {
			t.Fatal(err)
		}
	}
	return s, all
}

func name(i int) string { return fmt.Sprintf("adapter-%d", i) }

// TestChurn asks 8 adapters from many goroutines while each is replaced by another, or unloaded and loaded again, every 10 to 30 ms. Every answer must be, byte for byte, the
// one that the adapter of that name whose digest stands in its header gives alone; nothing may be answered by another, by the base, or with a status beyond 200 and 404.
func TestChurn(t *testing.T) {
	const sentences, clients = 40, 16
	requests := 6000
	if os.Getenv("FMKIT_FULL") != "" {
		requests = 200_000
	} else if testing.Short() {
		requests = 1500
	}
	s, all := versions(t, 8, sentences)
	web := httptest.NewServer(s)
	defer web.Close()
	web.Client().Transport.(*http.Transport).MaxIdleConnsPerHost = clients

	stop := make(chan struct{})
	var churn, work sync.WaitGroup
	var changes int
	churn.Go(func() {
		r := random.New(3)
		now := make([]int, len(all))
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Duration(10+r.IntN(21)) * time.Millisecond):
			}
			i := r.IntN(len(all))
			if r.IntN(3) == 0 {
				if err := s.Unload(name(i)); err != nil {
					t.Error(err)
				}
				time.Sleep(time.Duration(r.IntN(5)) * time.Millisecond)
			}
			now[i] = 1 - now[i]
			if _, err := s.Load(t.Context(), name(i), all[i][now[i]].dir); err != nil {
				t.Error(err)
			}
			changes++
		}
	})
	var next, answered, unknown, wrong atomic.Int64
	var seen [8][2]atomic.Int64
	for range clients {
		work.Go(func() {
			for k := next.Add(1); k <= int64(requests); k = next.Add(1) {
				draw := random.New(random.Mix(4, uint64(k)))
				i, text := draw.IntN(len(all)), draw.IntN(sentences)
				body := fmt.Sprintf(`{"adapter":%q,"text":%q}`, name(i), sentence(text))
				a, err := web.Client().Post(web.URL+"/api/v1/classify", "application/json", strings.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				got := drain(a.Body)
				switch a.StatusCode {
				case http.StatusNotFound:
					unknown.Add(1)
				case http.StatusOK:
					answered.Add(1)
					ok := false
					for v := range 2 {
						if at := &all[i][v]; at.digest == a.Header.Get("Fmkit-Adapter-Digest") && at.answers[text] == got {
							ok = true
							seen[i][v].Add(1)
						}
					}
					if !ok && wrong.Add(1) < 5 {
						t.Errorf("%s, digest %s: got %s", body, a.Header.Get("Fmkit-Adapter-Digest"), got)
					}
				default:
					t.Errorf("%s: got %d: %s", body, a.StatusCode, got)
				}
			}
		})
	}
	work.Wait()
	close(stop)
	churn.Wait()
	t.Logf("%d answers, %d unknown, %d wrong, %d changes", answered.Load(), unknown.Load(), wrong.Load(), changes)
	if answered.Load() < int64(requests)/2 {
		t.Errorf("only %d of %d were answered: the test proves little", answered.Load(), requests)
	}
	if m := do(s, "GET", "/metrics", "").Body.String(); !strings.Contains(m, "fmkit_panics_total 0\n") {
		t.Error("there were panics")
	}
}

// TestCompany holds answers of many requests at once to those alone, byte for byte: rows of different adapters and lengths in one batch, long requests in several.
func TestCompany(t *testing.T) {
	const sentences = 60
	base := toyText(t)
	s := newServer(t, serve.Config{Tokens: 200}, base)
	dir := t.TempDir()
	type question struct{ task, body, want string }
	var all []question
	ask := func(task string, in any) {
		all = append(all, question{task, jsonOf(t, in), post(t, s, task, in)})
	}
	for i, method := range []string{adapter.Head, adapter.LoRA, adapter.Full, adapter.LoRA} {
		for task, write := range map[string]func(dir string){
			"classify":  func(dir string) { saveClassifier(t, dir, base, method, "c", uint64(i)) },
			"qa":        func(dir string) { saveQA(t, dir, base, method, uint64(i)) },
			"summarize": func(dir string) { saveSummarizer(t, dir, base, method, uint64(i)) },
		} {
			n := fmt.Sprintf("%s-%d", task, i)
			at := filepath.Join(dir, n)
			write(at)
			if _, err := s.Load(t.Context(), n, at); err != nil {
				t.Fatal(err)
			}
			for k := range sentences / 6 {
				long := strings.Repeat(sentence(k)+". ", 1+k)
				switch task {
				case "qa":
					ask(task, map[string]string{"adapter": n, "question": sentence(k + 1), "context": long})
				default:
					ask(task, map[string]string{"adapter": n, "text": long})
				}
			}
			ask("embed", map[string]string{"adapter": n, "text": sentence(i)})
		}
	}
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	var wait sync.WaitGroup
	gate := make(chan struct{})
	for range rounds {
		for _, q := range all {
			wait.Go(func() {
				<-gate
				w := do(s, "POST", "/api/v1/"+q.task, q.body)
				if raw, _ := io.ReadAll(w.Body); w.Code != 200 || string(raw) != q.want {
					t.Errorf("%s %.80s: got %d %.80s, want %.80s", q.task, q.body, w.Code, raw, q.want)
				}
			})
		}
		close(gate)
		wait.Wait()
		gate = make(chan struct{})
	}
	m := do(s, "GET", "/metrics", "").Body.String()
	var batches, rows float64
	for line := range strings.Lines(m) {
		_, _ = fmt.Sscanf(line, "fmkit_batch_rows_sum %g", &rows)
		_, _ = fmt.Sscanf(line, "fmkit_batch_rows_count %g", &batches)
	}
	if rows < 1.5*batches {
		t.Errorf("%g rows in %g batches: nothing was read in company", rows, batches)
	}
}
