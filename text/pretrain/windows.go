package pretrain

import (
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/random"
)

// windows deals samples out of a token file: sample i of the run is window i mod n of epoch i/n, in that epoch's order and with its own offset, framed by
// [CLS] and [SEP]. A fraction of the samples is cut to a random shorter length, so that the model also meets short texts and padding.
type windows struct {
	file     *data.TokenFile
	length   int // tokens of a whole window, with [CLS] and [SEP]
	short    float64
	cls, sep int32
	seed     uint64
	lengths  uint64 // key of short samples
	offsets  uint64 // key of the epochs' offsets
}

func newWindows(file *data.TokenFile, c Config, cls, sep int32) *windows {
	return &windows{
		file: file, length: c.Length, short: c.Short, cls: cls, sep: sep,
		seed:    random.Key(c.Train.Seed, "pretrain.order"),
		lengths: random.Key(c.Train.Seed, "pretrain.short"), offsets: random.Key(c.Train.Seed, "pretrain.offset"),
	}
}

// perEpoch is the number of windows of an epoch, one fewer than fit so that there is room for the offset.
func (w *windows) perEpoch() int64 {
	return max(1, w.file.Windows(w.length-2)-1)
}

// read fills row [T] with sample i and returns its length.
func (w *windows) read(row []int32, i int64) (int, error) {
	n, inner := w.perEpoch(), int64(w.length-2)
	epoch := i / n
	order := data.NewOrder(n, w.seed, epoch)
	at := order.At(i%n) * inner
	if slack := w.file.Tokens() - n*inner; slack > 0 {
		at += int64(random.Mix(w.offsets, uint64(epoch)) % uint64(min(slack, inner)))
	}
	length := w.length
	if w.short > 0 {
		s := random.New(random.Mix(w.lengths, uint64(i)))
		if s.Float64() < w.short {
			length = 8 + s.IntN(max(1, w.length-8))
		}
	}
	return length, w.frame(row, at, length)
}

// frame fills row[:length] with tokens from position at on.
func (w *windows) frame(row []int32, at int64, length int) error {
	row[0], row[length-1] = w.cls, w.sep
	return w.file.Read(row[1:length-1], at)
}
