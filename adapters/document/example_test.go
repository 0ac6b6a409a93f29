package document_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/adapters/document"
	"github.com/fmkit/fmkit/adapters/tagger/train"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/text/texttest"
)

// A toy base learns where a name stands. Put together with what is asked, the adapter reads documents.
func Example() {
	names := []string{"anna", "bert", "carl", "dora"}
	base, err := texttest.Model(1, append(names, "ott", "met", "we", "in", "the", "rain")...)
	if err != nil {
		fmt.Println(err)
		return
	}
	var examples []data.Tagged
	for _, name := range names {
		examples = append(
			examples,
			data.Tagged{Tokens: []string{"We", "met", name, "Ott", "in", "the", "rain"}, Tags: []string{"O", "O", "B-person", "I-person", "O", "O", "O"}},
			data.Tagged{Tokens: []string{name, "met", "the", "rain", "."}, Tags: []string{"B-person", "O", "O", "O", "O"}},
		)
	}
	dir, err := os.MkdirTemp("", "document")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	c := train.Defaults()
	c.Steps, c.Batch, c.LR, c.Held = 150, 8, 3e-3, 0
	ctx, tagger, out := context.Background(), filepath.Join(dir, "names"), filepath.Join(dir, "document")
	if _, err := train.Adapt(ctx, base, train.Data{Train: examples}, c, finetune.Options{Out: tagger}); err != nil {
		fmt.Println(err)
		return
	}

	asked := document.Settings{Fields: []document.Field{{Name: "who", Entity: "person"}}}
	if _, err := document.Assemble(ctx, out, base, map[string]string{"entities": tagger}, asked, nil); err != nil {
		fmt.Println(err)
		return
	}
	a, err := document.Load(out, base)
	if err != nil {
		fmt.Println(err)
		return
	}
	given := "In the rain.\r\n\r\nWe met Dora Ott."
	d, err := a.Analyze(ctx, given)
	if err != nil {
		fmt.Println(err)
		return
	}
	who := d.Fields[0]
	fmt.Println(who.Name, who.Answer, who.Start, who.End, given[who.StartByte:who.EndByte])
	fmt.Println(len(d.Segments.Pages), len(d.Segments.Paragraphs), len(d.Segments.Sentences))
	// Output:
	// who Dora Ott 23 31 Dora Ott
	// 1 2 2
}
