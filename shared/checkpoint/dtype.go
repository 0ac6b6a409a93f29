package checkpoint

// A DType is the type of a tensor's stored values.
type DType uint8

// The types of the safetensors format. F32, F16 and BF16 can be read as float32; F32 and F16 can be written.
const (
	F32 DType = iota
	F16
	BF16
	F64
	F8E4M3
	F8E5M2
	F8E8M0
	F6E2M3
	F6E3M2
	F4
	I8
	I16
	I32
	I64
	U8
	U16
	U32
	U64
	Bool
	C64
)

// dtypes lists the name and the bits of every DType, in the order of the constants.
var dtypes = [...]struct {
	name string
	bits int64
}{
	{"F32", 32},
	{"F16", 16},
	{"BF16", 16},
	{"F64", 64},
	{"F8_E4M3", 8},
	{"F8_E5M2", 8},
	{"F8_E8M0", 8},
	{"F6_E2M3", 6},
	{"F6_E3M2", 6},
	{"F4", 4},
	{"I8", 8},
	{"I16", 16},
	{"I32", 32},
	{"I64", 64},
	{"U8", 8},
	{"U16", 16},
	{"U32", 32},
	{"U64", 64},
	{"BOOL", 8},
	{"C64", 64},
}

// String returns the name that the format uses, such as "BF16".
func (d DType) String() string {
	if int(d) >= len(dtypes) {
		return "invalid"
	}
	return dtypes[d].name
}

// ParseDType finds a DType by the name that the format uses, such as "BF16".
func ParseDType(name string) (DType, bool) { return dtypeOf([]byte(name)) }

// readable says whether values of type d widen to float32 here.
func (d DType) readable() bool { return d <= BF16 }

// dtypeOf finds a DType by its exact name.
func dtypeOf(name []byte) (DType, bool) {
	for i := range dtypes {
		if string(name) == dtypes[i].name {
			return DType(i), true
		}
	}
	return 0, false
}
