package picture_test

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
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

// A chunk is one chunk of a PNG.
type chunk struct {
	kind string
	data []byte
}

func pngFile(chunks ...chunk) []byte {
	out := []byte("\x89PNG\r\n\x1a\n")
	for _, c := range chunks {
		out = binary.BigEndian.AppendUint32(out, uint32(len(c.data)))
		body := append([]byte(c.kind), c.data...)
		out = append(out, body...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(body))
	}
	return out
}

func ihdr(w, h uint32, depth, colour, interlace byte) chunk {
	b := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	return chunk{"IHDR", append(b, depth, colour, 0, 0, interlace)}
}

func deflate(raw []byte) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write(raw)
	_ = w.Close()
	return b.Bytes()
}

func idat(raw []byte) chunk { return chunk{"IDAT", deflate(raw)} }

var iend = chunk{"IEND", nil}

func encodePNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodeJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodeGIF(t testing.TB, frames int) []byte {
	t.Helper()
	g := gif.GIF{Config: image.Config{Width: 10, Height: 8, ColorModel: color.Palette(palette.Plan9)}}
	for i := range frames {
		m := image.NewPaletted(image.Rect(2, 1, 9, 7), palette.Plan9)
		for j := range m.Pix {
			m.Pix[j] = uint8(j + i)
		}
		g.Image, g.Delay = append(g.Image, m), append(g.Delay, 1)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// smooth gives a picture that a JPEG keeps well.
func smooth(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, color.NRGBA{uint8(255 * x / w), uint8(255 * y / h), uint8(120 + 60*x/w), 255})
		}
	}
	return m
}

// segment gives a JPEG's marker segment.
func segment(marker byte, data []byte) []byte {
	n := len(data) + 2
	return append([]byte{0xff, marker, byte(n >> 8), byte(n)}, data...)
}

// sof gives a frame header of one component, or of the components and samplings given.
func sof(marker byte, w, h int, samplings ...byte) []byte {
	b := []byte{8, byte(h >> 8), byte(h), byte(w >> 8), byte(w), byte(len(samplings))}
	for i, s := range samplings {
		b = append(b, byte(i+1), s, 0)
	}
	return segment(marker, b)
}

// scans gives a progressive gray JPEG of n scans, all black, in a few bytes each.
func scans(w, h, n int) []byte {
	raw := []byte{0xff, 0xd8}
	raw = append(raw, segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...))...)
	raw = append(raw, sof(0xc2, w, h, 0x11)...)
	one := append([]byte{1}, make([]byte, 15)...) // one code, of one bit
	raw = append(raw, segment(0xc4, append(append([]byte{0x00}, one...), 0x00))...)
	raw = append(raw, segment(0xc4, append(append([]byte{0x10}, one...), 0xe0))...) // an end-of-band run of 2^14 and 14 bits
	runs := (w+7)/8*((h+7)/8)/16384 + 1
	for range n {
		raw = append(raw, segment(0xda, []byte{1, 1, 0x00, 1, 63, 0})...)
		raw = append(raw, bytes.Repeat([]byte{0x00}, 2*runs)...)
	}
	return append(raw, 0xff, 0xd9)
}

// bomb is a PNG of 20000 x 20000 pixels in about 48 KB.
func bomb() []byte {
	const side = 20000
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	row := make([]byte, 1+side/8)
	for range side {
		_, _ = w.Write(row)
	}
	_ = w.Close()
	return pngFile(ihdr(side, side, 1, 0, 0), chunk{"IDAT", b.Bytes()}, iend)
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
		{"65500 square JPEG with a scan", append(append([]byte{0xff, 0xd8}, sof(0xc0, 65500, 65500, 0x11)...), segment(0xda, []byte{1, 1, 0, 0, 63, 0})...), picture.ErrLimit},
		{"JPEG of no height", append(append([]byte{0xff, 0xd8}, sof(0xc0, 8, 0, 0x11)...), segment(0xda, []byte{1, 1, 0, 0, 63, 0})...), picture.ErrDecode},
		{"10,000 scans", scans(64, 64, 10_000), picture.ErrLimit},
		{"progressive 4096 square without subsampling", append(append([]byte{0xff, 0xd8}, sof(0xc2, 4096, 4096, 0x11, 0x11, 0x11)...), segment(0xda, []byte{1, 1, 0, 0, 0, 0})...), picture.ErrLimit},
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

// TestScans measures the most scans that are decoded, over the most pixels: 2 s at most.
func TestScans(t *testing.T) {
	if testing.Short() {
		t.Skip("decodes 16 million pixels")
	}
	raw := scans(8192, 2048, 64)
	start := time.Now()
	if _, err := picture.Decode(raw, picture.Limits{}); err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	t.Logf("%d bytes, 64 scans of 16 million pixels: %v", len(raw), took)
	if took > 2*time.Second && !raceEnabled {
		t.Errorf("took %v, want at most 2 s", took)
	}
}

// TestConvert holds every kind of the standard library to its own colours.
func TestConvert(t *testing.T) {
	r := image.Rect(3, 5, 20, 16)
	src := noise(4, 40, 40, 3)
	translucent := noise(4, 40, 40, 4)
	fill := func(m interface {
		image.Image
		Set(x, y int, c color.Color)
	}, from *image.NRGBA,
	) image.Image {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				m.Set(x, y, from.At(x, y))
			}
		}
		return m
	}
	yCbCr := func(s image.YCbCrSubsampleRatio) image.Image {
		m := image.NewYCbCr(image.Rect(0, 0, 40, 40), s)
		for i := range m.Y {
			m.Y[i] = uint8(i * 7)
		}
		for i := range m.Cb {
			m.Cb[i], m.Cr[i] = uint8(i*5), uint8(i*3)
		}
		return m.SubImage(r)
	}
	kinds := map[string]image.Image{
		"RGBA": fill(image.NewRGBA(r), src), "RGBA64": fill(image.NewRGBA64(r), src), "NRGBA": fill(image.NewNRGBA(r), translucent),
		"NRGBA64": fill(image.NewNRGBA64(r), src), "Gray": fill(image.NewGray(r), src), "Gray16": fill(image.NewGray16(r), src),
		"CMYK": fill(image.NewCMYK(r), src), "Paletted": fill(image.NewPaletted(r, palette.Plan9), src), "Alpha": fill(image.NewAlpha(r), translucent),
		"translucent RGBA": fill(image.NewRGBA(r), translucent), "translucent RGBA64": fill(image.NewRGBA64(r), translucent),
		"part of an NRGBA": src.SubImage(r), "uniform": image.NewUniform(color.White),
	}
	for _, s := range []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio440,
		image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
	} {
		kinds[s.String()] = yCbCr(s)
	}
	for name, m := range kinds {
		got, err := picture.Convert(m)
		if name == "uniform" { // 2e9 pixels a side
			if !errors.Is(err, picture.ErrLimit) {
				t.Errorf("%s: got %v, want %v", name, err, picture.ErrLimit)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		b := m.Bounds()
		if got.Rect != image.Rect(0, 0, b.Dx(), b.Dy()) {
			t.Fatalf("%s: got bounds %v", name, got.Rect)
		}
		for y := range b.Dy() {
			for x := range b.Dx() {
				want := color.NRGBAModel.Convert(m.At(b.Min.X+x, b.Min.Y+y)).(color.NRGBA)
				if g := got.NRGBAAt(x, y); g != want {
					t.Fatalf("%s: pixel %d,%d: got %v, want %v", name, x, y, g, want)
				}
			}
		}
	}
}

// liars gives pictures that aren't what they say.
func liars() map[string]image.Image {
	bad := image.NewPaletted(image.Rect(0, 0, 64, 64), color.Palette{color.Black, color.White})
	bad.Pix[64*33+5] = 200
	short := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	short.Pix = short.Pix[:100]
	return map[string]image.Image{"palette": bad, "pixels": short, "nil": nil, "pointer": (*image.NRGBA)(nil)}
}

func TestConvertLiars(t *testing.T) {
	for name, m := range liars() {
		if name == "pointer" {
			continue // Bounds of a nil pointer is the caller's fault
		}
		if _, err := picture.Convert(m); !errors.Is(err, picture.ErrDecode) {
			t.Errorf("%s: got %v, want %v", name, err, picture.ErrDecode)
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
