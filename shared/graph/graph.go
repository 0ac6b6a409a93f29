package graph

import (
	"errors"
	"fmt"
	"sync"

	"github.com/fmkit/fmkit/shared/nn"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	_ "go4.org/unsafe/assume-no-moving-gc" // a version that knows this Go: without it Gorgonia panics at start
)

// A Graph runs a chain of sublayers as Gorgonia graphs, one for each shape of batch, which it keeps. It serves one run at
// a time; different graphs may run at the same time unless they share sublayers.
type Graph struct {
	chain   chain
	batch   *nn.Batch // of the current run: it reaches the ops beside the graph
	failure error     // first error of an op in the current run
	one     [1]float32
	key     []byte

	programs map[string]*program
	clock    int // runs begun
}

// maxPrograms is how many programs a Graph keeps: more than buckets of lengths, and each costs some hundred kilobytes.
const maxPrograms = 64

// A program is a compiled Gorgonia graph.
type program struct {
	vm   gorgonia.VM
	loss *gorgonia.Node
	used int // clock at its last run
}

// New returns a graph of a source, sublayers and a loss.
func New(chain_ ...nn.Sublayer) *Graph {
	return &Graph{chain: chain{layers: chain_}, programs: map[string]*program{}}
}

// Step runs the graph forward and backward. It returns the loss, which may be infinite or not a number, and adds to the gradients of
// the parameters that are not frozen.
func (g *Graph) Step(b *nn.Batch) (float32, error) { return g.run(b, true) }

// Loss runs the graph forward and returns the loss.
func (g *Graph) Loss(b *nn.Batch) (float32, error) { return g.run(b, false) }

func (g *Graph) run(b *nn.Batch, step bool) (float32, error) {
	first, err := g.chain.prepare(b)
	if err != nil {
		return 0, err
	}
	if step && first == len(g.chain.layers) {
		return 0, errFrozen
	}
	if !step {
		first = len(g.chain.layers)
	}
	p, err := g.program(b, first)
	if err != nil {
		return 0, err
	}
	g.batch, g.failure = b, nil
	err = p.vm.RunAll()
	g.batch = nil
	if g.failure != nil {
		err = g.failure
	}
	if err != nil {
		g.forget() // a program that stopped half way isn't run again
		return 0, err
	}
	loss, ok := p.loss.Value().(*gorgonia.F32)
	if !ok {
		return 0, fmt.Errorf("graph: loss: got %T, want a float32", p.loss.Value())
	}
	p.vm.Reset() // without it the next run would do nothing
	return float32(*loss), nil
}

// program returns the program for a batch of which sublayers from first on are differentiated.
func (g *Graph) program(b *nn.Batch, first int) (*program, error) {
	if g.chain.grown {
		g.forget() // its headers are over the old buffers
		g.chain.grown = false
	}
	g.clock++
	g.key = g.chain.key(g.key[:0], b, first)
	p := g.programs[string(g.key)]
	if p == nil {
		var err error
		if p, err = g.build(first); err != nil {
			return nil, err
		}
		if len(g.programs) == maxPrograms {
			g.evict()
		}
		g.programs[string(g.key)] = p
	}
	p.used = g.clock
	return p, nil
}

// forget drops all programs.
func (g *Graph) forget() {
	for key, p := range g.programs {
		p.close()
		delete(g.programs, key)
	}
}

// evict drops the program that wasn't used for longest.
func (g *Graph) evict() {
	oldest := ""
	for key, p := range g.programs {
		if oldest == "" || p.used < g.programs[oldest].used {
			oldest = key
		}
	}
	g.programs[oldest].close()
	delete(g.programs, oldest)
}

func (p *program) close() {
	p.vm.Reset()
	_ = p.vm.Close() // a tape machine on a CPU holds nothing that could fail to close
}

// building guards everything that touches Gorgonia's package-wide state: Grad puts one node into every graph, and ids
// are package-wide here.
var building struct {
	sync.Mutex
	id uint64
}

// newOp returns the common part of a new op. The caller holds building.
func (g *Graph) newOp(kind string, layer int, output tensor.Shape) op {
	building.id++
	return op{graph: g, layer: layer, id: building.id, kind: kind, output: output}
}

// build makes a program that differentiates the sublayers from first on.
func (g *Graph) build(first int) (p *program, err error) {
	building.Lock()
	defer building.Unlock()
	defer func() { // Gorgonia reports some of what it dislikes by panic
		if v := recover(); v != nil {
			err = fmt.Errorf("graph: building: panic: %v", v)
		}
	}()
	x := gorgonia.NewGraph()
	// The anchor stands for all parameters: differentiating with regard to it runs every Backward that a parameter needs.
	anchor := gorgonia.NewVector(x, tensor.Float32, gorgonia.WithName("parameters"), gorgonia.WithShape(1),
		gorgonia.WithValue(tensor.New(tensor.WithShape(1), tensor.Of(tensor.Float32))))
	var last *gorgonia.Node
	for i := range g.chain.layers {
		if last, err = g.apply(i, first, last, anchor); err != nil {
			return nil, err
		}
	}
	if first < len(g.chain.layers) {
		if _, err := gorgonia.Grad(last, anchor); err != nil {
			return nil, fmt.Errorf("graph: differentiating: %w", err)
		}
	}
	return &program{vm: gorgonia.NewTapeMachine(x), loss: last}, nil
}

// apply adds the forward op of sublayer i to the graph.
func (g *Graph) apply(i, first int, below, anchor *gorgonia.Node) (*gorgonia.Node, error) {
	c := &g.chain
	o := &forwardOp{op: g.newOp("forward", i, tensor.Shape(c.shapes[i]).Clone()), trains: i >= first}
	var in gorgonia.Nodes
	if i > 0 {
		in = append(in, below)
	}
	if i == 0 || i == first {
		in, o.anchored = append(in, anchor), true
	}
	for _, n := range in {
		o.inputs = append(o.inputs, n.Shape())
	}
	if i == len(c.layers)-1 {
		o.output = tensor.ScalarShape()
	} else {
		o.own(c.outs[i])
	}
	n, err := gorgonia.ApplyOp(o, in...)
	if err != nil {
		return nil, fmt.Errorf("graph: %s: %w", o, err)
	}
	return n, nil
}

var errFrozen = errors.New("graph: every parameter is frozen")
