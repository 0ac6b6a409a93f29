package main

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// fake stands for fm: it writes a run's metrics where it pretrains, and gives a seed's accuracy where it adapts.
const fake = `#!/bin/sh
out= seed= data= eval= verb=$1
while [ $# -gt 0 ]; do
  case $1 in --out) out=$2;; --seed) seed=$2;; --data) data=$2;; --eval) eval=$2;; esac
  shift
done
if [ $verb = pretrain ]; then
  mkdir -p $out
  echo '{"step":1,"eval":{"loss":3}}' > $out/metrics.jsonl
  echo '{"step":2,"eval":{"loss":2.5,"anisotropy":0.25,"rank":12}}' >> $out/metrics.jsonl
  echo '{"flops":6e14}'
else
  case $data$eval in /in/a.csv/in/b.csv|/in/c.csv) ;; *) echo "data $data eval $eval" >&2; exit 1;; esac
  echo a line before
  echo "{\"metrics\":{\"accuracy\":0.$seed,\"n\":1000}}"
fi
`

func TestRowAndTable(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	t.Setenv("TEXTS", "/in")
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	r := row{
		FM: write("fm", fake, 0o755), Recipe: write("masked.json", "{}", 0o644), Data: dir, FLOPs: 6e14, Seeds: 3, Out: filepath.Join(dir, "results"),
		Tasks: write("tasks.json", `[{"name":"intents","task":"classify","data":"$TEXTS/a.csv","eval":"$TEXTS/b.csv","shots":10,"tuned":["--lr","1e-3"]},
			{"name":"others","task":"classify","data":"$TEXTS/c.csv","frozen":["--held-back","0.1"]}]`, 0o644),
	}
	if err := r.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := printTable(&out, r.Out); err != nil {
		t.Fatal(err)
	}
	want := "| masked | 6.0e+14 | 2.500 | 0.25 | 12 | 12.0 ± 2.3 | 12.0 ± 2.3 |"
	if !strings.Contains(out.String(), want) || !strings.Contains(out.String(), "| intents tuned | others frozen |") {
		t.Errorf("got\n%s\nwant the row %s", out.String(), want)
	}
	r.FM = write("broken", "#!/bin/sh\necho why >&2; exit 1\n", 0o755)
	if err := r.run(t.Context()); err == nil || !strings.Contains(err.Error(), "why") {
		t.Errorf("fm that fails: got %v, want its reason", err)
	}
}

func TestInterval(t *testing.T) {
	mean, half := score{Values: []float64{0.6, 0.7, 0.8}, Items: 100}.interval()
	want := 1.96 * math.Sqrt(0.01/3+0.7*0.3/100)
	if math.Abs(mean-0.7) > 1e-12 || math.Abs(half-want) > 1e-12 {
		t.Errorf("got %g ± %g, want 0.7 ± %g", mean, half, want)
	}
}
