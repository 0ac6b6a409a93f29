package pretrain

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/text/tokenizer"
	trainer "github.com/fmkit/fmkit/text/tokenizer/train"
)

// tokens are tokenised text on disk, in two parts.
type tokens struct {
	tokenizer   *tokenizer.Tokenizer
	train, held *data.TokenFile
}

func (c *tokens) close() error { return errors.Join(c.train.Close(), c.held.Close()) }

// openTokens prepares the text: a tokenizer, given or trained on the training part, and two token files. Everything is kept in dir
// under the hash of what it depends on, so that a second run, or a resumed one, reads what the first one made.
func openTokens(ctx context.Context, c Config, dir string, t *texts, given *tokenizer.Tokenizer) (*tokens, error) {
	var bytes int64
	for _, f := range t.files {
		bytes += f.Bytes
	}
	split := newSplitter(bytes, c.Held, c.Train.Seed)
	split.byContent = t.manifest != nil
	tok := given
	var err error
	if tok == nil {
		if tok, err = trainTokenizer(ctx, c, dir, t, split); err != nil {
			return nil, err
		}
	}
	raw, err := tok.JSON()
	if err != nil {
		return nil, fmt.Errorf("pretrain: %w", err)
	}
	key, err := contentKey(t.files, raw, t.blank, split.size, split.period, c.Train.Seed)
	if err != nil {
		return nil, err
	}
	trainPath, heldPath := filepath.Join(dir, "tokens-"+key+".train"), filepath.Join(dir, "tokens-"+key+".held")
	co := &tokens{tokenizer: tok}
	if co.open(trainPath, heldPath) == nil {
		return co, nil
	}
	if err := tokenize(ctx, tok, split, t, trainPath, heldPath); err != nil {
		return nil, err
	}
	if err := co.open(trainPath, heldPath); err != nil {
		return nil, fmt.Errorf("pretrain: %w", err)
	}
	return co, nil
}

// open opens both files and checks their contents.
func (c *tokens) open(trainPath, heldPath string) (err error) {
	if c.train, err = data.OpenTokens(trainPath); err != nil {
		return err
	}
	if c.held, err = data.OpenTokens(heldPath); err != nil {
		return errors.Join(err, c.train.Close())
	}
	if err = errors.Join(c.train.Verify(), c.held.Verify()); err != nil {
		return errors.Join(err, c.close())
	}
	return nil
}

// trainTokenizer learns a vocabulary from the training part, or reads the one that it learned before.
func trainTokenizer(ctx context.Context, c Config, dir string, t *texts, split splitter) (*tokenizer.Tokenizer, error) {
	key, err := contentKey(t.files, c.Tokenizer, t.blank, c.Model.VocabSize, c.Cased, split.size, split.period, c.Train.Seed)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "tokenizer-"+key+".json")
	if tok, err := tokenizer.Load(path); err == nil {
		return tok, nil
	}
	lines := split.training(t.documents())
	var tok *tokenizer.Tokenizer
	switch c.Tokenizer {
	case "wordpiece":
		tok, err = trainer.WordPiece(ctx, lines, trainer.Config{VocabSize: c.Model.VocabSize, Cased: c.Cased})
	case "bpe":
		tok, err = trainer.ByteLevelBPE(ctx, lines, trainer.Config{
			VocabSize: c.Model.VocabSize, Special: []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}, Cls: "[CLS]", Sep: "[SEP]",
		})
	}
	if err != nil {
		return nil, fmt.Errorf("pretrain: tokenizer: %w", err)
	}
	raw, err := tok.JSON()
	if err != nil {
		return nil, fmt.Errorf("pretrain: tokenizer: %w", err)
	}
	return tok, checkpoint.WriteFile(path, raw)
}

// tokenize writes both token files. A document is a run of neighbouring pieces of one part, and ends with [SEP].
func tokenize(ctx context.Context, tok *tokenizer.Tokenizer, split splitter, t *texts, trainPath, heldPath string) (err error) {
	var parts [2]struct {
		w   *data.TokenWriter
		doc []int32
	}
	for i, path := range []string{trainPath, heldPath} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("pretrain: %w", err)
		}
		if parts[i].w, err = data.CreateTokens(path, tok.VocabSize()); err != nil {
			return err
		}
		defer parts[i].w.Abort()
	}
	sep := tok.Roles().Sep
	flush := func(i int) error {
		p := &parts[i]
		if len(p.doc) == 0 {
			return nil
		}
		err := p.w.Add(append(p.doc, sep))
		p.doc = p.doc[:0]
		return err
	}
	var failed error
	err = split.pieces(t.documents(), func(piece string, held, newDoc bool) bool {
		to := 0
		if held {
			to = 1
		}
		failed = ctx.Err()
		if newDoc {
			failed = errors.Join(failed, flush(0), flush(1))
		} else {
			failed = errors.Join(failed, flush(1-to))
		}
		parts[to].doc = tok.AppendIDs(parts[to].doc, piece)
		return failed == nil
	})
	err = errors.Join(err, failed, flush(0), flush(1))
	for i := range parts {
		if err == nil {
			err = parts[i].w.Commit()
		}
	}
	if err != nil {
		return fmt.Errorf("pretrain: %w", err)
	}
	return nil
}

// contentKey is a short hash of files' contents and of everything else.
func contentKey(files []data.FileHash, rest ...any) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, data.Digest(files))
	if err := json.NewEncoder(h).Encode(rest); err != nil {
		return "", fmt.Errorf("pretrain: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}
