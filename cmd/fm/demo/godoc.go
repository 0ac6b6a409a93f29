package demo

import (
	"cmp"
	"context"
	"go/ast"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/fmkit/fmkit/adapters/summarizer/extractive"
)

// A Sentence is one sentence of documentation.
type Sentence struct {
	Package string // import path, or topic
	Text    string
}

// A Page is the documentation of one package as it stands above its package clause.
type Page struct {
	Package   string
	Sentences []string
}

// A Library is what the doc comments of many packages say, in order of path.
type Library struct {
	From      string
	Sentences []Sentence // of packages and of what they export
	Pages     []Page
}

// ReadGOROOT reads the doc comments of the standard library under root, prose only.
func ReadGOROOT(ctx context.Context, root string) (Library, error) {
	src := os.DirFS(filepath.Join(root, "src"))
	var dirs []string
	err := fs.WalkDir(src, ".", func(dir string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			return ctx.Err()
		}
		switch name := d.Name(); {
		case dir == ".":
			return nil
		case slices.Contains([]string{"testdata", "vendor", "builtin"}, name), strings.HasPrefix(name, "_"), dir == "cmd":
			return fs.SkipDir
		}
		dirs = append(dirs, dir)
		return nil
	})
	if err != nil {
		return Library{}, err
	}
	docs := make([]packageDoc, len(dirs))
	var wg sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				docs[i] = readPackage(src, dirs[i])
			}
		})
	}
	for i := range dirs {
		next <- i
	}
	close(next)
	wg.Wait()
	lib := Library{From: root}
	for i, d := range docs {
		for _, s := range d.exported {
			lib.Sentences = append(lib.Sentences, Sentence{dirs[i], s})
		}
		if len(d.page) > 0 {
			lib.Pages = append(lib.Pages, Page{dirs[i], d.page})
		}
	}
	return lib, ctx.Err()
}

// A packageDoc is the sentences of one package: of its page and of all that is exported.
type packageDoc struct{ page, exported []string }

// readPackage reads all files of a folder, whatever system they are for. Files that don't parse are left out.
func readPackage(src fs.FS, dir string) packageDoc {
	var d packageDoc
	entries, err := fs.ReadDir(src, dir)
	if err != nil {
		return d
	}
	seen := map[string]bool{}
	for _, e := range entries {
		if e.IsDir() || path.Ext(e.Name()) != ".go" || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		raw, err := fs.ReadFile(src, path.Join(dir, e.Name()))
		if err != nil {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), e.Name(), raw, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		page := prose(f.Doc.Text())
		if len(page) > len(d.page) {
			d.page = page
		}
		sentences := page
		for _, text := range comments(f) {
			sentences = append(sentences, prose(text)...)
		}
		for _, s := range sentences {
			if !seen[s] { // the same comment often stands in a file for each system
				seen[s] = true
				d.exported = append(d.exported, s)
			}
		}
	}
	return d
}

// comments gives the doc comments of what a file exports, in order.
func comments(f *ast.File) (exported []string) {
	add := func(name string, groups ...*ast.CommentGroup) {
		for _, g := range groups {
			if t := g.Text(); t != "" && ast.IsExported(name) {
				exported = append(exported, t)
			}
		}
	}
	for _, decl := range f.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			add(d.Name.Name, d.Doc)
		case *ast.GenDecl:
			for i, spec := range d.Specs {
				group := d.Doc // of the whole declaration: once
				if i > 0 {
					group = nil
				}
				switch s := spec.(type) {
				case *ast.TypeSpec:
					add(s.Name.Name, group, s.Doc)
				case *ast.ValueSpec:
					add(s.Names[0].Name, group, s.Doc)
				}
			}
		}
	}
	return exported
}

// prose gives the sentences of a doc comment's paragraphs; headings, code and link targets are left out.
func prose(text string) []string {
	var p comment.Parser
	var out []string
	var blocks func(list []comment.Block)
	blocks = func(list []comment.Block) {
		for _, b := range list {
			switch b := b.(type) {
			case *comment.Paragraph:
				for _, s := range extractive.Sentences(plain(b.Text)) {
					out = append(out, strings.Join(strings.Fields(s.Text), " "))
				}
			case *comment.List:
				for _, item := range b.Items {
					blocks(item.Content)
				}
			}
		}
	}
	blocks(p.Parse(text).Content)
	return out
}

// plain joins the pieces of a paragraph.
func plain(text []comment.Text) string {
	var b strings.Builder
	for _, t := range text {
		switch t := t.(type) {
		case comment.Plain:
			b.WriteString(string(t))
		case comment.Italic:
			b.WriteString(string(t))
		case *comment.Link:
			b.WriteString(plain(t.Text))
		case *comment.DocLink:
			b.WriteString(plain(t.Text))
		}
	}
	return b.String()
}

// page finds the page that a summary is shown of: the one nearest to the wanted number of sentences, the first of equals.
func (l Library) page(want int) Page {
	if len(l.Pages) == 0 {
		return Page{}
	}
	off := func(p Page) int { return max(len(p.Sentences)-want, want-len(p.Sentences)) }
	return slices.MinFunc(l.Pages, func(a, b Page) int { return cmp.Compare(off(a), off(b)) })
}
