package train_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/random"
)

// seeing is a base whose vectors tell the class where it sees, and nothing where it doesn't.
func seeing(name string, sees bool, wait time.Duration) train.Candidate[data.Labelled] {
	return train.Candidate[data.Labelled]{Name: name, Bytes: 1000, Open: func() (train.Encoder[data.Labelled], error) {
		return train.Encoder[data.Labelled]{Width: 2, Params: 100, LoRA: 10, Embed: func(_ context.Context, examples []data.Labelled) ([]float32, error) {
			time.Sleep(time.Duration(len(examples)) * wait)
			var x []float32
			for i, e := range examples {
				v := float32(i%7) / 7
				if sees && e.Label == "b" {
					v += 10
				}
				x = append(x, v, 1)
			}
			return x, nil
		}}, nil
	}}
}

// strange are texts whose words say nothing of their class.
func strange(n int) []data.Labelled {
	var all []data.Labelled
	for i := range n {
		all = append(all, data.Labelled{Text: fmt.Sprintf("%x", random.Mix(5, uint64(i))), Label: string(rune('a' + i%2))})
	}
	return all
}

func TestAdvise(t *testing.T) {
	broken := train.Candidate[data.Labelled]{Name: "broken", Open: func() (train.Encoder[data.Labelled], error) {
		return train.Encoder[data.Labelled]{}, errors.New("no weights")
	}}
	bases := []train.Candidate[data.Labelled]{seeing("blind", false, 0), seeing("seeing", true, 0), broken}
	for name, c := range map[string]struct {
		limits       train.Limits
		examples     []data.Labelled
		base, method string
		says         string
	}{
		"free":     {examples: strange(80), base: "seeing", method: "full", says: "use seeing"},
		"size":     {limits: train.Limits{Size: 1000 + 24 + 40}, examples: strange(80), base: "seeing", method: "lora", says: "limit of size"},
		"head":     {limits: train.Limits{Size: 1000 + 24}, examples: strange(80), base: "seeing", method: "head", says: "limit of size"},
		"tight":    {limits: train.Limits{Size: 1000}, examples: strange(80), says: "no base"},
		"memory":   {limits: train.Limits{Memory: 799}, examples: strange(80), says: "no base"},
		"latency":  {limits: train.Limits{Latency: 1}, examples: strange(80), says: "no base"},
		"by words": {examples: examples(80, 1), says: "use the baseline"},
	} {
		p := train.AdviseTexts(c.examples, bases)
		if name == "by words" {
			p.Bases = bases[:1]
		}
		p.Limits, p.Sample = c.limits, 60
		a, err := p.Run(context.Background())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if a.Base != c.base || a.Method != c.method || !strings.Contains(a.Says, c.says) || a.Sample > 60 {
			t.Errorf("%s: %q by %q: %s (sample %d)", name, a.Base, a.Method, a.Says, a.Sample)
		}
		var text strings.Builder
		if err := a.WriteText(&text); err != nil || !strings.Contains(text.String(), a.Says) || name != "by words" && !strings.Contains(text.String(), "no weights") {
			t.Errorf("%s: %v\n%s", name, err, text.String())
		}
	}
}

// TestAdviseTime: a base that would take too long is left out, and the others count.
func TestAdviseTime(t *testing.T) {
	p := train.AdviseTexts(strange(80), []train.Candidate[data.Labelled]{seeing("seeing", true, 0), seeing("slow", true, 300*time.Millisecond)})
	p.Time = 20 * time.Second
	a, err := p.Run(context.Background())
	if err != nil || a.Base != "seeing" || a.Bases[1].Without == "" {
		t.Errorf("%v: %+v", err, a)
	}
	for name, examples := range map[string][]data.Labelled{"nothing": nil, "one class": strange(1), "lone examples": strange(2)} {
		if _, err := train.AdviseTexts(examples, nil).Run(context.Background()); !errors.Is(err, finetune.ErrConfig) {
			t.Errorf("%s: got %v, want ErrConfig", name, err)
		}
	}
}

// TestEncoders: real models give as many vectors as examples, whatever is beside them.
func TestEncoders(t *testing.T) {
	e, err := train.TextEncoder(base(t))
	if err != nil {
		t.Fatal(err)
	}
	all := examples(5, 1)
	x, err := e.Embed(context.Background(), all)
	if err != nil || len(x) != 5*e.Width || e.LoRA == 0 || e.Params < e.LoRA {
		t.Fatalf("%d values, %v, %d of %d parameters", len(x), err, e.LoRA, e.Params)
	}
	one, err := e.Embed(context.Background(), all[3:4])
	if err != nil || fmt.Sprint(one) != fmt.Sprint(x[3*e.Width:4*e.Width]) {
		t.Errorf("%v: alone a vector differs", err)
	}
	path := striped(t, 2)
	d, err := train.ReadPictures(path, "", train.PictureDefaults())
	if err != nil {
		t.Fatal(err)
	}
	p, err := train.PictureEncoder(visionBase(t, 3))
	if err != nil {
		t.Fatal(err)
	}
	if x, err = p.Embed(context.Background(), d.Train); err != nil || len(x) != len(d.Train)*p.Width {
		t.Errorf("%d values, %v", len(x), err)
	}
}

func ExampleProbe() {
	bases := []train.Candidate[data.Labelled]{seeing("a model of yours", true, 0)}
	advice, err := train.AdviseTexts(strange(40), bases).Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(advice.Base, advice.Method)
	// Output: a model of yours full
}
