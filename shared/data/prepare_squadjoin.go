package data

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
)

// A squadSource gives raw articles of SQuAD JSON, the same ones every time.
type squadSource func(one func(json.RawMessage) error) error

// squadArticle is what an article of SQuAD is made of, with its questions as they came.
type squadArticle struct {
	Title      string          `json:"title"`
	Paragraphs []*squadPassage `json:"paragraphs"`
}

type squadPassage struct {
	Context string            `json:"context"`
	QAs     []json.RawMessage `json:"qas"`
}

// joinSQuAD gives the articles of src with the questions of other files at the end of their paragraphs: those of the same article, by its title, with the same
// context. Other paragraphs follow an article's own, and other articles follow those of src.
func joinSQuAD(src string, others []string) (squadSource, error) {
	var all []*squadArticle
	titled := map[string]*squadArticle{}
	for _, path := range append([]string{src}, others...) {
		err := squadArticles(path, func(raw json.RawMessage) error {
			a := &squadArticle{}
			if err := json.Unmarshal(raw, a); err != nil {
				return fmt.Errorf("data: %s: %w", path, err)
			}
			if first := titled[a.Title]; first != nil && path != src {
				first.join(a)
				return nil
			}
			all = append(all, a)
			if a.Title != "" && titled[a.Title] == nil {
				titled[a.Title] = a
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return func(one func(json.RawMessage) error) error {
		for _, a := range all {
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			if err := e.Encode(a); err != nil {
				return fmt.Errorf("data: article %q: %w", a.Title, err)
			}
			if err := one(bytes.TrimSpace(b.Bytes())); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// join adds the paragraphs of other, the questions of the same context to the paragraph that a has.
func (a *squadArticle) join(other *squadArticle) {
	own := make(map[string]*squadPassage, len(a.Paragraphs))
	for _, p := range a.Paragraphs {
		if own[p.Context] == nil {
			own[p.Context] = p
		}
	}
	for _, p := range other.Paragraphs {
		if first := own[p.Context]; first != nil {
			first.QAs = append(first.QAs, p.QAs...)
			continue
		}
		a.Paragraphs, own[p.Context] = append(a.Paragraphs, p), p
	}
}

// squadGroups numbers the articles so that those that share a title or, up to white space, a paragraph have the same number.
func squadGroups(articles squadSource) ([]int, error) {
	var above []int                      // a tree for each group; its root is the first article
	first := map[[sha256.Size]byte]int{} // by title and by paragraph
	root := func(i int) int {
		for above[i] != i {
			i = above[i]
		}
		return i
	}
	err := articles(func(raw json.RawMessage) error {
		var a squadArticle
		if err := json.Unmarshal(raw, &a); err != nil {
			return fmt.Errorf("data: article %d: %w", len(above), err)
		}
		i := len(above)
		above = append(above, i)
		link := func(kind, text string) {
			key := sha256.Sum256([]byte(kind + text))
			if j, seen := first[key]; seen {
				x, y := root(i), root(j)
				above[max(x, y)] = min(x, y)
			} else {
				first[key] = i
			}
		}
		if a.Title != "" {
			link("title ", a.Title)
		}
		for _, p := range a.Paragraphs {
			link("context ", strings.Join(strings.Fields(p.Context), " "))
		}
		return nil
	})
	groups := make([]int, len(above))
	for i := range above {
		groups[i] = root(i)
	}
	return groups, err
}
