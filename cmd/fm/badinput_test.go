package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBadInput holds that whatever the caller can mend ends with exit code 2, a message that names the place, and nothing written.
func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	good := labelledCSV(t, dir, "good.csv")
	base, other := smallBase(t, dir, 1), smallBase(t, dir, 2)
	tok := filepath.Join(base, "tokenizer.json")
	adapter := filepath.Join(dir, "adapter")
	mustFM(t, "", "adapt", "classify", "--base", base, "--data", good, "--out", adapter, "--epochs", "1")

	file := func(name, content string) string { return write(t, dir, name, content) }
	// broken copies the base with one of its files changed.
	broken := func(name, changed string, change func([]byte) []byte) string {
		to := filepath.Join(dir, name)
		if err := os.CopyFS(to, os.DirFS(base)); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(to, changed)
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, change(raw), 0o644); err != nil {
			t.Fatal(err)
		}
		return to
	}
	replace := func(old, new string) func([]byte) []byte {
		return func(b []byte) []byte { return bytes.Replace(b, []byte(old), []byte(new), 1) }
	}
	out := filepath.Join(dir, "out")
	adapt := func(data string, more ...string) []string {
		return append([]string{"adapt", "classify", "--base", base, "--data", data, "--out", out}, more...)
	}
	on := func(base string) []string {
		return []string{"adapt", "classify", "--base", base, "--data", good, "--out", out}
	}
	cases := []struct {
		name  string
		args  []string
		stdin string
		want  string // in the message
	}{
		{"no verb", nil, "", "want one of"},
		{"unknown verb", []string{"trian"}, "", `unknown verb "trian"`},
		{"unknown verb of a group", []string{"tokenizer", "bake"}, "", `unknown verb "bake"`},
		{"unknown flag", adapt(good, "--epoch", "3"), "", "--epoch"},
		{"flag of the wrong kind", adapt(good, "--seed", "-1"), "", "seed"},
		{"flag is missing", []string{"adapt", "classify", "--data", good}, "", "--base"},
		{"unknown task", []string{"eval", "sumarize", "--data", good, "--adapter", adapter}, "", `"sumarize"`},
		{"unexpected argument", []string{"predict", "--adapter", adapter, "extra"}, "", "extra"},
		{"value out of range", adapt(good, "--lr", "-1"), "", "lr"},
		{"unknown method", adapt(good, "--method", "lora2"), "", "lora2"},
		{"unknown pooling", adapt(good, "--pooling", "min"), "", "min"},
		{"bad logistic", adapt(good, "--logistic", "-1"), "", "logistic"},
		{"bad grid", adapt(good, "--grid", "1e-4"), "", "--grid"},
		{"more shots than examples", adapt(good, "--shots", "1000"), "", "1000"},

		{"data missing", adapt(filepath.Join(dir, "none.csv")), "", "none.csv"},
		{"data empty", adapt(file("empty.csv", "")), "", "empty.csv"},
		{"header only", adapt(file("header.csv", "text,label\n")), "", "header.csv"},
		{"data is a folder", adapt(base), "", filepath.Base(base)},
		{"unknown extension", adapt(file("data.xlsx", "text,label\na,b\n")), "", "data.xlsx"},
		{"invalid UTF-8", adapt(file("latin1.csv", "text,label\ncaf\xe9,place\n")), "", "latin1.csv:2"},
		{"ragged CSV", adapt(file("ragged.csv", "text,label\na b c,x\nd,e,f,y\n")), "", "ragged.csv:3"},
		{"column is missing", adapt(good, "--label-column", "intent"), "", "intent"},
		{"unclosed quote", adapt(file("quote.csv", "text,label\n\"a b,x\n")), "", "quote.csv"},
		{"broken JSON line", adapt(file("bad.jsonl", "{\"text\":\"a\",\"label\":\"b\"}\n{\"text\":\n")), "", "bad.jsonl:2"},
		{"one label only", adapt(file("one.csv", "text,label\na b,x\nc d,x\n")), "", "at least 2"},
		{"unknown label in --eval", adapt(good, "--eval", file("eval.csv", "text,label\na cat,plant\n")), "", "eval.csv:2"},
		{"unknown label in eval", []string{"eval", "classify", "--adapter", adapter, "--data", file("label.csv", "text,label\na cat,plant\n")}, "", `"plant"`},
		{"recipe with an unknown key", adapt(good, "--config", file("recipe.json", `{"lrate": 1}`)), "", "lrate"},

		{"no such base", on(filepath.Join(dir, "nothing")), "", "nothing"},
		{"weights truncated", on(broken("truncated", "model.safetensors", func(b []byte) []byte { return b[:len(b)-2] })), "", "truncated"},
		{"weights with bytes at the end", on(broken("trailing", "model.safetensors", func(b []byte) []byte { return append(b, "junk"...) })), "", "after the last tensor"},
		{"header larger than any", on(broken("huge", "model.safetensors", func(b []byte) []byte {
			return append(binary.LittleEndian.AppendUint64(nil, 1<<63), b[8:]...)
		})), "", "header is too large"},
		{"header corrupted", on(broken("corrupt", "model.safetensors", replace(`"dtype":"F32"`, `"dtype":"X32"`))), "", "dtype"},
		{"weights are a pickle", on(broken("pickle", "model.safetensors", func([]byte) []byte { return []byte("\x80\x04\x95 a pickle of something") })), "", "model.safetensors"},
		{"weight is not finite", on(broken("nan", "model.safetensors", func(b []byte) []byte {
			copy(b[len(b)-4:], "\x00\x00\xc0\x7f")
			return b
		})), "", "non-finite"},
		{"config over a limit", on(broken("config", "config.json", replace(`"hidden_size": 32`, `"hidden_size": 1000000000`))), "", "hidden_size"},
		{"heads that don't divide", on(broken("heads", "config.json", replace(`"num_attention_heads": 2`, `"num_attention_heads": 7`))), "", "7 heads"},
		{"tokenizer out of shape", on(broken("shape", "tokenizer.json", replace(`"model"`, `"modal"`))), "", "modal"},
		{"tokenizer is no JSON", on(broken("json", "tokenizer.json", func(b []byte) []byte { return b[:len(b)/2] })), "", "tokenizer"},

		{"adapter on another base", []string{"predict", "--adapter", adapter, "--base", other}, "", "another base"},
		{"no adapter there", []string{"predict", "--adapter", dir}, "", "fmkit.json"},
		{"prediction without text", []string{"predict", "--adapter", adapter}, "{\"text\":\"a cat\"}\n{\"txt\":\"a dog\"}\n", "line 2"},
		{"prediction that is no JSON", []string{"predict", "--adapter", adapter}, "a cat\n", "line 1"},
		{"embed without a base", []string{"embed"}, "a\n", "--base"},
		{"unknown pooling of embed", []string{"embed", "--base", base, "--pooling", "sum"}, "a\n", "sum"},

		{"tokenizer train without data", []string{"tokenizer", "train", "--data", filepath.Join(dir, "none.txt"), "--out", out}, "", "none.txt"},
		{"tokenizer train on nothing", []string{"tokenizer", "train", "--data", file("empty.txt", ""), "--out", out}, "", "empty.txt"},
		{"tokenizer train of another model", []string{"tokenizer", "train", "--data", good, "--out", out, "--model", "unigram"}, "", "unigram"},
		{"vocabulary of nothing", []string{"tokenizer", "train", "--data", file("a.txt", "a b c\n"), "--out", out, "--vocab", "0"}, "", "--vocab"},
		{"encode with a bad tokenizer", []string{"tokenizer", "encode", "--tokenizer", file("tok.json", `{"version": "1.0"}`)}, "", "tok.json"},
		{"decode an id out of range", []string{"tokenizer", "decode", "--tokenizer", tok}, "[1]\n[99999]\n", "line 2"},
		{"decode text", []string{"tokenizer", "decode", "--tokenizer", tok}, "hello\n", "line 1"},

		{"data prepare of an unknown set", []string{"data", "prepare", "mnist", "--src", dir, "--out", out}, "", "mnist"},
		{"data prepare without a source", []string{"data", "prepare", "banking77", "--src", filepath.Join(dir, "none"), "--out", out}, "", "none"},
		{"data prepare corpus of an unknown key", []string{"data", "prepare", "corpus", "--src", file("unknown.json", `{"source": []}`), "--out", out}, "", `"source"`},
		{"data prepare corpus of no file", []string{"data", "prepare", "corpus", "--src", file("nofile.json", `{"sources": [{"name": "a", "format": "text", "paths": ["none.txt"]}]}`), "--out", out}, "", "none.txt"},
		{"data prepare corpus with a seed", []string{"data", "prepare", "corpus", "--src", file("seed.json", `{}`), "--out", out, "--seed", "2"}, "", "--seed"},
		{"data prepare, strict", []string{"data", "prepare", "banking77", "--src", dir, "--out", out, "--strict"}, "", "--strict"},
		{"data prepare, join", []string{"data", "prepare", "banking77", "--src", dir, "--out", out, "--join", good}, "", "--join"},
		{"data prepare squad with no file", []string{"data", "prepare", "squad", "--src", good, "--out", out, "--join", filepath.Join(dir, "none.json")}, "", "none.json"},
		{"data overlap without evaluation files", []string{"data", "overlap", "--text", dir}, "", "--with"},
		{"data overlap with a bad file", []string{"data", "overlap", "--text", good, "--with", file("with.jsonl", "{}\n")}, "", "with.jsonl:1"},
		{"data prepare of a bad file", []string{"data", "prepare", "banking77", "--src", file("bank.csv", "text,wrong\na,b\n"), "--out", filepath.Join(dir, "prepared")}, "", "bank.csv"},
		{"bench of an unknown peer", []string{"bench", "kernels", "--peer", "mkl"}, "", "mkl"},
		{"bench infer of an unknown peer", []string{"bench", "infer", "--peer", "torch", "--peer", "mkl"}, "", "mkl"},
		{"bench infer of a peer without a model", []string{"bench", "infer", "--peer", "onnxruntime"}, "", "--base"},
		{"bench infer of no model", []string{"bench", "infer", "--base", filepath.Join(dir, "none")}, "", "none"},
		{"bench inspect of an unknown peer", []string{"bench", "inspect", "--peer", "torch"}, "", "torch"},
		{"bench inspect of no pictures", []string{"bench", "inspect", "--pictures", "0"}, "", "--pictures"},
		{"bench on no threads", []string{"bench", "kernels", "--threads", "0"}, "", "--threads"},
		{"verify nothing", []string{"verify", filepath.Join(dir, "none")}, "", "none"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			before := tree(t, dir)
			_, code, err := fm(t, c.stdin, c.args...)
			if code != exitUsage {
				t.Errorf("exit code %d, want %d: %v", code, exitUsage, err)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("message %v, want %q in it", err, c.want)
			}
			if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
				t.Errorf("files changed:\n%s", diff)
			}
		})
	}
}
