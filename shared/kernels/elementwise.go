package kernels

// Add sets y[i] += x[i].
func Add(y, x []float32) {
	if len(x) < len(y) {
		panic("kernels: Add: slice too short")
	}
	elements.run(addRange, elementArgs{y: y, a: x}, len(y), 1, elementStep)
}

// Scale sets x[i] *= s.
func Scale(x []float32, s float32) {
	elements.run(scaleRange, elementArgs{y: x, s: s}, len(x), 1, elementStep)
}

// AddScaled sets y[i] += s x[i], fused.
func AddScaled(y, x []float32, s float32) {
	if len(x) < len(y) {
		panic("kernels: AddScaled: slice too short")
	}
	elements.run(addScaledRange, elementArgs{y: y, a: x, s: s}, len(y), 1, elementStep)
}

// MulAdd sets y[i] += a[i] b[i], fused.
func MulAdd(y, a, b []float32) {
	if len(a) < len(y) || len(b) < len(y) {
		panic("kernels: MulAdd: slice too short")
	}
	elements.run(mulAddRange, elementArgs{y: y, a: a, b: b}, len(y), 1, elementStep)
}

// Mul sets y[i] = a[i] b[i]. y may be a or b.
func Mul(y, a, b []float32) {
	if len(a) < len(y) || len(b) < len(y) {
		panic("kernels: Mul: slice too short")
	}
	elements.run(mulRange, elementArgs{y: y, a: a, b: b}, len(y), 1, elementStep)
}

// elementArgs are the result, the operands and the scalar of a kernel that works element by element.
type elementArgs struct {
	y, a, b []float32
	s       float32
}

var elements ranger[elementArgs]

// elementStep keeps the parts of a slice whole vectors and whole cache lines long.
const elementStep = 64

func addRange(t *elementArgs, lo, hi int)       { add(t.y[lo:hi], t.a[lo:hi]) }
func scaleRange(t *elementArgs, lo, hi int)     { scale(t.y[lo:hi], t.s) }
func addScaledRange(t *elementArgs, lo, hi int) { addScaled(t.y[lo:hi], t.a[lo:hi], t.s) }
func mulAddRange(t *elementArgs, lo, hi int)    { mulAdd(t.y[lo:hi], t.a[lo:hi], t.b[lo:hi]) }
func mulRange(t *elementArgs, lo, hi int)       { mul(t.y[lo:hi], t.a[lo:hi], t.b[lo:hi]) }

func addPlain(y, x []float32) {
	for i := range y {
		y[i] += x[i]
	}
}

func scalePlain(x []float32, s float32) {
	for i := range x {
		x[i] *= s
	}
}

func addScaledPlain(y, x []float32, s float32) {
	for i := range y {
		y[i] = fma32(x[i], s, y[i])
	}
}

func mulAddPlain(y, a, b []float32) {
	for i := range y {
		y[i] = fma32(a[i], b[i], y[i])
	}
}

func mulPlain(y, a, b []float32) {
	for i := range y {
		y[i] = a[i] * b[i]
	}
}
