//go:build !amd64 || purego

package kernels

func softmaxRow(row []float32, from, to int, scale float32) { softmaxRowPlain(row, from, to, scale) }

func softmaxRowBackward(dp, p []float32, scale float32) { softmaxRowBackwardPlain(dp, p, scale) }
