package picture_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"image"
	"image/color"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"github.com/fmkit/fmkit/vision/picture"
)

func TestMain(m *testing.M) {
	if os.Getenv("FMKIT_PICTURE_CHILD") != "" {
		child()
	}
	goleak.VerifyTestMain(m)
}

// TestRefused holds what the catalogue of bad inputs says of pictures.
func TestRefused(t *testing.T) {
	whole := encodePNG(t, smooth(20, 20))
	badCRC := slices.Clone(whole)
	badCRC[len(badCRC)-14]++
	gifFile := encodeGIF(t, 1)
	outside := slices.Clone(gifFile)
	at := bytes.IndexByte(outside, 0x2c) // the frame's descriptor: left, top, width, height
	outside[at+1] = 200
	photo := encodeJPEG(t, smooth(20, 20))
	noSOS := append(append([]byte{0xff, 0xd8}, sof(0xc0, 8, 8, 0x11)...), 0xff, 0xd9)
	twice := append(append([]byte{0xff, 0xd8}, append(sof(0xc0, 8, 8, 0x11), sof(0xc0, 8, 64, 0x11)...)...), photo[2:]...)
	// start gives the start of a JPEG: a frame header and the header of a scan.
	start := func(sof []byte) []byte {
		return slices.Concat([]byte{0xff, 0xd8}, sof, segment(0xda, []byte{1, 1, 0, 0, 63, 0}))
	}
	for _, c := range []struct {
		name string
		raw  []byte
		want error
	}{
		{"nothing", nil, picture.ErrDecode},
		{"4 bytes of a PNG", whole[:4], picture.ErrDecode},
		{"magic of a PNG", whole[:8], picture.ErrDecode},
		{"magic of a JPEG", photo[:3], picture.ErrDecode},
		{"magic of a GIF", gifFile[:6], picture.ErrDecode},
		{"truncated PNG", whole[:len(whole)*2/3], picture.ErrDecode},
		{"truncated JPEG", photo[:len(photo)*2/3], picture.ErrDecode},
		{"truncated GIF", gifFile[:len(gifFile)*2/3], picture.ErrDecode},
		{"bad CRC", badCRC, picture.ErrDecode},
		{"20000x20000 PNG", bomb(), picture.ErrLimit},
		{"2^31-1 square PNG", pngFile(ihdr(1<<31-1, 1<<31-1, 8, 6, 0), idat(nil), iend), picture.ErrDecode},
		{"2^31-1 wide PNG", pngFile(ihdr(1<<31-1, 1, 8, 6, 0), idat(nil), iend), picture.ErrLimit},
		{"0x5 PNG", pngFile(ihdr(0, 5, 8, 6, 0), idat(nil), iend), picture.ErrDecode},
		{"8192 square PNG of 16 bits", pngFile(ihdr(8192, 8192, 16, 6, 0), idat(nil), iend), picture.ErrLimit},
		{"interlaced 4096 square PNG of 16 bits", pngFile(ihdr(4096, 4096, 16, 6, 1), idat(nil), iend), picture.ErrLimit},
		{"long side", pngFile(ihdr(8193, 1, 8, 6, 0), idat(nil), iend), picture.ErrLimit},
		{"palette too short", pngFile(ihdr(2, 2, 8, 3, 0), chunk{"PLTE", []byte{1, 2, 3}}, idat([]byte{0, 0, 9, 0, 0, 9}), iend), nil},
		{"no palette", pngFile(ihdr(2, 2, 8, 3, 0), idat([]byte{0, 0, 9, 0, 0, 9}), iend), picture.ErrDecode},
		{"frame outside the canvas", outside, picture.ErrDecode},
		{"65500 square JPEG", append([]byte{0xff, 0xd8}, sof(0xc0, 65500, 65500, 0x11)...), picture.ErrDecode},
		{"65500 square JPEG with a scan", start(sof(0xc0, 65500, 65500, 0x11)), picture.ErrLimit},
		{"JPEG of no height", start(sof(0xc0, 8, 0, 0x11)), picture.ErrDecode},
		{"10,000 scans", scans(64, 64, 10_000), picture.ErrLimit},
		{"progressive 4096 square without subsampling", start(sof(0xc2, 4096, 4096, 0x11, 0x11, 0x11)), picture.ErrLimit},
		{"no scan", noSOS, picture.ErrDecode},
		{"two frames", twice, picture.ErrDecode},
		{"TIFF", []byte("II*\x00\x08\x00\x00\x00\x00\x00"), picture.ErrFormat},
		{"BMP", []byte("BM\x00\x00\x00\x00\x00\x00"), picture.ErrFormat},
		{"SVG", []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), picture.ErrFormat},
		{"HEIC", []byte("\x00\x00\x00\x18ftypheic"), picture.ErrFormat},
		{"PDF", []byte("%PDF-1.7"), picture.ErrFormat},
		{"JPEG 2000", []byte("\x00\x00\x00\x0cjP  \r\n\x87\n"), picture.ErrFormat},
		{"WebP unasked", []byte("RIFF\x24\x00\x00\x00WEBPVP8 \x18\x00\x00\x00"), picture.ErrFormat},
		{"too many bytes", make([]byte, 10<<20+1), picture.ErrLimit},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := picture.Decode(c.raw, picture.Limits{})
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if (m == nil) != (c.want != nil) {
				t.Errorf("got picture %v with error %v", m != nil, err)
			}
			if err != nil && (!strings.HasPrefix(err.Error(), "picture: ") || len(err.Error()) > 300) {
				t.Errorf("got the message %q", err)
			}
		})
	}
}

// TestBombIsCheap holds that a bomb is refused by its header: at most 5 ms and 1 MiB.
func TestBombIsCheap(t *testing.T) {
	raw := bomb()
	if len(raw) > 64<<10 {
		t.Fatalf("the bomb has %d bytes", len(raw))
	}
	least := time.Hour
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const n = 10
	for range n {
		start := time.Now()
		if _, err := picture.Decode(raw, picture.Limits{}); !errors.Is(err, picture.ErrLimit) {
			t.Fatalf("got %v, want %v", err, picture.ErrLimit)
		}
		least = min(least, time.Since(start))
	}
	runtime.ReadMemStats(&after)
	each := (after.TotalAlloc - before.TotalAlloc) / n
	t.Logf("a file of %d bytes: %v, %d bytes allocated", len(raw), least, each)
	if least > 5*time.Millisecond {
		t.Errorf("took %v, want at most 5 ms", least)
	}
	if each > 1<<20 {
		t.Errorf("allocated %d bytes, want at most 1 MiB", each)
	}
}

// TestAccepted holds odd but sound files to their pixels.
func TestAccepted(t *testing.T) {
	text := deflate(make([]byte, 64<<20)) // 64 MB of zeros in 64 KB: nobody inflates them
	for _, c := range []struct {
		name string
		raw  []byte
		l    picture.Limits
		at   image.Point
		want color.NRGBA
	}{
		{"1x1", encodePNG(t, noise(1, 1, 1, 4)), picture.Limits{}, image.Pt(0, 0), noise(1, 1, 1, 4).NRGBAAt(0, 0)},
		{"1x8192", encodePNG(t, noise(1, 1, 8192, 4)), picture.Limits{}, image.Pt(0, 8191), noise(1, 1, 8192, 4).NRGBAAt(0, 8191)},
		{"8192x1", encodePNG(t, noise(1, 8192, 1, 4)), picture.Limits{}, image.Pt(8191, 0), noise(1, 8192, 1, 4).NRGBAAt(8191, 0)},
		{
			"zTXt and iCCP of 64 MB", pngFile(ihdr(1, 1, 8, 2, 0), chunk{"iCCP", append([]byte("x\x00\x00"), text...)}, chunk{"zTXt", append([]byte("x\x00\x00"), text...)},
				idat([]byte{0, 7, 8, 9}), iend), picture.Limits{}, image.Pt(0, 0), color.NRGBA{7, 8, 9, 255},
		},
		{
			"interlaced", pngFile(ihdr(2, 2, 8, 2, 1), idat([]byte{0, 1, 1, 1, 0, 2, 2, 2, 0, 3, 3, 3, 4, 4, 4}), iend),
			picture.Limits{},
			image.Pt(1, 1),
			color.NRGBA{4, 4, 4, 255},
		},
		{"gray of 16 bits", pngFile(ihdr(1, 1, 16, 0, 0), idat([]byte{0, 200, 99}), iend), picture.Limits{}, image.Pt(0, 0), color.NRGBA{200, 200, 200, 255}},
		{"colour of 16 bits", pngFile(ihdr(1, 1, 16, 2, 0), idat([]byte{0, 1, 99, 2, 99, 3, 99}), iend), picture.Limits{}, image.Pt(0, 0), color.NRGBA{1, 2, 3, 255}},
		{
			"alpha of 16 bits", pngFile(ihdr(1, 1, 16, 6, 0), idat([]byte{0, 1, 99, 2, 99, 3, 99, 0, 7}), iend),
			picture.Limits{},
			image.Pt(0, 0),
			color.NRGBA{1, 2, 3, 0},
		},
		{"gray of 1 bit", pngFile(ihdr(9, 1, 1, 0, 0), idat([]byte{0, 0x55, 0x80}), iend), picture.Limits{}, image.Pt(8, 0), color.NRGBA{255, 255, 255, 255}},
		{
			"palette with alpha", pngFile(ihdr(2, 1, 8, 3, 0), chunk{"PLTE", []byte{1, 2, 3, 4, 5, 6}}, chunk{"tRNS", []byte{255, 60}}, idat([]byte{0, 0, 1}), iend),
			picture.Limits{},
			image.Pt(1, 0),
			color.NRGBA{4, 5, 6, 60},
		},
		{"GIF of 3,000 frames", encodeGIF(t, 3000), picture.Limits{}, image.Pt(2, 1), color.NRGBA{0, 0, 0, 255}},
		{"GIF outside its frame", encodeGIF(t, 1), picture.Limits{}, image.Pt(9, 7), color.NRGBA{}},
		{"allowed exactly", encodePNG(t, noise(1, 30, 20, 4)), picture.Limits{Side: 30, Pixels: 600}, image.Pt(29, 19), noise(1, 30, 20, 4).NRGBAAt(29, 19)},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := picture.Decode(c.raw, c.l)
			if err != nil {
				t.Fatal(err)
			}
			if got := m.NRGBAAt(c.at.X, c.at.Y); got != c.want {
				t.Errorf("pixel %v: got %v, want %v", c.at, got, c.want)
			}
			p := picture.NewProcessor(32, 32, 3)
			if err := p.Process(make([]float32, 3*32*32), m); err != nil {
				t.Error(err)
			}
		})
	}
	if _, err := picture.Decode(encodePNG(t, noise(1, 30, 20, 4)), picture.Limits{Side: 30, Pixels: 599}); !errors.Is(err, picture.ErrLimit) {
		t.Errorf("a pixel too many: got %v, want %v", err, picture.ErrLimit)
	}
}

// TestFilesOfPillow reads kinds of files that Go can't write. Tolerance: decoders of lossy files round, and enlarge chroma, each in their own way.
func TestFilesOfPillow(t *testing.T) {
	for _, c := range readGolden(t).Files {
		t.Run(c.Name, func(t *testing.T) {
			raw, err := base64.StdEncoding.DecodeString(c.File)
			if err != nil {
				t.Fatal(err)
			}
			m, err := picture.Decode(raw, picture.Limits{WebP: c.WebP})
			if err != nil {
				t.Fatal(err)
			}
			if m.Rect != image.Rect(0, 0, c.Width, c.Height) {
				t.Fatalf("got bounds %v", m.Rect)
			}
			sum, n := 0, 0
			for i := range c.Width * c.Height {
				for k := range 3 {
					d := int(m.Pix[4*i+k]) - int(c.Pixels[3*i+k])
					sum, n = sum+max(d, -d), n+1
				}
			}
			if mean := float64(sum) / float64(n); mean > 3 || c.Name == "lossless WebP" && sum > 0 {
				t.Errorf("pixels differ by %.3g on average", mean)
			}
		})
	}
}

// TestScans measures the most scans that are decoded, over the most pixels: 2 s at most, in one of three tries, for a busy machine can stall one.
func TestScans(t *testing.T) {
	if testing.Short() {
		t.Skip("decodes 16 million pixels")
	}
	raw := scans(8192, 2048, 64)
	for try := range 3 {
		start := time.Now()
		if _, err := picture.Decode(raw, picture.Limits{}); err != nil {
			t.Fatal(err)
		}
		took := time.Since(start)
		t.Logf("%d bytes, 64 scans of 16 million pixels: %v", len(raw), took)
		if took <= 2*time.Second || raceEnabled {
			return
		}
		if try == 2 {
			t.Errorf("took %v, want at most 2 s", took)
		}
	}
}

func TestRead(t *testing.T) {
	raw := encodePNG(t, noise(3, 9, 7, 4))
	dir := t.TempDir()
	name := filepath.Join(dir, "a.png")
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, read := range []func(picture.Limits) (*image.NRGBA, error){
		func(l picture.Limits) (*image.NRGBA, error) { return picture.DecodeFile(name, l) },
		func(l picture.Limits) (*image.NRGBA, error) {
			return picture.Read(fstest.MapFS{"d/a.png": &fstest.MapFile{Data: raw}}, "d/a.png", l)
		},
	} {
		m, err := read(picture.Limits{})
		if err != nil || !slices.Equal(m.Pix, noise(3, 9, 7, 4).Pix) {
			t.Errorf("got %v", err)
		}
		if _, err := read(picture.Limits{Bytes: len(raw) - 1}); !errors.Is(err, picture.ErrLimit) {
			t.Errorf("a byte too many: got %v, want %v", err, picture.ErrLimit)
		}
	}
	if _, err := picture.DecodeFile(filepath.Join(dir, "none.png"), picture.Limits{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: got %v", err)
	}
	for _, name := range []string{"", dir, dir + "/"} {
		if _, err := picture.DecodeFile(name, picture.Limits{}); err == nil {
			t.Errorf("%q: got no error", name)
		}
	}
	if _, err := picture.Read(endless{}, "a", picture.Limits{Bytes: 100}); !errors.Is(err, picture.ErrLimit) {
		t.Errorf("an endless file: got %v, want %v", err, picture.ErrLimit)
	}
}

// endless is a file system whose one file never ends.
type endless struct{ fs.File }

func (endless) Open(string) (fs.File, error) { return endless{}, nil }
func (endless) Stat() (fs.FileInfo, error)   { return nil, io.ErrUnexpectedEOF }
func (endless) Read(p []byte) (int, error)   { return len(p), nil }
func (endless) Close() error                 { return nil }
