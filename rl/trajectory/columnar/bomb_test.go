package columnar

import (
	"bytes"
	"encoding/binary"
	"errors"
	"runtime"
	"testing"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
)

// TestBombs holds that little data that says it is much is refused before memory is taken for it.
func TestBombs(t *testing.T) {
	zeros := make([]byte, 64<<20)
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	big := w.EncodeAll(zeros, nil)
	var unsized bytes.Buffer // a frame that doesn't say its size
	stream, err := zstd.NewWriter(&unsized)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Write(zeros); err != nil {
		t.Fatal(err)
	}
	if err := stream.Close(); err != nil {
		t.Fatal(err)
	}
	long := binary.AppendUvarint(nil, 1<<32-2) // a run of 2^31-1 values
	l := Limits{}.defaults()
	footer := func(field byte) []byte { // FileMetaData with a list of 2^27 structs
		return append([]byte{field<<4 | thriftList, 0xfc}, binary.AppendUvarint(nil, 1<<27)...)
	}
	for name, f := range map[string]func() error{
		"zstd":          func() error { _, err := decompress(codecZstd, big, 1000); return err },
		"zstd, no size": func() error { _, err := decompress(codecZstd, unsized.Bytes(), 1000); return err },
		"snappy":        func() error { _, err := decompress(codecSnappy, snappy.Encode(nil, zeros[:4<<20]), 1000); return err },
		"levels": func() error {
			_, err := levels(append(long, 1), 0, 0)
			return errors.Join(err, errors.New("of none wanted"))
		},
		"indices": func() error {
			_, err := choose(append(append([]byte{8}, long...), 9), 100, &Values{Ints: []int64{1}})
			return err
		},
		"strings":  func() error { _, err := plain(ByteArray, []byte{255, 255, 255, 255, 0}, 1); return err },
		"schema":   func() error { _, err := readFooter(footer(2), l); return err },
		"groups":   func() error { _, err := readFooter(footer(4), l); return err },
		"metadata": func() error { _, err := readFooter(footer(5), l); return err },
		"page": func() error {
			_, err := readHeader([]byte{0x15, 0, 0x15, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0}, l)
			return err
		},
		"empty groups": func() error { // as many as there are bytes, of which each is the end of a struct
			b := append([]byte{4<<4 | thriftList, 0xfc}, binary.AppendUvarint(nil, 4<<20)...)
			_, err := readFooter(append(b, make([]byte, 4<<20)...), l)
			return err
		},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := f()
		runtime.ReadMemStats(&after)
		if used := (after.TotalAlloc - before.TotalAlloc) >> 20; err == nil || used > 64 {
			t.Errorf("%s: got %v after %d MiB, want an error", name, err, used)
		}
	}
}
