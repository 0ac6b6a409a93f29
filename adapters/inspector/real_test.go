package inspector_test

import (
	"context"
	"image"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/adapters/inspector/baseline"
	"github.com/fmkit/fmkit/shared/data/datatest"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/vision/picture"
)

const (
	weaveSide = 248 // of the 250 pixels
	patch     = 16
	step      = 8
	grid      = (weaveSide-patch)/step + 1
)

// byHand gives a patch's vector as products with rows [K, 256]: principal components as they are, and pairs of waves as amplitudes.
type byHand struct {
	components, waves []float32
	k, w              int
}

func newByHand(t *testing.T, train []*image.Gray, components, frequencies int) *byHand {
	f := &byHand{k: components}
	if components > 0 {
		p, err := baseline.FitPCA(train, baseline.Options{Components: components, Stride: step})
		if err != nil {
			t.Fatal(err)
		}
		f.components, _ = p.Basis()
	}
	for u := 0; u <= frequencies; u++ {
		for v := -frequencies; v <= frequencies; v++ {
			if frequencies == 0 || u == 0 && v <= 0 {
				continue
			}
			for phase := range 2 {
				for y := range patch {
					for x := range patch {
						window := math.Sin(math.Pi*(float64(y)+0.5)/patch) * math.Sin(math.Pi*(float64(x)+0.5)/patch)
						angle := 2*math.Pi*(float64(u*y)+float64(v*x))/patch + float64(phase)*math.Pi/2
						f.waves = append(f.waves, float32(window*math.Cos(angle)/8))
					}
				}
			}
			f.w++
		}
	}
	return f
}

func (f *byHand) Grid() (rows, cols int) { return grid, grid }
func (f *byHand) Width() int             { return f.k + f.w }
func (f *byHand) Patches(y, pixels []float32, n int) error {
	x := make([]float32, grid*grid*patch*patch)
	a, b := make([]float32, grid*grid*f.k), make([]float32, grid*grid*2*f.w)
	for p := range n {
		picture, out := pixels[p*weaveSide*weaveSide:], y[p*grid*grid*f.Width():]
		for i := range grid * grid {
			for j := range patch {
				at := (i/grid*step+j)*weaveSide + i%grid*step
				copy(x[(i*patch+j)*patch:][:patch], picture[at:])
			}
		}
		kernels.MatMulNT(a, x, f.components, grid*grid, f.k, patch*patch, false)
		kernels.MatMulNT(b, x, f.waves, grid*grid, 2*f.w, patch*patch, false)
		for i := range grid * grid {
			row := out[i*f.Width():]
			copy(row, a[i*f.k:(i+1)*f.k])
			for j := range f.w {
				re, im := float64(b[(i*f.w+j)*2]), float64(b[(i*f.w+j)*2+1])
				row[f.k+j] = float32(math.Sqrt(re*re + im*im))
			}
		}
	}
	return nil
}

// grays are pictures brought to mean 0 and standard deviation 1.
type grays []*image.Gray

func (g grays) Len() int { return len(g) }
func (g grays) Read(pixels []float32, i int) error {
	var sum, squares float64
	for y := range weaveSide {
		for x := range weaveSide {
			v := float64(g[i].Pix[y*g[i].Stride+x])
			pixels[y*weaveSide+x] = float32(v)
			sum += v
			squares += v * v
		}
	}
	n := float64(weaveSide * weaveSide)
	mean := sum / n
	sd := math.Sqrt(squares/n - mean*mean)
	for k, v := range pixels {
		pixels[k] = float32((float64(v) - mean) / sd)
	}
	return nil
}

func readGrays(t *testing.T, dir string) (all grays) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.jpg"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %d pictures, %v", dir, len(names), err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := picture.Decode(raw, picture.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, inspector.Gray(m))
	}
	return all
}

func every(g grays, n int) (some grays) {
	for i := 0; i < len(g); i += n {
		some = append(some, g[i])
	}
	return some
}

// TestTextile measures a memory bank on features by hand: 20 good pictures, or with FMKIT_FULL=1 200 too. Every third good picture is held back.
func TestTextile(t *testing.T) {
	root := datatest.Path(t, "vis-textile")
	var train, held grays
	for i, m := range readGrays(t, filepath.Join(root, "nominal")) {
		if i%3 == 0 {
			held = append(held, m)
		} else {
			train = append(train, m)
		}
	}
	bad := map[string]grays{"local": readGrays(t, filepath.Join(root, "local")), "global": readGrays(t, filepath.Join(root, "global"))}
	sets := []grays{every(train, 10)}
	if os.Getenv("FMKIT_FULL") == "1" {
		sets = append(sets, train)
	} else {
		held, bad["local"], bad["global"] = every(held, 3), every(bad["local"], 5), every(bad["global"], 5)
	}
	for _, pictures := range sets {
		for _, c := range []struct {
			name              string
			components, waves int
			side              int
			local, global     float64 // at least
		}{
			{"spectra", 0, 7, 1, 0.99, 0.85},
			{"spectra", 0, 7, 3, 0.98, 0.95},
			{"components", 11, 0, 1, 0.5, 0.2}, // a patch's place in the weave is most of what these say
			{"components and spectra", 11, 7, 1, 0.6, 0.3},
		} {
			if c.components > 0 && os.Getenv("FMKIT_FULL") != "1" {
				continue
			}
			s := inspector.Default(1, weaveSide, weaveSide)
			s.FalseAlarms, s.Coreset, s.Neighbourhood = 0.05, 0.02, c.side
			p, err := inspector.Fit(context.Background(), newByHand(t, pictures, c.components, c.waves), pictures, s)
			if err != nil {
				t.Fatal(err)
			}
			score := func(g grays) (scores []float64, share float64) {
				pixels := make([]float32, weaveSide*weaveSide)
				for i := range g {
					if err := g.Read(pixels, i); err != nil {
						t.Fatal(err)
					}
					v, err := p.Score(nil, pixels)
					if err != nil {
						t.Fatal(err)
					}
					scores = append(scores, float64(v))
					if v > p.Thresholds().Defect {
						share += 1 / float64(len(g))
					}
				}
				return scores, share
			}
			good, alarms := score(held)
			for kind, want := range map[string]float64{"local": c.local, "global": c.global} {
				scores, recall := score(bad[kind])
				truth := append(make([]bool, len(good)), make([]bool, len(scores))...)
				for i := range scores {
					truth[len(good)+i] = true
				}
				auc, err := metrics.ROCAUC(truth, append(append([]float64(nil), good...), scores...))
				if err != nil {
					t.Fatal(err)
				}
				t.Logf("%d good pictures, %s, mean of %dx%d, bank of %d: %s image_AUROC %.4f, recall %.3f at %.3f false alarms (%.2f asked)",
					len(pictures), c.name, c.side, c.side, p.Bank().Len(), kind, auc, recall, alarms, s.FalseAlarms)
				if auc < want {
					t.Errorf("%s: image_AUROC %.4f, want at least %.4f", kind, auc, want)
				}
			}
		}
	}
}
