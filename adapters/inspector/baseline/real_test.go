package baseline

import (
	"bufio"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"testing"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/data/datatest"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/vision/picture"
)

// full says whether the tests take all of the data: minutes instead of seconds.
func full() bool { return os.Getenv("FMKIT_FULL") == "1" }

func readGray(t *testing.T, path string) *image.Gray {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := picture.Decode(raw, picture.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return inspector.Gray(m)
}

func readFolder(t *testing.T, dir string, every int) (all []*image.Gray) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.jpg"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %d pictures, %v", dir, len(names), err)
	}
	for i := 0; i < len(names); i += every {
		all = append(all, readGray(t, names[i]))
	}
	return all
}

// TestTextile: from 200 good pictures image_AUROC comes to 1.000 for local defects and 0.9996 for global ones where every third good picture is held back. With
// the other two of such cuts and two random ones global defects come to 0.997, 0.996, 0.994 and 0.996.
func TestTextile(t *testing.T) {
	if testing.Short() {
		t.Skip("a real data set takes long")
	}
	root := datatest.Path(t, "vis-textile")
	every := 5
	if full() {
		every = 1
	}
	var train, held []*image.Gray
	for i, m := range readFolder(t, filepath.Join(root, "nominal"), 1) {
		switch {
		case i%(3*every) == 0:
			held = append(held, m)
		case i%3 > 0 && i/3%every == 0:
			train = append(train, m)
		}
	}
	p, err := FitPCA(train, Options{})
	if err != nil {
		t.Fatal(err)
	}
	score := func(pictures []*image.Gray) (s []float64) {
		for _, m := range pictures {
			v, _, err := p.Score(m)
			if err != nil {
				t.Fatal(err)
			}
			s = append(s, v)
		}
		return s
	}
	good := score(held)
	for kind, want := range map[string]float64{"local": 0.999, "global": 0.99} {
		bad := score(readFolder(t, filepath.Join(root, kind), every))
		truth := make([]bool, len(good)+len(bad))
		for i := range bad {
			truth[len(good)+i] = true
		}
		auc, err := metrics.ROCAUC(truth, append(append([]float64(nil), good...), bad...))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s, %d good pictures to learn from: image_AUROC %.4f on %d good and %d defective", kind, len(train), auc, len(good), len(bad))
		if auc < want-0.00005 {
			t.Errorf("%s: image_AUROC %.4f, want at least %.4f", kind, auc, want)
		}
	}
}

// TestDeepPCB: with the template, at half a false box a picture, 99.7 % of the defects are found from an IoU of 0.33 on. An edge-tolerant difference of pictures that are only moved was
// published with the data at 96.0 %, with one false box, and at 94.2 % from an IoU of 0.5 on.
func TestDeepPCB(t *testing.T) {
	if testing.Short() {
		t.Skip("a real data set takes long")
	}
	root := datatest.Path(t, "vis-deeppcb")
	names := readLines(t, filepath.Join(root, "index.txt"))
	every := 8
	if full() {
		every = 1
	}
	var truth []metrics.TrueBox
	var found []metrics.FoundBox
	images := 0
	for k := 0; k < len(names); k += every {
		test, template := readGray(t, filepath.Join(root, names[k]+"_test.jpg")), readGray(t, filepath.Join(root, names[k]+"_temp.jpg"))
		a, err := inspector.DefaultTemplate().Inspect(test, template)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range a.Boxes {
			found = append(found, metrics.FoundBox{Image: images, Box: b.Box, Score: b.Score})
		}
		for _, line := range readLines(t, filepath.Join(root, names[k]+".txt")) {
			var b metrics.Box
			var kind int
			if _, err := fmt.Sscan(line, &b.XMin, &b.YMin, &b.XMax, &b.YMax, &kind); err != nil {
				t.Fatalf("%s: %q: %v", names[k], line, err)
			}
			truth = append(truth, metrics.TrueBox{Image: images, Box: b})
		}
		images++
	}
	for iou, want := range map[float64]float64{0.33: 0.99, 0.5: 0.975} {
		r, err := metrics.RecallAtFalseBoxes(truth, found, images, 0.5, iou)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("IoU %g: recall %.4f of %d boxes at %.3f false boxes on each of %d images, threshold %.2f", iou, r.Recall, len(truth), r.FalsePerImage, images, r.Threshold)
		if r.Recall < want {
			t.Errorf("IoU %g: recall %.4f, want at least %.3f", iou, r.Recall, want)
		}
	}
}

func readLines(t *testing.T, path string) (lines []string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	for s.Scan() {
		lines = append(lines, s.Text())
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}
