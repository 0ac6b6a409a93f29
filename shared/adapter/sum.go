package adapter

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Versions of the passport's form. The first had no sums; it is still read.
const (
	formatPlain = 1
	format      = 2
)

// Seal sets the sums of the passport, as Save writes it beside the adapter_config.json c: of the file c, and of everything in the passport itself. What they hold together nobody changes by
// accident or in an editor; that somebody who seals it again tells the truth is what verifying shows.
func (p *Passport) Seal(c Config) (err error) {
	if p.RecipeSHA256, err = RecipeSum(p.Recipe); err != nil {
		return fmt.Errorf("adapter: %w", err)
	}
	if p.ConfigSHA256, err = configSum(c, p); err != nil {
		return err
	}
	p.Sum, err = p.sum()
	return err
}

// sum is the SHA-256 of the passport without its Sum, as compact JSON.
func (p *Passport) sum() (string, error) {
	bare := *p
	bare.Sum = ""
	return sumJSON(&bare, "passport")
}

// configSum is the SHA-256 of adapter_config.json with the settings of the passport's method in it, as compact JSON.
func configSum(c Config, p *Passport) (string, error) {
	return sumJSON(c.beside(&p.Config), configFile)
}

func sumJSON(v any, what string) (string, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("adapter: %w: %s: %w", ErrPassport, what, err)
	}
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

// sealed compares the sums with the passport and adapter_config.json.
func (f *Folder) sealed() error {
	p := f.Passport
	if p.Format == formatPlain {
		if p.Sum != "" || p.ConfigSHA256 != "" {
			return fmt.Errorf("adapter: %w: %w: got sums in format %d, want format %d", ErrPassport, ErrChanged, formatPlain, format)
		}
		return nil
	}
	if base, commit := splitCommit(p.Base.Name); f.Config.BaseModel != base || f.Config.Revision != commit {
		return fmt.Errorf("adapter: %w: %s: base_model_name_or_path: got %q, %s has %q", ErrPassport, configFile, f.Config.BaseModel, passportFile, p.Base.Name)
	}
	got, err := p.sum()
	if err != nil {
		return err
	}
	if got != p.Sum {
		return fmt.Errorf("adapter: %w: %s: %w: sum: got %s, want %s", ErrPassport, passportFile, ErrChanged, got, p.Sum)
	}
	if got, err = configSum(f.Config, p); err != nil {
		return err
	}
	if got != p.ConfigSHA256 {
		return fmt.Errorf("adapter: %w: %s: %w: got %s, want %s", ErrPassport, configFile, ErrChanged, got, p.ConfigSHA256)
	}
	return nil
}
