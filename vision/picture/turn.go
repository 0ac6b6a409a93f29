package picture

// Turns is how many ways there are to turn and mirror a square.
const Turns = 8

// Turn gives the pixel of a square of side pixels, before it is turned, that lies at (x, y) after: bit 0 of way mirrors left and right, bit 1 top and bottom, and
// bit 2 swaps rows and columns after that.
func Turn(x, y, side, way int) (int, int) {
	if way&4 != 0 {
		x, y = y, x
	}
	if way&1 != 0 {
		x = side - 1 - x
	}
	if way&2 != 0 {
		y = side - 1 - y
	}
	return x, y
}
