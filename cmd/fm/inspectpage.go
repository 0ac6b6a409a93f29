package main

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/jpeg"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/vision/picture"
)

// mostThumbs bounds the pictures of a sheet, so that a browser can open it.
const mostThumbs = 1000

//go:embed inspectpage.html.tmpl
var sheetTemplate string

var sheet = template.Must(template.New("sheet").Funcs(template.FuncMap{
	"embed": func(raw []byte) template.URL {
		return template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(raw))
	},
}).Parse(sheetTemplate))

// contactSheet is a page that needs nothing else, with the worst pictures first.
func contactSheet(folder string, all []*verdict) ([]byte, error) {
	worst := worstFirst(all)
	about := struct {
		Folder string
		Count  map[string]int
		All    int
		Shown  []*verdict
	}{folder, map[string]int{}, len(all), worst[:min(len(worst), mostThumbs)]}
	for _, v := range all {
		about.Count[v.verdict()]++
	}
	var raw bytes.Buffer
	if err := sheet.Execute(&raw, about); err != nil {
		return nil, fmt.Errorf("contact sheet: %w", err)
	}
	return raw.Bytes(), nil
}

// thumbnail is a picture with its heat map, small.
func thumbnail(j judge, m *image.NRGBA, a *inspector.Answer) ([]byte, error) {
	w, h := shrunk(m.Rect)
	painted, err := j.Paint(picture.Resize(m, w, h, picture.Bilinear), a)
	if err != nil {
		return nil, err
	}
	var raw bytes.Buffer
	if err := jpeg.Encode(&raw, painted, &jpeg.Options{Quality: 80}); err != nil {
		return nil, fmt.Errorf("contact sheet: %w", err)
	}
	return raw.Bytes(), nil
}
