package serve_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/adapters/serve"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/text/texttest"
)

// A service mounts a server below an address of its own, beside its other handlers. Here the base and the adapter are toys; a service has them in folders.
func Example() {
	base, err := texttest.Model(1, "please", "send", "thank", "you", "great", "open", "help", "the", "card")
	if err != nil {
		fmt.Println(err)
		return
	}
	dir, err := os.MkdirTemp("", "serve")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := trainPolite(filepath.Join(dir, "polite")); err != nil {
		fmt.Println(err)
		return
	}

	s, err := serve.New(serve.Config{Queue: 64})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	if err := s.AddBase("toy", serve.Base{Text: base}); err != nil {
		fmt.Println(err)
		return
	}
	if _, err := s.Load(context.Background(), "polite", filepath.Join(dir, "polite")); err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("/ml/", http.StripPrefix("/ml", s))

	web := httptest.NewServer(mux)
	defer web.Close()
	for _, text := range []string{"Please help!", "Great, thank you."} {
		body := fmt.Sprintf(`{"adapter": "polite", "text": %q}`, text)
		a, err := http.Post(web.URL+"/ml/api/v1/classify", "application/json", strings.NewReader(body))
		if err != nil {
			fmt.Println(err)
			return
		}
		var answer struct {
			Label string
			Score float64
		}
		err = json.NewDecoder(a.Body).Decode(&answer)
		a.Body.Close()
		fmt.Println(a.StatusCode, answer.Label, answer.Score > 0.9, err)
	}
	a, err := http.Post(web.URL+"/ml/api/v1/classify", "application/json", strings.NewReader(`{"adapter": "rude", "text": "No."}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer a.Body.Close()
	_, _ = io.Copy(os.Stdout, a.Body)
	// Output:
	// 200 request true <nil>
	// 200 thanks true <nil>
	// {"error":{"message":"adapter \"rude\" is not loaded","type":"unknown_model","code":404}}
}

// trainPolite makes an adapter that tells requests from thanks.
func trainPolite(dir string) error {
	base, err := texttest.Model(1, "please", "send", "thank", "you", "great", "open", "help", "the", "card")
	if err != nil {
		return err
	}
	var examples []data.Labelled
	for _, word := range []string{"card", "help", "the", "open"} {
		examples = append(examples,
			data.Labelled{Text: "please send " + word, Label: "request"}, data.Labelled{Text: "please open the " + word, Label: "request"},
			data.Labelled{Text: "thank you " + word, Label: "thanks"}, data.Labelled{Text: "great thank you for the " + word, Label: "thanks"})
	}
	c := train.Defaults()
	c.Epochs, c.Batch, c.LR, c.Held = 80, 8, 2e-3, 0
	_, err = train.Adapt(context.Background(), base, train.Data{Train: examples}, c, finetune.Options{Out: dir})
	return err
}

// A server keeps answering while adapters come and go.
func ExampleServer_Load() {
	base, err := texttest.Model(1)
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := serve.New(serve.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	if err := s.AddBase("toy", serve.Base{Text: base}); err != nil {
		fmt.Println(err)
		return
	}
	_, err = s.Load(context.Background(), "Polite!", "adapters/polite")
	fmt.Println(err != nil, s.Unload("polite"), len(s.Models()))
	// Output:
	// true serve: not loaded: adapter "polite" 1
}
