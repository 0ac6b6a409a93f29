package graph

import (
	"fmt"
	"hash"
	"hash/fnv"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// An op is what a forward and a backward op have in common as Gorgonia sees them: fixed shapes, one output that the op owns.
type op struct {
	graph  *Graph
	layer  int    // index in the chain
	id     uint64 // of this instance: Gorgonia merges nodes whose ops hash alike
	kind   string
	inputs []tensor.Shape
	output tensor.Shape
	owned  *tensor.Dense // header over the chain's buffer; nil for the scalar loss
	scalar gorgonia.F32
}

// Arity implements gorgonia.Op.
func (o *op) Arity() int { return len(o.inputs) }

// Type implements gorgonia.Op.
func (o *op) Type() hm.Type {
	types := make([]hm.Type, 0, len(o.inputs)+1)
	for _, s := range append(o.inputs[:len(o.inputs):len(o.inputs)], o.output) {
		if s.IsScalar() {
			types = append(types, tensor.Float32)
		} else {
			types = append(types, gorgonia.TensorType{Dims: s.Dims(), Of: tensor.Float32})
		}
	}
	return hm.NewFnType(types...)
}

// InferShape implements gorgonia.Op.
func (o *op) InferShape(...gorgonia.DimSizer) (tensor.Shape, error) { return o.output.Clone(), nil }

// ReturnsPtr implements gorgonia.Op.
func (o *op) ReturnsPtr() bool { return true }

// CallsExtern implements gorgonia.Op: false keeps Gorgonia from allocating outputs.
func (o *op) CallsExtern() bool { return false }

// OverwritesInput implements gorgonia.Op: none.
func (o *op) OverwritesInput() int { return -1 }

// WriteHash implements gorgonia.Op.
func (o *op) WriteHash(h hash.Hash) { fmt.Fprintf(h, "fmkit %s %d", o.kind, o.id) }

// Hashcode implements gorgonia.Op.
func (o *op) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

// String implements gorgonia.Op.
func (o *op) String() string {
	return fmt.Sprintf("%s of %s (%d)", o.kind, o.graph.chain.layers[o.layer].Name(), o.id)
}

// own makes the header of the op's output over buf.
func (o *op) own(buf []float32) {
	o.owned = tensor.New(tensor.WithShape(o.output...), tensor.WithBacking(buf))
}

// guard turns a panic inside an op, which would end the process, into an error, and keeps the first error of a run.
func (o *op) guard(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("graph: %s: panic: %v", o.graph.chain.layers[o.layer].Name(), p)
	}
	if *err != nil && o.graph.failure == nil {
		o.graph.failure = *err
	}
}

// forwardOp is a sublayer's Forward. Its inputs are the activations below; the source has the anchor instead, and the
// first sublayer with anything to train has the anchor besides.
type forwardOp struct {
	op
	anchored bool // the last input is the anchor
	trains   bool // something at or below this sublayer is trained
}

var _ gorgonia.SDOp = (*forwardOp)(nil)

// Do implements gorgonia.Op.
func (o *forwardOp) Do(in ...gorgonia.Value) (out gorgonia.Value, err error) {
	defer o.guard(&err)
	var x []float32
	if o.layer > 0 {
		x = in[0].Data().([]float32)
	}
	c := &o.graph.chain
	if err := c.layers[o.layer].Forward(c.outs[o.layer], x, o.graph.batch); err != nil {
		return nil, err
	}
	if o.owned == nil {
		o.scalar = gorgonia.F32(c.outs[o.layer][0])
		return &o.scalar, nil
	}
	return o.owned, nil
}

// DiffWRT implements gorgonia.SDOp. Gorgonia runs every gradient that it is offered, so only those that lead to a trained
// parameter are: the activation's above the first trained sublayer, the anchor's there.
func (o *forwardOp) DiffWRT(n int) []bool {
	wrt := make([]bool, n)
	if o.trains {
		wrt[n-1] = true
	}
	return wrt
}

// SymDiff implements gorgonia.SDOp.
func (o *forwardOp) SymDiff(in gorgonia.Nodes, out, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	grads := make(gorgonia.Nodes, len(in))
	if !o.trains {
		return grads, nil
	}
	args := append(append(gorgonia.Nodes{}, in...), out, grad)
	b := &backwardOp{op: o.graph.newOp("backward", o.layer, o.output)}
	b.inputs = append(append([]tensor.Shape{}, o.inputs...), o.output, o.output)
	b.output = o.inputs[len(o.inputs)-1]
	if o.anchored {
		b.own(make([]float32, 1))
	} else {
		b.passes = true
		b.own(o.graph.chain.grad(o.layer - 1))
	}
	n, err := gorgonia.ApplyOp(b, args...)
	if err != nil {
		return nil, fmt.Errorf("graph: %s: %w", b, err)
	}
	grads[len(in)-1] = n
	return grads, nil
}

// backwardOp is a sublayer's Backward: its inputs are those of the forward op, that one's output, and the gradient of the output. Its
// output is the gradient of the activation below, or of the anchor: nothing.
type backwardOp struct {
	op
	passes bool // the gradient of the activation below is wanted
}

var _ gorgonia.Op = (*backwardOp)(nil)

// Do implements gorgonia.Op.
func (o *backwardOp) Do(in ...gorgonia.Value) (out gorgonia.Value, err error) {
	defer o.guard(&err)
	c := &o.graph.chain
	var x, dx, dy []float32
	if o.layer > 0 {
		x = in[0].Data().([]float32)
	}
	switch g := in[len(in)-1].(type) {
	case *gorgonia.F32: // of the loss by itself
		o.graph.one[0] = float32(*g)
		dy = o.graph.one[:]
	default:
		dy = g.Data().([]float32)
	}
	if o.passes {
		dx = c.grad(o.layer - 1)
	}
	if err := c.layers[o.layer].Backward(dx, dy, x, c.outs[o.layer], o.graph.batch); err != nil {
		return nil, err
	}
	return o.owned, nil
}
