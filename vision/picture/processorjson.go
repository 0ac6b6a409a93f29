package picture

import (
	"encoding/json"
	"fmt"

	"github.com/fmkit/fmkit/shared/strictjson"
)

// maxConfigBytes bounds preprocessor_config.json; real ones have less than a thousand bytes.
const maxConfigBytes = 1 << 16

// processorConfig is preprocessor_config.json, with transformers' names.
type processorConfig struct {
	Type       string      `json:"image_processor_type,omitempty"`
	OldType    string      `json:"feature_extractor_type,omitempty"`
	CropSize   *sizeConfig `json:"crop_size,omitempty"`
	Crop       *bool       `json:"do_center_crop"`
	ConvertRGB *bool       `json:"do_convert_rgb"`
	Normalize  *bool       `json:"do_normalize"`
	Rescale    *bool       `json:"do_rescale"`
	Resize     *bool       `json:"do_resize"`
	Mean       []float64   `json:"image_mean"`
	Std        []float64   `json:"image_std"`
	Filter     *Filter     `json:"resample"`
	Factor     *float64    `json:"rescale_factor"`
	Size       *sizeConfig `json:"size,omitempty"`
	CropPct    *float64    `json:"crop_pct,omitempty"`
}

// sizeConfig is one number or sides by name.
type sizeConfig struct {
	one int
	sizeByName
}

type sizeByName struct {
	Height       int `json:"height,omitempty"`
	Width        int `json:"width,omitempty"`
	ShortestEdge int `json:"shortest_edge,omitempty"`
}

// UnmarshalJSON reads either form.
func (s *sizeConfig) UnmarshalJSON(raw []byte) error {
	if raw[0] != '{' {
		return json.Unmarshal(raw, &s.one)
	}
	return strictjson.Decode(raw, &s.sizeByName, strictjson.Limits{Bytes: maxConfigBytes})
}

// ParseProcessor reads a preprocessor_config.json of ViTImageProcessor, DeiTImageProcessor, BitImageProcessor, CLIPImageProcessor or
// SiglipImageProcessor. What the file leaves out has transformers' defaults for its type; keys that aren't known are passed over. Errors wrap ErrConfig. Pictures are made RGB or,
// with one mean, gray, whatever do_convert_rgb says.
func ParseProcessor(raw []byte) (Processor, error) {
	var c processorConfig
	if err := strictjson.Decode(raw, &c, strictjson.Limits{Bytes: maxConfigBytes, AllowUnknown: true}); err != nil {
		return Processor{}, fmt.Errorf("picture: %w: %w", ErrConfig, err)
	}
	if c.Type == "" {
		c.Type = c.OldType
	}
	f, err := familyOf(c.Type)
	if err != nil {
		return Processor{}, fmt.Errorf("picture: %w", err)
	}
	if c.CropPct != nil {
		return Processor{}, fmt.Errorf("picture: %w: crop_pct: got %v, want none", ErrConfig, *c.CropPct)
	}
	p := Processor{
		Type:   c.Type,
		Resize: given(c.Resize, true), Filter: given(c.Filter, f.filter),
		CenterCrop: given(c.Crop, f.crop > 0),
		Rescale:    given(c.Rescale, true), Factor: given(c.Factor, 1.0/255),
		Normalize: given(c.Normalize, true), Mean: f.mean, Std: f.std,
	}
	if c.Mean != nil {
		p.Mean = c.Mean
	}
	if c.Std != nil {
		p.Std = c.Std
	}
	p.setSizes(c, f)
	if err := p.Validate(); err != nil {
		return Processor{}, err
	}
	return p.clone(), nil
}

// setSizes reads size and crop_size, of which one number stands for a square, or a shorter side in families that say so.
func (p *Processor) setSizes(c processorConfig, f family) {
	if p.Resize {
		size := given(c.Size, f.size)
		switch {
		case size.one == 0:
			p.Width, p.Height, p.ShortestEdge = size.Width, size.Height, size.ShortestEdge
		case f.shortest:
			p.ShortestEdge = size.one
		default:
			p.Width, p.Height = size.one, size.one
		}
	}
	if p.CenterCrop {
		crop := given(c.CropSize, sizeConfig{one: max(f.crop, f.size.one, f.size.Width)})
		p.CropWidth, p.CropHeight = crop.Width, crop.Height
		if crop.one != 0 {
			p.CropWidth, p.CropHeight = crop.one, crop.one
		}
	}
}

// given gives what a file says, or else what holds without it.
func given[T any](v *T, otherwise T) T {
	if v == nil {
		return otherwise
	}
	return *v
}

// JSON gives the preprocessor_config.json of p.
func (p Processor) JSON() ([]byte, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	rgb := p.Channels() == 3
	c := processorConfig{
		Type: p.Type, Crop: &p.CenterCrop, ConvertRGB: &rgb, Normalize: &p.Normalize, Rescale: &p.Rescale, Resize: &p.Resize,
		Mean: p.Mean, Std: p.Std, Filter: &p.Filter, Factor: &p.Factor,
	}
	if c.Type == "" {
		c.Type = "ViTImageProcessor"
	}
	if p.Resize {
		c.Size = &sizeConfig{sizeByName: sizeByName{ShortestEdge: p.ShortestEdge}}
		if p.ShortestEdge == 0 {
			c.Size.Height, c.Size.Width = p.Height, p.Width
		}
	}
	if p.CenterCrop {
		c.CropSize = &sizeConfig{sizeByName: sizeByName{Height: p.CropHeight, Width: p.CropWidth}}
	}
	raw, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("picture: %w: %w", ErrConfig, err)
	}
	return append(raw, '\n'), nil
}
