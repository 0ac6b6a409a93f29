package demo

import (
	"testing"

	"github.com/fmkit/fmkit/vision/picture"
)

// TestInspection: scratches are found, alarms are rare, and the heat map is a picture.
func TestInspection(t *testing.T) {
	o := Options{Dir: t.TempDir()}
	if err := o.fill(); err != nil {
		t.Fatal(err)
	}
	r, err := o.inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", *r)
	if r.Arms[0].AUROC < 0.95 || r.Found < testCloths*3/4 || r.False > testCloths/5 {
		t.Errorf("got %+v", *r)
	}
	if m, err := picture.DecodeFile(r.Heat, picture.Limits{}); err != nil || m.Rect.Dx() != weaveSide {
		t.Errorf("heat map: %v", err)
	}
}
