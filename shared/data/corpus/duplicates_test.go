package corpus

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/random"
)

// randomSet is a sorted set of n hashes, of which the first shared ones are those of the set with number of.
func randomSet(of, number uint64, n, shared int) []uint64 {
	set := make([]uint64, n)
	for i := range set {
		key := number
		if i < shared {
			key = of
		}
		set[i] = random.Mix(random.Key(key, "set"), uint64(i))
	}
	slices.Sort(set)
	return set
}

// TestDuplicatesAgainstSearch compares with the exact similarity of all pairs: nothing below the threshold is found, and at most 2 % above it are missed.
func TestDuplicatesAgainstSearch(t *testing.T) {
	for _, threshold := range []float64{0.5, 0.8, 0.95, 1} {
		d, err := newDuplicateFinder(t.TempDir(), threshold)
		if err != nil {
			t.Fatal(err)
		}
		defer d.close()
		var kept [][]uint64
		alike, missed := 0, 0
		for i := range uint64(800) {
			n := 5 + int(random.Mix(1, i)%60)
			of := i
			shared := 0
			if i > 0 && i%2 == 1 {
				of, shared = i-1, n*int(30+random.Mix(2, i)%71)/100
				n = 5 + int(random.Mix(1, of)%60)
				shared = min(shared, n)
			}
			set := randomSet(of, i, n, shared)
			want := slices.ContainsFunc(kept, func(k []uint64) bool { return jaccard(k, set) >= threshold })
			got, err := d.seen(set)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case got && !want:
				t.Fatalf("threshold %g: text %d is no duplicate", threshold, i)
			case want:
				alike++
				if !got {
					missed++
				}
			}
			if !got {
				kept = append(kept, set)
			}
		}
		if alike == 0 || missed*50 > alike {
			t.Errorf("threshold %g: missed %d of %d", threshold, missed, alike)
		}
		if bytes := (8*len(d.table.slots) + 12*len(d.offsets)) / len(d.offsets); threshold == 0.8 && bytes > 300 {
			t.Errorf("%d bytes a text, want less than 300", bytes)
		}
	}
}

// TestManyAlike holds the time bound: texts that share a band but are no duplicates fill a bucket only so far.
func TestManyAlike(t *testing.T) {
	var b buckets
	for i := range 10_000 {
		b.add(7, i)
	}
	n := 0
	b.get(7, func(int) bool { n++; return false })
	if n >= maxBucket+1 {
		t.Errorf("a bucket holds %d texts, want at most %d", n, maxBucket)
	}
}

func TestJaccard(t *testing.T) {
	for _, c := range []struct {
		a, b []uint64
		want float64
	}{
		{[]uint64{1, 2, 3}, []uint64{1, 2, 3}, 1},
		{[]uint64{1, 2, 3, 4}, []uint64{3, 4, 5, 6}, 1.0 / 3},
		{[]uint64{1}, []uint64{2}, 0},
		{nil, nil, 0},
	} {
		if got := jaccard(c.a, c.b); got != c.want {
			t.Errorf("%v %v: got %g, want %g", c.a, c.b, got, c.want)
		}
	}
}

const turn = "i would like to change the seat of my flight to paris tomorrow"

// TestDuplicateLines holds which lines are dropped: long ones inside and across sources, short ones outside dialogues, and short turns of a
// copied passage.
func TestDuplicateLines(t *testing.T) {
	long := "the quick brown fox jumps over the lazy dog near the old river bank today"
	near := "the quick brown fox jumps over the lazy dog near the old river bank now"
	header := "conversationId\tturnNumber\tutteranceId\tutterance\tslot-labels\tintent\n"
	row := func(conversation int, text string) string {
		return fmt.Sprintf("c%d\t1\tu\t%s\tO\tx\n", conversation, text)
	}
	dir := folder(t, map[string]string{
		"corpus.json": `{"near_duplicate": 0.75, "sources": [{"name": "a", "format": "text", "paths": ["a.txt"]}, {"name": "b", "format": "text", "paths": ["b.txt"]},
			{"name": "d", "format": "multidogo", "paths": ["d.tsv"]}]}`,
		"a.txt": long + ".\n\nNew in version three.\n\n" + long + " again.\n\nNew in version three.\n",
		"b.txt": near + ".\n\nAnother line is here.\n\nNew in version three.\n",
		"d.tsv": header + row(1, "hello there") + row(1, turn) + row(1, "yes please") + row(1, "thank you") +
			row(2, "hello there") + row(2, "yes please") + // short turns stay
			row(3, turn) + row(3, "yes please") + row(3, turn+" please") + row(3, "and i need some help with a bag that was lost on the way") + row(3, "thanks") +
			row(4, "hello there") + row(4, "yes please"), // the whole of conversation 2
	})
	m, err := build(t, dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"a": long + ".\nNew in version three.\n",
		"b": "Another line is here.\n",
		"d": "hello there\n" + turn + "\nyes please\nthank you\n\nhello there\nyes please\n\nand i need some help with a bag that was lost on the way\nthanks\n",
	} {
		if got := read(t, dir, "out", name+".txt"); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	for _, s := range m.Sources {
		checkSums(t, s)
	}
	if got := m.Sources[2].NearDuplicates; got.Documents != 1 {
		t.Errorf("near duplicates %+v, want one document", got)
	}
}

func TestNearDuplicateDocument(t *testing.T) {
	var lines []string
	for i := range 40 {
		lines = append(lines, fmt.Sprintf("short line %d of it", i))
	}
	doc := func(lines []string) string { return fmt.Sprintf("{\"text\": %q}\n", strings.Join(lines, "\n")) }
	changed := slices.Clone(lines)
	changed[20] = "quite another line"
	dir := folder(t, map[string]string{
		"corpus.json": `{"sources": [{"name": "a", "format": "jsonl", "paths": ["a.jsonl"]}]}`,
		"a.jsonl":     doc(lines) + doc(changed),
	})
	m, err := build(t, dir, Options{})
	if err != nil || m.Sources[0].NearDuplicates != (Count{1, 40, 198}) || m.Sources[0].Kept.Documents != 1 {
		t.Errorf("%+v %v", m, err)
	}
}
