package kernels

import (
	"sync/atomic"
)

const (
	depthBlock = 512     // K is taken in blocks that keep a panel of b and a strip of a in the first-level cache
	rowBlock   = 224     // rows of a part: its strip of a stays in the second-level cache
	packLimit  = 4 << 20 // elements of b that are packed at a time
	lowPack    = 1 << 17 // the same where c is one tile high
	lowDepth   = 64      // but at least so deep
	shareFlops = 1 << 17 // below so many multiply-adds one worker is faster than two
)

// gemm is one matrix product: c [M, N] = init + a b. It is a Task whose first parts pack b into panels and whose later
// parts each compute one block of c; parts are handed out in ascending order, so waiting for the packing can't deadlock.
type gemm struct {
	m, n, k int
	a       []float32 // [M, K] of row stride lda, or [K, M] when at
	lda     int
	at      bool
	b       []float32 // [K, N] of row stride ldb, or [N, K] when bt; unused when packed is given
	ldb     int
	bt      bool
	packed  []float32 // b in panels, see packPanels; nil: packed here
	c       []float32 // [M, N] of row stride ldc
	ldc     int
	bias    []float32 // [N]: where the chains start; nil: at c when acc, at +0 otherwise
	acc     bool
	upper   bool // c is symmetric: only tiles that hold something on the diagonal or above it
	thin    thin // a second product in the same chains

	// The plan of one call of Parallel: columns n0...n1 and depths k0...k1.
	n0, n1, k0, k1      int
	panels              []float32 // panels of those columns, depth panelDepth each
	panelDepth          int
	packParts, packEach int // parts that pack, panels in each
	packedParts         atomic.Int64
	tiles, rowParts     int // tiles below each other, and the parts they are dealt out to
	groups, colParts    int // tiles beside each other, likewise
}

var gemms freeList[gemm]

// run computes the product: over blocks of depth, each continuing the chains of the one before, so that what is packed is
// read back before it has left the cache, and over chunks of columns, as many as may be packed at a time.
func (g *gemm) run() {
	if g.m == 0 || g.n == 0 {
		return
	}
	if g.packed != nil {
		g.n0, g.n1, g.k0, g.k1 = 0, g.n, 0, g.k
		g.panels, g.panelDepth = g.packed, g.k
		g.packParts = 0
		g.share()
		return
	}
	depth, cols := max(min(g.k, depthBlock), 1), g.n
	if rows, _ := tileShape(); g.m <= rows && cols*depth > lowPack {
		depth = max(lowPack/cols, lowDepth) // every panel is read once, so what is packed should be near still
	}
	if cols*depth > packLimit {
		cols = max(packLimit/depth/tileCols, 1) * tileCols
	}
	scratch := floats.get(roundUp(cols, tileCols) * depth)
	for n0 := 0; n0 < g.n; n0 += cols {
		for k0 := 0; k0 == 0 || k0 < g.k; k0 += depth {
			g.n0, g.n1 = n0, min(n0+cols, g.n)
			g.k0, g.k1 = k0, min(k0+depth, g.k)
			g.panels, g.panelDepth = scratch.data, g.k1-g.k0
			panels := (g.n1 - g.n0 + tileCols - 1) / tileCols
			g.packParts = min(panels, 4*Workers())
			g.packEach = (panels + g.packParts - 1) / g.packParts
			g.packParts = (panels + g.packEach - 1) / g.packEach
			g.share()
		}
	}
	floats.put(scratch)
}

// share cuts the block of c into parts and runs them with the packing parts before them.
func (g *gemm) share() {
	panels := (g.n1 - g.n0 + tileCols - 1) / tileCols
	tileRows, tilePanels := tileShape()
	tiles := (g.m + tileRows - 1) / tileRows
	want := 1
	if w := Workers(); w > 1 && g.m*(g.n1-g.n0)*max(g.k1-g.k0, 1) >= shareFlops {
		want = 8 * w
	}
	g.tiles, g.groups = tiles, (panels+tilePanels-1)/tilePanels
	g.rowParts = min(max((g.m+rowBlock-1)/rowBlock, min(want, (tiles+3)/4)), tiles)
	if g.upper {
		g.rowParts = (tiles + 3) / 4 // low ones, so that little is computed below the diagonal
	}
	g.colParts = 1
	if want > 1 {
		if g.rowParts > 1 {
			g.rowParts = min(roundUp(g.rowParts, Workers()), tiles) // as many parts for each worker
		}
		if g.at {
			want -= want / 4 // each part packs its rows of a anew
		}
		g.colParts = min((want+g.rowParts-1)/g.rowParts, g.groups)
	}
	g.packedParts.Store(0)
	parts := g.packParts + g.rowParts*g.colParts
	if want == 1 {
		for i := range parts {
			g.Run(i)
		}
		return
	}
	Parallel(parts, g)
}

// Run packs some panels or computes one block of c.
func (g *gemm) Run(part int) {
	if part < g.packParts {
		defer g.packedParts.Add(1) // by defer: a panic must not leave the others waiting
		lo := part * g.packEach
		hi := min(lo+g.packEach, (g.n1-g.n0+tileCols-1)/tileCols)
		g.pack(lo, hi)
		return
	}
	for spin := 0; g.packedParts.Load() < int64(g.packParts); spin++ {
		pause(spin)
	}
	part -= g.packParts
	row, col := part/g.colParts, part%g.colParts
	tileRows, tilePanels := tileShape()
	g.block(row*g.tiles/g.rowParts*tileRows, min((row+1)*g.tiles/g.rowParts*tileRows, g.m),
		col*g.groups/g.colParts*tilePanels, min((col+1)*g.groups/g.colParts*tilePanels, (g.n1-g.n0+tileCols-1)/tileCols))
}

// pack packs panels lo...hi of the planned columns.
func (g *gemm) pack(lo, hi int) {
	depth := g.k1 - g.k0
	if depth == 0 {
		return
	}
	step := tileCols * depth
	if !g.bt {
		j := g.n0 + lo*tileCols
		packStraight(g.panels[lo*step:], step, g.b[g.k0*g.ldb+j:], g.ldb, depth, min((hi-lo)*tileCols, g.n1-j))
		return
	}
	for p := lo; p < hi; p++ {
		j := g.n0 + p*tileCols
		packTransposed(g.panels[p*step:], g.b[j*g.ldb+g.k0:], g.ldb, depth, min(tileCols, g.n1-j))
	}
}

// block computes rows r0...r1 of panels p0...p1.
func (g *gemm) block(r0, r1, p0, p1 int) {
	t := tile{m: r1 - r0, ldc: g.ldc, panelStep: tileCols * g.panelDepth}
	_, tilePanels := tileShape()
	if g.upper {
		if p0 = max(p0, (r0-g.n0)/(tilePanels*tileCols)*tilePanels); p0 >= p1 {
			return
		}
	}
	var strip *buffer
	if g.at {
		strip = floats.get(stripSize(r1-r0, min(depthBlock, g.k1-g.k0)))
	}
	for k0 := g.k0; k0 == g.k0 || k0 < g.k1; k0 += depthBlock {
		t.k = min(depthBlock, g.k1-k0)
		if g.at {
			t.pack(strip.data, g.a[min(k0*g.lda+r0, len(g.a)):], g.lda)
		} else {
			t.a, t.rowStep, t.depthStep = g.a[min(r0*g.lda+k0, len(g.a)):], g.lda, 1
		}
		for p := p0; p < p1; p += tilePanels {
			j := g.n0 + p*tileCols
			t.c = g.c[r0*g.ldc+j:]
			t.n = min(tilePanels*tileCols, (p1-p)*tileCols, g.n1-j)
			t.b = g.panels[p*tileCols*g.panelDepth+(k0-g.k0)*tileCols:]
			switch {
			case k0 > 0 || g.acc:
				t.init, t.ldi = t.c, t.ldc
			case g.bias != nil:
				t.init, t.ldi = g.bias[j:], 0
			default:
				t.init, t.ldi = nil, 0
			}
			switch {
			case g.thin.r > 0 && g.thin.first && k0 == 0:
				low := g.thin.tile(&t, r0, j)
				runBoth(&low, &t)
			case g.thin.r > 0 && !g.thin.first && k0+t.k == g.k:
				low := g.thin.tile(&t, r0, j)
				runBoth(&t, &low)
			default:
				t.run()
			}
		}
	}
	if strip != nil {
		floats.put(strip)
	}
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }
