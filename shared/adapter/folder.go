package adapter

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// A Folder is an adapter folder whose passport has been read and whose weights have not.
type Folder struct {
	Passport *Passport
	Config   Config
	fsys     fs.FS
	close    func() error
}

// Open reads passport and configuration of the folder dir. Links that lead out of dir are refused. The caller closes the result.
func Open(dir string) (*Folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("adapter: %w", err)
	}
	f, err := OpenFS(root.FS())
	if err != nil {
		root.Close()
		return nil, err
	}
	f.close = root.Close
	return f, nil
}

// In hands load the folder dir, which no link leads out of, and closes it.
func In[P any](dir string, load func(fsys fs.FS) (P, error)) (p P, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return p, fmt.Errorf("adapter: %w", err)
	}
	defer root.Close()
	return load(root.FS())
}

// OpenFS is Open on the root of fsys, whose files must be able to read at an offset.
func OpenFS(fsys fs.FS) (*Folder, error) {
	f := &Folder{fsys: fsys}
	raw, err := readSmall(fsys, passportFile)
	if err != nil {
		return nil, err
	}
	if f.Passport, err = ParsePassport(raw); err != nil {
		return nil, err
	}
	if raw, err = readSmall(fsys, configFile); err != nil {
		return nil, err
	}
	settings, _ := peft.Default(f.Passport.Method)
	settings.Clear()
	if err := strictjson.Decode(raw, f.Config.beside(&settings), strictjson.Limits{}); err != nil {
		return nil, fmt.Errorf("adapter: %w: %s: %w", ErrPassport, configFile, err)
	}
	if want := peft.TypeName(f.Passport.Method); f.Config.PEFTType != want {
		return nil, fmt.Errorf("adapter: %w: %s: peft_type: got %q, want %q", ErrPassport, configFile, f.Config.PEFTType, want)
	}
	if !reflect.DeepEqual(settings, f.Passport.Config) {
		return nil, fmt.Errorf("adapter: %w: %s: got other settings of the method than %s has", ErrPassport, configFile, passportFile)
	}
	return f, nil
}

// ReadPassport reads the passport of the folder dir and nothing else.
func ReadPassport(dir string) (*Passport, error) {
	return In(dir, func(fsys fs.FS) (*Passport, error) {
		raw, err := readSmall(fsys, passportFile)
		if err != nil {
			return nil, err
		}
		return ParsePassport(raw)
	})
}

// Close releases the folder.
func (f *Folder) Close() error {
	if f.close == nil {
		return nil
	}
	return f.close()
}

// Fill reads the weights into params, widened. Names and shapes must be exactly those of params, the stored type the passport's (ErrTensors, checked before any value is read), the sums right (ErrChanged), values finite,
// and their digest the passport's (ErrDigest). On error some values may have been written: fill a model that nobody uses yet.
func (f *Folder) Fill(params []*nn.Param) error {
	if err := regular(f.fsys, weightsFile); err != nil {
		return err
	}
	w, err := checkpoint.OpenFS(f.fsys, weightsFile)
	if err != nil {
		return fmt.Errorf("adapter: %w", err)
	}
	defer w.Close()
	stored, _ := f.Passport.dtype()
	tensors := Tensors(params)
	want := make(map[string]bool, len(tensors))
	for _, t := range tensors {
		want[t.Name] = true
		info, err := w.Info(t.Name)
		if err != nil {
			return fmt.Errorf("adapter: %w: %w", ErrTensors, err)
		}
		if !slices.Equal(info.Shape, t.Shape) {
			return fmt.Errorf("adapter: %w: %s has shape %v, want %v", ErrTensors, t.Name, info.Shape, t.Shape)
		}
		if info.DType != stored {
			return fmt.Errorf("adapter: %w: %s is %v, want %v", ErrTensors, t.Name, info.DType, stored)
		}
	}
	for _, name := range w.Names() {
		if !want[name] {
			return fmt.Errorf("adapter: %w: %q belongs to no parameter", ErrTensors, name)
		}
	}
	if err := f.sealed(); err != nil {
		return err
	}
	for _, t := range tensors {
		if err := w.Read(t.Name, t.Data); err != nil {
			return fmt.Errorf("adapter: %w", err)
		}
	}
	if got := checkpoint.Digest(tensors); got != f.Passport.Digest {
		return fmt.Errorf("adapter: %s: %w: got %s, want %s", weightsFile, ErrDigest, got, f.Passport.Digest)
	}
	return nil
}

// Digest computes the digest of the stored weights, of a folder whose sums are right.
func (f *Folder) Digest() (string, error) {
	if err := f.sealed(); err != nil {
		return "", err
	}
	if err := regular(f.fsys, weightsFile); err != nil {
		return "", err
	}
	w, err := checkpoint.OpenFS(f.fsys, weightsFile)
	if err != nil {
		return "", fmt.Errorf("adapter: %w", err)
	}
	defer w.Close()
	tensors, err := w.ReadAll()
	if err != nil {
		return "", fmt.Errorf("adapter: %w", err)
	}
	return checkpoint.Digest(tensors), nil
}

// maxSmall bounds the JSON files of a folder, in bytes.
const maxSmall = 16 << 20

func readSmall(fsys fs.FS, name string) ([]byte, error) {
	if err := regular(fsys, name); err != nil {
		return nil, err
	}
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("adapter: %w: %s: %w", ErrPassport, name, cause(err))
	}
	return raw, nil
}

// regular refuses what isn't a plain file of a sensible size before it is opened: opening a pipe would wait.
func regular(fsys fs.FS, name string) error {
	info, err := fs.Stat(fsys, name)
	switch {
	case err != nil:
		return fmt.Errorf("adapter: %w: %s: %w", ErrPassport, name, cause(err))
	case !info.Mode().IsRegular():
		return fmt.Errorf("adapter: %w: %s is not a regular file", ErrPassport, name)
	case name != weightsFile && info.Size() > maxSmall:
		return fmt.Errorf("adapter: %w: %s: got %d bytes, want at most %d", ErrPassport, name, info.Size(), maxSmall)
	}
	return nil
}

// cause drops the folder from a file error.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
