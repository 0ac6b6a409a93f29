//go:build !amd64 || purego

package kernels

func pairs(_, _ *tile, _, _, _ int) bool { return false }

func halfTiles(_, _, _ int, _ []float32, _, _ int, _, _ []float32, _ int, _ []float32, _ int) bool {
	return false
}

func flatTiles(_, _, _ int, _ []float32, _ int, _ []float32, _ int, _ []float32, _ int) {}
