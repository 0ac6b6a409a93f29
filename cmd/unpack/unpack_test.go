package unpack

import (
	"os"
	"testing"
	"testing/fstest"
)

func TestFolders(t *testing.T) {
	base, adapter := "mine", "also mine"
	remove, err := Folders(fstest.MapFS{}, &base, &adapter)
	if err != nil || base != "mine" || adapter != "also mine" {
		t.Errorf("folders that are set became %s, %s, %v", base, adapter, err)
	}
	remove()
	base = ""
	if _, err := Folders(fstest.MapFS{"model/README.md": {}}, &base, &adapter); err == nil {
		t.Error("a binary without a model was accepted")
	}
	base = ""
	remove, err = Folders(fstest.MapFS{"model/base/config.json": {}, "model/adapter/fmkit.json": {}}, &base, &adapter)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{base + "/config.json", adapter + "/fmkit.json"} {
		if _, err := os.Stat(file); err != nil {
			t.Error(err)
		}
	}
	remove()
	if _, err := os.Stat(base); err == nil {
		t.Error("the folder is still there")
	}
}
