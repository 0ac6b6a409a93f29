package text_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/text"
)

// configs are good config.json files: as transformers writes it for BERT, as it did years ago, and as we write what BERT has no name for.
var configs = []string{
	`{"_name_or_path": "x", "architectures": ["BertForMaskedLM"], "attention_probs_dropout_prob": 0.1, "classifier_dropout": null, "gradient_checkpointing": false,
 "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "hidden_size": 384, "id2label": {"0": "A", "1": "B"}, "initializer_range": 0.02, "intermediate_size": 1536,
 "layer_norm_eps": 1e-12, "max_position_embeddings": 512, "model_type": "bert", "num_attention_heads": 12, "num_hidden_layers": 6, "pad_token_id": 0,
 "position_embedding_type": "absolute", "transformers_version": "4.8.2", "type_vocab_size": 2, "use_cache": true, "vocab_size": 30522}`,
	`{"model_type":"bert","hidden_size":32,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":64,"max_position_embeddings":64,"vocab_size":50}`,
	`{"model_type":"fmkit","hidden_size":64,"num_hidden_layers":2,"num_attention_heads":4,"vocab_size":300,"norm":"pre","position_embedding_type":"rotary","type_vocab_size":0}`,
}

// allConfigs are configs and those of every architecture that there are golden values for.
func allConfigs(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/families/*/config.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no config.json of an architecture: %v", err)
	}
	all := slices.Clone(configs)
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(raw))
	}
	return all
}

func TestConfigs(t *testing.T) {
	for _, raw := range allConfigs(t) {
		if _, err := text.ParseConfig([]byte(raw)); err != nil {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

// TestConfigLimits is B44: size and depth are refused before anything is built, with an error to branch on.
func TestConfigLimits(t *testing.T) {
	nested := func(open, closing string, n int) string {
		return `{"x":` + strings.Repeat(open, n) + "1" + strings.Repeat(closing, n) + "," + configs[1][1:]
	}
	for _, tt := range []struct {
		about, raw string
		want       error
	}{
		{"100 MB of spaces", strings.Repeat(" ", 100_000_000), strictjson.ErrTooLarge},
		{"100 MB in a string", `{"x":"` + strings.Repeat("x", 100_000_000) + `",` + configs[1][1:], strictjson.ErrTooLarge},
		{"9,999 lists", nested("[", "]", 9999), strictjson.ErrDepth},
		{"9,999 objects", nested(`{"x":`, "}", 9999), strictjson.ErrDepth},
		{"9,999 open lists", strings.Repeat("[", 9999), strictjson.ErrDepth},
		{"4 MB of open objects", strings.Repeat(`{"x":`, 800_000), strictjson.ErrDepth},
	} {
		raw := []byte(tt.raw)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := text.ParseConfig(raw)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, tt.want) || !errors.Is(err, text.ErrConfig) || len(err.Error()) > 300 {
			t.Errorf("%s: got %v, want %v and %v", tt.about, err, tt.want, text.ErrConfig)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > 64<<10 {
			t.Errorf("%s: allocated %d bytes, want at most 64 KiB", tt.about, got)
		}
	}
	for _, n := range []int{30, 31} { // and the object around them, of 32 levels
		if _, err := text.ParseConfig([]byte(nested("[", "]", n))); err != nil {
			t.Errorf("%d levels: %v", n, err)
		}
	}
}

// checkConfig parses raw: an error is typed, and what is accepted is within the limits and comes back from its own JSON.
func checkConfig(t testing.TB, raw []byte) error {
	t.Helper()
	c, err := text.ParseConfig(raw)
	if err != nil {
		for _, s := range []error{text.ErrConfig, text.ErrConfigLimit, text.ErrUnsupportedModel} {
			if errors.Is(err, s) {
				return err
			}
		}
		t.Fatalf("%q: %v is of no sentinel", raw, err)
	}
	if err := c.Validate(); err != nil {
		t.Fatalf("%q: accepted, then %v", raw, err)
	}
	again, err := c.JSON()
	if err != nil {
		t.Fatalf("%q: %v", raw, err)
	}
	back, err := text.ParseConfig(again)
	if err != nil || !reflect.DeepEqual(back, c) {
		t.Fatalf("%q: accepted as %+v, which comes back as %+v, %v", raw, c, back, err)
	}
	return nil
}

// configTokens are pieces that a mutator puts into config.json.
var configTokens = []string{
	`{`, `}`, `[`, `]`, `:`, `,`, `"`, `\`, `\u0000`, `\ud800`, `null`, `true`, `0`, `-1`, `1e3`, `2.0`, `00`, `9223372036854775807`, `1e999`, `NaN`,
	` `, "\n", "\xff", "\x00", `"hidden_size":`, `"Hidden_Size":1,`, `"auto_map":{},`, `"auto_map":null,`, `"model_type":"llama",`, `"num_attention_heads":`,
	`"vocab_size":4294967296,`, `[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[`, `"norm":"pre",`, `"is_decoder":true,`, `"position_embedding_type":"rotary",`,
	`"model_type":"modernbert",`, `"model_type":"distilbert",`, `"model_type":"electra",`, `"model_type":"roberta",`, `"local_attention":-1,`, `"rope_theta":0,`,
	`"rope_parameters":{},`, `"layer_types":[],`, `"full_attention",`, `"dim":0,`, `"n_heads":7,`, `"embedding_size":0,`, `"norm_bias":true,`, `"objectives":[],`, `"objectives":["masked","causal"],`, `"global_attn_every_n_layers":0,`,
}

// mutant changes a copy of raw in one to four places.
func mutant(r *rand.Rand, raw string) []byte {
	b := []byte(raw)
	for range 1 + r.IntN(4) {
		if len(b) == 0 {
			return b
		}
		at := r.IntN(len(b))
		switch r.IntN(6) {
		case 0:
			b[at] ^= 1 << r.IntN(8)
		case 1:
			b[at] = byte(r.Uint32())
		case 2: // cut
			if r.IntN(8) == 0 {
				b = b[:at]
			}
		case 3: // delete
			b = append(b[:at], b[min(len(b), at+1+r.IntN(8)):]...)
		case 4: // repeat
			end := min(len(b), at+r.IntN(64))
			b = append(b[:end:end], b[at:]...)
		case 5:
			b = append(b[:at:at], append([]byte(configTokens[r.IntN(len(configTokens))]), b[at:]...)...)
		}
	}
	return b
}

// TestConfigMutants parses damaged config.json files, as many as FMKIT_MUTANTS says: no panic, an error of a sentinel, at most 64 KiB and
// 32 times the file allocated, 50 ms at most.
func TestConfigMutants(t *testing.T) {
	n := 50_000
	if testing.Short() {
		n = 10_000
	}
	if s := os.Getenv("FMKIT_MUTANTS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatalf("FMKIT_MUTANTS: %v", err)
		}
	}
	seeds := allConfigs(t)
	r := rand.New(rand.NewPCG(11, 12))
	accepted := 0
	var before, after runtime.MemStats
	for i := range n {
		raw := mutant(r, seeds[r.IntN(len(seeds))])
		if i%8 == 0 { // reading the counter stops the world
			runtime.ReadMemStats(&before)
			_, _ = text.ParseConfig(raw)
			runtime.ReadMemStats(&after)
			if got, most := after.TotalAlloc-before.TotalAlloc, uint64(64<<10+32*len(raw)); got > most {
				t.Fatalf("%q: allocated %d bytes, want at most %d", raw, got, most)
			}
		}
		begin := time.Now()
		err := checkConfig(t, raw)
		if d := time.Since(begin); d > 50*time.Millisecond {
			// A busy machine can stall some calls: it must be quick when tried again.
			again := d
			for range 5 {
				begin = time.Now()
				_ = checkConfig(t, raw)
				again = min(again, time.Since(begin))
			}
			if again > 50*time.Millisecond {
				t.Fatalf("%q: took %v, then %v at best", raw, d, again)
			}
		}
		if err == nil {
			accepted++
		}
	}
	t.Logf("%d mutants, %d accepted", n, accepted)
	if accepted < n/100 || accepted > n/2 {
		t.Errorf("%d of %d mutants were accepted: the mutator is too harsh or too mild to test much", accepted, n)
	}
}

func FuzzConfig(f *testing.F) {
	for _, raw := range allConfigs(f) {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) { _ = checkConfig(t, raw) })
}
