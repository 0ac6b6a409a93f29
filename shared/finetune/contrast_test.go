package finetune

import (
	"reflect"
	"slices"
	"testing"
)

// TestCompanies: an epoch has every row once, hardly any alone in its batch, and as many batches as every other; another epoch gives other company.
func TestCompanies(t *testing.T) {
	var lengths, classes []int32
	for i := range int32(103) {
		lengths, classes = append(lengths, 3+i*7%40), append(classes, i%10)
	}
	classes[102] = 10 // the only one of its class
	first := companies(lengths, classes, 16, 5, 0)
	for epoch := range 4 {
		batches := companies(lengths, classes, 16, 5, epoch)
		if !reflect.DeepEqual(batches, companies(lengths, classes, 16, 5, epoch)) {
			t.Fatal("twice gives another order")
		}
		if len(batches) != len(first) || epoch > 0 && reflect.DeepEqual(batches, first) {
			t.Errorf("epoch %d: got %d batches, the first had %d and should be others", epoch, len(batches), len(first))
		}
		var rows []int32
		alone := 0
		for _, b := range batches {
			if len(b) > 16 {
				t.Errorf("epoch %d: a batch of %d rows, want at most 16", epoch, len(b))
			}
			for _, r := range b {
				if !slices.ContainsFunc(b, func(o int32) bool { return o != r && classes[o] == classes[r] }) {
					alone++
				}
			}
			rows = append(rows, b...)
		}
		slices.Sort(rows)
		if len(rows) != 103 || len(slices.Compact(rows)) != 103 {
			t.Errorf("epoch %d: got %d rows, want all 103 once", epoch, len(rows))
		}
		if alone > 11 { // a class's rest may be one
			t.Errorf("epoch %d: %d rows have nobody of their class beside them", epoch, alone)
		}
	}
	if other := companies(lengths, classes, 16, 6, 0); reflect.DeepEqual(other, first) {
		t.Error("another seed gives the same batches")
	}
}
