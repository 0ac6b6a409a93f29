package dataset

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/vision/picture"
)

// TestOpen lists every layout: which pictures, in which order, with which label, split and companions.
func TestOpen(t *testing.T) {
	tests := []struct {
		name   string
		make   func(t *testing.T, dir string) (path string)
		layout Layout
		want   []string // ID label split group mask template
	}{
		{"class folders", func(t *testing.T, dir string) string {
			pictures(t, dir, "dog/2.png", "dog/1.png", "cat/sub/9.png", "cat/b.JPG", "cat/.hidden.png")
			put(t, dir, "cat/notes.txt", "x")
			put(t, dir, ".git/x.png", "x")
			put(t, dir, "README.md", "x")
			return dir
		}, ClassFolders, []string{"cat/b.JPG cat", "cat/sub/9.png cat", "dog/1.png dog", "dog/2.png dog"}},
		{"class folders with splits", func(t *testing.T, dir string) string {
			pictures(t, dir, "train/cat/1.png", "train/dog/1.png", "valid/cat/1.png", "test/dog/7.png")
			return dir
		}, ClassFolders, []string{"test/dog/7.png dog test", "train/cat/1.png cat train", "train/dog/1.png dog train", "valid/cat/1.png cat val"}},
		{"a class called train", func(t *testing.T, dir string) string {
			pictures(t, dir, "train/1.png", "plane/1.png")
			return dir
		}, ClassFolders, []string{"plane/1.png plane", "train/1.png train"}},
		{"MVTec", func(t *testing.T, dir string) string {
			pictures(t, dir, "train/good/0.png", "test/good/0.png", "test/hole/0.png", "test/cut/0.png", "ground_truth/hole/0_mask.png")
			return dir
		}, MVTecFolders, []string{"test/cut/0.png cut test", "test/good/0.png good test", "test/hole/0.png hole test mask=ground_truth/hole/0_mask.png", "train/good/0.png good train"}},
		{"CSV", func(t *testing.T, dir string) string {
			pictures(t, dir, "b/1.png", "a.png", "m.png", "t.png")
			return put(t, dir, "list.csv", "\xef\xbb\xbflabel,path,mask,template,split\r\nx,b/../b/1.png,m.png,,test\r\n\"y, z\",a.png,,t.png,\r\n")
		}, CSVManifest, []string{"a.png y, z template=t.png", "b/1.png x test mask=m.png"}},
		{"JSONL", func(t *testing.T, dir string) string {
			pictures(t, dir, "b.png", "a.png", "t.png")
			put(t, dir, "manifest.jsonl", `{"path":"b.png","label":"defect","template":"t.png","boxes":[{"x":1,"y":0,"width":2,"height":3,"label":"cut"}],"group":"g1","split":"train"}`+
				"\n\n"+`{"path":"a.png","label":"good"}`)
			return dir
		}, JSONLManifest, []string{"a.png good", "b.png defect train group=g1 template=t.png boxes=1"}},
		{"IDX", func(t *testing.T, dir string) string {
			putIDX(t, dir, "train", 2, []byte{1, 0}, true)
			putIDX(t, dir, "t10k", 1, []byte{1}, false)
			put(t, dir, ClassesFile, `{"classes":["shirt","shoe"]}`)
			return dir
		}, IDXFiles, []string{"t10k-images-idx3-ubyte#000000 shoe test", "train-images-idx3-ubyte#000000 shoe train", "train-images-idx3-ubyte#000001 shirt train"}},
		{"one IDX file", func(t *testing.T, dir string) string {
			putIDX(t, dir, "train", 2, []byte{1, 0}, false)
			putIDX(t, dir, "t10k", 1, []byte{1}, false)
			return filepath.Join(dir, "t10k-images-idx3-ubyte")
		}, IDXFiles, []string{"t10k-images-idx3-ubyte#000000 1 test"}},
		{"DeepPCB", func(t *testing.T, dir string) string {
			pictures(t, dir, "g2/7_temp.jpg", "g2/7_test.jpg", "g1/5_temp.jpg", "g1/5_test.jpg")
			put(t, dir, "g2/7.txt", "0 0 2 2 1\n1 1 4 3 6\n")
			put(t, dir, "g1/5.txt", "1,1,3,2,5\n")
			put(t, dir, "index.txt", "g2/7\ng1/5\n")
			return dir
		}, DeepPCB, []string{"g1/5_temp.jpg good group=g1", "g1/5_test.jpg defect group=g1 template=g1/5_temp.jpg boxes=1", "g2/7_temp.jpg good group=g2", "g2/7_test.jpg defect group=g2 template=g2/7_temp.jpg boxes=2"}},
		{"pictures", func(t *testing.T, dir string) string {
			pictures(t, dir, "b.png", "a.gif")
			return dir
		}, PictureFolder, []string{"a.gif", "b.png"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, tt.make(t, dir))
			if s.Layout != tt.layout || s.Root != dir {
				t.Errorf("got %q in %s, want %q in %s", s.Layout, s.Root, tt.layout, dir)
			}
			var got []string
			for _, it := range s.Items {
				got = append(got, describe(t, dir, &it))
				if _, err := it.Picture(picture.Limits{}); err != nil {
					t.Error(err)
				}
			}
			same(t, "items", got, tt.want)
		})
	}
}

// describe writes what an item says about its picture.
func describe(t *testing.T, dir string, it *Item) string {
	t.Helper()
	out := it.ID
	for _, s := range []string{it.Label, it.Split} {
		if s != "" {
			out += " " + s
		}
	}
	if it.Group != "" {
		out += " group=" + it.Group
	}
	for _, p := range [][2]string{{" mask=", it.Mask}, {" template=", it.Template}} {
		if p[1] == "" {
			continue
		}
		rel, err := filepath.Rel(dir, p[1])
		if err != nil {
			t.Fatal(err)
		}
		out += p[0] + filepath.ToSlash(rel)
	}
	if n := len(it.Boxes); n > 0 {
		out += " boxes=" + string(rune('0'+n))
	}
	return out
}

// TestOpenErrors holds that what can't be read is refused with the file, the line where there is one, and an error to branch on.
func TestOpenErrors(t *testing.T) {
	one := func(name, content string) func(t *testing.T, dir string) string {
		return func(t *testing.T, dir string) string {
			pictures(t, dir, "a.png", "b.png")
			return put(t, dir, name, content)
		}
	}
	tests := []struct {
		name string
		make func(t *testing.T, dir string) (path string)
		want error
		says string
	}{
		{"nothing there", func(_ *testing.T, dir string) string { return filepath.Join(dir, "none") }, fs.ErrNotExist, "none"},
		{"empty folder", func(_ *testing.T, dir string) string { return dir }, ErrLayout, "0 folders and 0 files"},
		{"a text file", one("x.txt", "hello"), ErrLayout, "x.txt"},
		{"no pictures", func(t *testing.T, dir string) string { put(t, dir, "a/b.txt", "x"); return dir }, ErrLayout, "1 folders and 0 files"},
		{"pictures beside folders", func(t *testing.T, dir string) string { pictures(t, dir, "a.png", "b/c.png"); return dir }, ErrLayout, "beside"},
		{"other format", func(t *testing.T, dir string) string { pictures(t, dir, "c/a.png", "c/x.TIFF"); return dir }, ErrLayout, "x.TIFF"},
		{"empty class", func(t *testing.T, dir string) string {
			pictures(t, dir, "c/a.png")
			put(t, dir, "d/x.txt", "x")
			return dir
		}, data.ErrEmpty, "d"},
		{"link to nothing", func(t *testing.T, dir string) string {
			pictures(t, dir, "c/a.png")
			if err := os.Symlink("nothing", filepath.Join(dir, "c", "b.png")); err != nil {
				t.Skip(err)
			}
			return dir
		}, fs.ErrNotExist, "b.png"},
		{"links in a circle", func(t *testing.T, dir string) string {
			pictures(t, dir, "c/a.png")
			if err := os.Symlink("..", filepath.Join(dir, "c", "up")); err != nil {
				t.Skip(err)
			}
			return dir
		}, nil, "folders in each other"},
		{"mask missing", func(t *testing.T, dir string) string {
			pictures(t, dir, "train/good/0.png", "test/hole/0.png", "test/hole/1.png", "ground_truth/hole/0_mask.png")
			return dir
		}, fs.ErrNotExist, "test/hole/1.png"},
		{"CSV: no label column", one("m.csv", "path\na.png\n"), ErrField, `m.csv:1: field "label"`},
		{"CSV: misspelt column", one("m.csv", "path,label,maks\na.png,x,\n"), ErrField, `field "maks"`},
		{"CSV: column twice", one("m.csv", "path,label,path\na.png,x,b.png\n"), ErrField, `field "path"`},
		{"CSV: empty", one("m.csv", ""), data.ErrEmpty, "m.csv"},
		{"CSV: header only", one("m.csv", "path,label\n"), data.ErrEmpty, "m.csv"},
		{"CSV: ragged", one("m.csv", "path,label\na.png\n"), nil, "m.csv:2"},
		{"CSV: no label", one("m.csv", "path,label\na.png,x\nb.png, \n"), data.ErrEmpty, "m.csv:3"},
		{"CSV: no path", one("m.csv", "path,label\n,x\n"), data.ErrEmpty, `m.csv:2: field "path"`},
		{"CSV: out of the folder", one("m.csv", "path,label\n../a.png,x\n"), ErrPath, "m.csv:2"},
		{"CSV: absolute", one("m.csv", "path,label\n/etc/passwd,x\n"), ErrPath, "/etc/passwd"},
		{"CSV: mask out of the folder", one("m.csv", "path,label,mask\na.png,x,c/../../b.png\n"), ErrPath, `field "mask"`},
		{"CSV: not there", one("m.csv", "path,label\na.png,x\nc.png,x\n"), fs.ErrNotExist, "m.csv:3"},
		{"CSV: a folder", one("m.csv", "path,label\n.,x\n"), nil, "not a regular file"},
		{"CSV: twice", one("m.csv", "path,label\na.png,x\n./a.png,y\n"), ErrDuplicate, "m.csv:3: field \"path\": a.png occurs twice, first in line 2"},
		{"CSV: split", one("m.csv", "path,label,split\na.png,x,tset\n"), ErrField, `"tset"`},
		{"CSV: encoding", one("m.csv", "path,label\na.png,\xff\n"), data.ErrEncoding, "m.csv:2"},
		{"CSV: open quote", one("m.csv", "path,label\na.png,\""+strings.Repeat("x,y\n", maxRecord/2)), data.ErrTooLong, "m.csv"},
		{"JSONL: empty", one("m.jsonl", "\n\n"), data.ErrEmpty, "m.jsonl"},
		{"JSONL: misspelt", one("m.jsonl", `{"path":"a.png","label":"x","box":[]}`), nil, `m.jsonl:1: unknown key "box"`},
		{"JSONL: key twice", one("m.jsonl", `{"path":"a.png","label":"x","label":"y"}`), nil, "duplicate key"},
		{"JSONL: not JSON", one("m.jsonl", "{\"path\":\"a.png\",\"label\":\"x\"}\npath"), nil, "m.jsonl:2"},
		{"JSONL: box without width", one("m.jsonl", `{"path":"a.png","label":"x","boxes":[{"x":1,"y":1,"width":0,"height":2}]}`), ErrField, "box 0 is 0 x 2"},
		{"JSONL: fraction", one("m.jsonl", `{"path":"a.png","label":"x","boxes":[{"x":1.5,"y":1,"width":1,"height":2}]}`), nil, "boxes.x"},
		{"JSONL: long line", one("m.jsonl", strings.Repeat(" ", maxRecord+1)), data.ErrTooLong, "m.jsonl:1"},
		{"JSONL: template out of the folder", one("m.jsonl", `{"path":"a.png","label":"x","template":"../t.png"}`), ErrPath, `field "template"`},
		{"link out of the folder", func(t *testing.T, dir string) string {
			outside := put(t, t.TempDir(), "secret.png", "x")
			if err := os.Symlink(outside, filepath.Join(dir, "a.png")); err != nil {
				t.Skip(err)
			}
			return put(t, dir, "m.csv", "path,label\na.png,x\n")
		}, ErrPath, "m.csv:2"},
		{"DeepPCB: out of the folder", func(t *testing.T, dir string) string {
			pictures(t, dir, "g/1_temp.jpg", "g/1_test.jpg")
			put(t, dir, "g/1.txt", "0 0 1 1 1\n")
			put(t, dir, "index.txt", "g/1\ng/../../x/1\n")
			return dir
		}, ErrPath, "index.txt:2"},
		{"DeepPCB: no boxes", func(t *testing.T, dir string) string {
			pictures(t, dir, "g/1_temp.jpg", "g/1_test.jpg")
			put(t, dir, "index.txt", "g/1\n")
			return dir
		}, fs.ErrNotExist, "index.txt:1"},
		{"DeepPCB: no template", func(t *testing.T, dir string) string {
			pictures(t, dir, "g/1_test.jpg")
			put(t, dir, "g/1.txt", "0 0 1 1 1\n")
			put(t, dir, "index.txt", "g/1\n")
			return dir
		}, fs.ErrNotExist, "1_temp.jpg"},
		{"DeepPCB: twice", func(t *testing.T, dir string) string {
			pictures(t, dir, "g/1_temp.jpg", "g/1_test.jpg")
			put(t, dir, "g/1.txt", "0 0 1 1 1\n")
			put(t, dir, "index.txt", "g/1\ng/1\n")
			return dir
		}, ErrDuplicate, "index.txt:2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Open(tt.make(t, t.TempDir()))
			if err == nil {
				t.Fatalf("got %d pictures, want an error", len(s.Items))
			}
			if tt.want != nil && !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want %v that says %q", err, tt.want, tt.says)
			}
		})
	}
}

// TestPictureErrors holds that a file that is no picture is an error that names it.
func TestPictureErrors(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		name, content string
		limits        picture.Limits
		want          error
	}{
		{"empty.png", "", picture.Limits{}, picture.ErrDecode},
		{"html.png", "<html>", picture.Limits{}, picture.ErrFormat},
		{"cut.png", pngOf(t, 8, 8, 1)[:60], picture.Limits{}, picture.ErrDecode},
		{"large.png", pngOf(t, 8, 8, 1), picture.Limits{Bytes: 20}, picture.ErrLimit},
	} {
		path := put(t, dir, tt.name, tt.content)
		if _, err := (&Item{Path: path}).Picture(tt.limits); !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.name) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
	if _, err := (&Item{Path: dir}).Picture(picture.Limits{}); err == nil {
		t.Error("read a folder")
	}
}
