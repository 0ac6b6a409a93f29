package data

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
)

// A token file holds a corpus as token ids, all integers little-endian:
//
//	0   magic "FMKTOKEN"
//	8   version, uint32: 1
//	12  width of a token in bytes, uint32: 2 or 4
//	16  tokens, uint64
//	24  documents, uint64
//	32  SHA-256 of all that follows the header
//	64  tokens
//	    position of each document's first token, uint64, ascending
const (
	tokenMagic   = "FMKTOKEN"
	tokenVersion = 1
	tokenHeader  = 64
)

// A TokenWriter writes a token file, holding nothing of it in memory. The file appears at its path when Commit succeeds.
type TokenWriter struct {
	file   *atomicFile
	starts *os.File // document starts, until they are appended
	out    *bufio.Writer
	index  *bufio.Writer
	sum    hash.Hash
	vocab  int
	width  int
	tokens uint64
	docs   uint64
	buf    []byte
}

// CreateTokens starts a token file for ids below vocab: 2 bytes a token up to a vocabulary of 65,536, else 4.
func CreateTokens(path string, vocab int) (*TokenWriter, error) {
	if vocab < 1 || vocab > 1<<31-1 {
		return nil, fmt.Errorf("data: tokens: vocabulary is %d, want 1 to 2^31-1", vocab)
	}
	f, err := createAtomic(path)
	if err != nil {
		return nil, err
	}
	starts, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.starts.tmp")
	if err != nil {
		f.abort()
		return nil, fmt.Errorf("data: tokens: %w", err)
	}
	w := &TokenWriter{file: f, starts: starts, sum: sha256.New(), vocab: vocab, width: 2}
	if vocab > 1<<16 {
		w.width = 4
	}
	w.out = bufio.NewWriterSize(f, 256<<10)
	w.index = bufio.NewWriterSize(starts, 64<<10)
	if _, err := w.out.Write(make([]byte, tokenHeader)); err != nil {
		w.Abort()
		return nil, fmt.Errorf("data: tokens: %w", err)
	}
	return w, nil
}

// Add appends one document; an empty one is skipped.
func (w *TokenWriter) Add(ids []int32) error {
	if len(ids) == 0 {
		return nil
	}
	w.buf = w.buf[:0]
	for i, id := range ids {
		if id < 0 || int(id) >= w.vocab {
			return fmt.Errorf("data: tokens: token %d of a document is %d, want 0 to %d", i, id, w.vocab-1)
		}
		if w.width == 2 {
			w.buf = binary.LittleEndian.AppendUint16(w.buf, uint16(id))
		} else {
			w.buf = binary.LittleEndian.AppendUint32(w.buf, uint32(id))
		}
	}
	w.sum.Write(w.buf)
	_, err := w.out.Write(w.buf)
	if err == nil {
		_, err = w.index.Write(binary.LittleEndian.AppendUint64(nil, w.tokens))
	}
	if err != nil {
		return fmt.Errorf("data: tokens: %w", err)
	}
	w.tokens += uint64(len(ids))
	w.docs++
	return nil
}

// Commit completes the file: index, header, sync, rename. A file with no tokens is an error that wraps ErrEmpty.
func (w *TokenWriter) Commit() error {
	defer w.Abort()
	if w.tokens == 0 {
		return fmt.Errorf("data: tokens: %s: %w", w.file.path, ErrEmpty)
	}
	if err := w.finish(); err != nil {
		return fmt.Errorf("data: tokens: %w", err)
	}
	return w.file.commit()
}

func (w *TokenWriter) finish() error {
	if err := w.index.Flush(); err != nil {
		return err
	}
	if _, err := w.starts.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.Copy(io.MultiWriter(w.out, w.sum), w.starts); err != nil {
		return err
	}
	if err := w.out.Flush(); err != nil {
		return err
	}
	h := make([]byte, 0, tokenHeader)
	h = append(h, tokenMagic...)
	h = binary.LittleEndian.AppendUint32(h, tokenVersion)
	h = binary.LittleEndian.AppendUint32(h, uint32(w.width))
	h = binary.LittleEndian.AppendUint64(h, w.tokens)
	h = binary.LittleEndian.AppendUint64(h, w.docs)
	h = w.sum.Sum(h)
	_, err := w.file.WriteAt(h, 0)
	return err
}

// Abort removes what was written unless Commit succeeded. It may be called more than once.
func (w *TokenWriter) Abort() {
	w.file.abort()
	if w.starts != nil {
		_ = errors.Join(w.starts.Close(), os.Remove(w.starts.Name()))
		w.starts = nil
	}
}
