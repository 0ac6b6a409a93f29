package kernels

import (
	"testing"

	"github.com/fmkit/fmkit/shared/kernels/kerneltest"
)

func TestRowsConform(t *testing.T) {
	rows := kerneltest.Rows{
		MulAdd: MulAdd, Sum: Sum, ColumnSum: ColumnSum, LayerNorm: LayerNorm, LayerNormBackward: LayerNormBackward,
		SoftmaxBackward: SoftmaxBackward,
	}
	t.Run(Path(), func(t *testing.T) { kerneltest.CheckRows(t, rows) })
	defer forcePlain()()
	t.Run("plain", func(t *testing.T) { kerneltest.CheckRows(t, rows) })
}
