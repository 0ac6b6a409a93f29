package dataset

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/data"
)

// list makes n items of three classes and five groups.
func list(n int) []Item {
	items := make([]Item, n)
	for i := range items {
		items[i] = Item{ID: fmt.Sprint(i), Label: fmt.Sprint("c", i%3), Group: fmt.Sprint("g", i%5)}
	}
	return items
}

func TestSplits(t *testing.T) {
	items := list(60)
	train, held := HoldOut(items, 0.2, 7)
	if len(train) != 48 || len(held) != 12 {
		t.Errorf("got %d and %d items", len(train), len(held))
	}
	for _, c := range Classes(items) {
		if n := strings.Count(strings.Join(Labels(held), " "), c); n != 4 {
			t.Errorf("held back %d of class %s, want 4", n, c)
		}
	}
	again, _ := HoldOut(items, 0.2, 7)
	same(t, "same seed", ids(again), ids(train))
	if other, _ := HoldOut(items, 0.2, 8); slices.Equal(ids(other), ids(train)) {
		t.Error("another seed gave the same split")
	}
	train, held, err := HoldOutGroups(items, 0.4, 7)
	if err != nil || len(train) != 36 || len(held) != 24 {
		t.Errorf("by group: got %d and %d items, %v", len(train), len(held), err)
	}
	for _, it := range held {
		if slices.ContainsFunc(train, func(o Item) bool { return o.Group == it.Group }) {
			t.Errorf("group %s is on both sides", it.Group)
		}
	}
	items[9].Group = ""
	if _, _, err := HoldOutGroups(items, 0.4, 7); err == nil || !strings.Contains(err.Error(), "9 has no group") {
		t.Errorf("no group: got %v", err)
	}
	shots, err := Shots(items, 2, 7)
	if err != nil || len(shots) != 6 || len(Classes(shots)) != 3 {
		t.Errorf("got %v, %v", shots, err)
	}
	if _, err := Shots(items, 21, 7); !errors.Is(err, data.ErrTooFewShots) {
		t.Errorf("got %v, want %v", err, data.ErrTooFewShots)
	}
}

// TestHash holds that what counts changes the hash, and that where the files lie doesn't.
func TestHash(t *testing.T) {
	make2 := func() (string, []Item) {
		dir := t.TempDir()
		pictures(t, dir, "train/good/0.png", "test/hole/0.png", "ground_truth/hole/0_mask.png")
		return dir, open(t, dir).Items
	}
	sum := func(items []Item) string {
		h, err := Hash(t.Context(), "name", items)
		if err != nil || h.Path != "name" || len(h.SHA256) != 64 {
			t.Fatal(h, err)
		}
		return h.SHA256
	}
	dir, items := make2()
	_, moved := make2()
	want := sum(items)
	if sum(moved) != want {
		t.Error("another folder, another hash")
	}
	h, _ := Hash(t.Context(), "name", items)
	var bytes int64
	for _, f := range []string{"train/good/0.png", "test/hole/0.png", "ground_truth/hole/0_mask.png"} {
		info, err := os.Stat(filepath.Join(dir, f))
		if err != nil {
			t.Fatal(err)
		}
		bytes += info.Size()
	}
	if h.Bytes != bytes {
		t.Errorf("got %d bytes, want %d", h.Bytes, bytes)
	}
	seen := map[string]bool{want: true}
	for what, change := range map[string]func(items []Item){
		"label":  func(it []Item) { it[0].Label = "x" },
		"split":  func(it []Item) { it[0].Split = "val" },
		"group":  func(it []Item) { it[0].Group = "x" },
		"ID":     func(it []Item) { it[0].ID = "x" },
		"box":    func(it []Item) { it[0].Boxes = []Box{{1, 2, 3, 4, "x"}} },
		"record": func(it []Item) { it[0].record = 1 },
		"order":  func(it []Item) { it[0], it[1] = it[1], it[0] },
		"mask":   func(it []Item) { it[0].Mask = "" },
	} {
		c := slices.Clone(items)
		change(c)
		if got := sum(c); seen[got] {
			t.Errorf("another %s, the same hash", what)
		} else {
			seen[got] = true
		}
	}
	put(t, dir, "ground_truth/hole/0_mask.png", pngOf(t, 4, 3, 77))
	if seen[sum(items)] {
		t.Error("another mask, the same hash")
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Hash(stopped, "name", items); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	items[0].Path = "none"
	if _, err := Hash(t.Context(), "name", items); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
