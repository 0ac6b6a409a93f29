package data

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A Question is one SQuAD question with its paragraph.
type Question struct {
	ID, Title, Context, Text string
	Answers                  []Answer // empty when impossible, or when the file has no answers
	Impossible               bool     // the paragraph doesn't hold the answer (SQuAD 2.0)
}

// An Answer is a span of the context.
type Answer struct {
	Text       string
	Start, End int // bytes: Context[Start:End] == Text
	RuneStart  int // code points, as the file has it
}

// ReadSQuAD streams the questions of a SQuAD 1.1 or 2.0 file, one paragraph in memory at a time. File offsets count code
// points; every answer is checked against its context, and one that isn't there is a *RowError that wraps ErrOffset.
func ReadSQuAD(path string) iter.Seq2[Question, error] {
	return readFile(path, func(r io.Reader) iter.Seq2[Question, error] { return ParseSQuAD(r, path) })
}

type squadParagraph struct {
	Context *string
	QAs     []squadQA `json:"qas"`
}

type squadQA struct {
	ID         string
	Question   *string
	Impossible *bool `json:"is_impossible"`
	Answers    *[]squadAnswer
}

type squadAnswer struct {
	Text  *string
	Start *int `json:"answer_start"`
}

// ParseSQuAD is ReadSQuAD on a reader; name is used in errors.
func ParseSQuAD(r io.Reader, name string) iter.Seq2[Question, error] {
	return func(yield func(Question, error) bool) {
		p := newObjectReader(r, name)
		n := 0
		err := p.object(func(key string) error {
			if key != "data" {
				return p.skip()
			}
			return p.array(func() error {
				var title string
				return p.object(func(key string) error {
					switch key {
					case "title":
						return p.decode(&title)
					case "paragraphs":
						return p.array(func() error {
							var par squadParagraph
							if err := p.decode(&par); err != nil {
								return err
							}
							return par.each(title, func(q Question, field string, err error) error {
								if err != nil {
									return p.errorAt(field, err)
								}
								n++
								if !yield(q, nil) {
									return errStopped
								}
								return nil
							})
						})
					}
					return p.skip()
				})
			})
		})
		if err == nil {
			err = p.end()
		}
		if err == nil && n == 0 {
			err = &RowError{File: name, Err: fmt.Errorf("no questions: %w", ErrEmpty)}
		}
		if err != nil && !errors.Is(err, errStopped) {
			yield(Question{}, err)
		}
	}
}

// each gives a paragraph's questions in order.
func (p *squadParagraph) each(title string, give func(Question, string, error) error) error {
	if p.Context == nil {
		return give(Question{}, "context", errors.New("no such key"))
	}
	for _, qa := range p.QAs {
		q := Question{ID: qa.ID, Title: title, Context: *p.Context}
		field, err := qa.fill(&q)
		if err != nil {
			err = fmt.Errorf("question %q: %w", qa.ID, err)
		}
		if err := give(q, field, err); err != nil {
			return err
		}
	}
	return nil
}

func (qa *squadQA) fill(q *Question) (field string, err error) {
	if qa.ID == "" {
		return "id", ErrEmpty
	}
	if qa.Question == nil || strings.TrimSpace(*qa.Question) == "" {
		return "question", ErrEmpty
	}
	q.Text = *qa.Question
	given := qa.Answers != nil
	q.Impossible = given && len(*qa.Answers) == 0
	if qa.Impossible != nil {
		if q.Impossible && !*qa.Impossible || *qa.Impossible && given && !q.Impossible {
			return "is_impossible", fmt.Errorf("got %t with %d answers", *qa.Impossible, len(*qa.Answers))
		}
		q.Impossible = *qa.Impossible
	}
	if !given {
		return "", nil
	}
	for _, a := range *qa.Answers {
		if a.Text == nil || *a.Text == "" {
			return "text", ErrEmpty
		}
		if a.Start == nil {
			return "answer_start", errors.New("no such key")
		}
		start, err := answerStart(q.Context, *a.Text, *a.Start)
		if err != nil {
			return "answer_start", err
		}
		q.Answers = append(q.Answers, Answer{Text: *a.Text, Start: start, End: start + len(*a.Text), RuneStart: *a.Start})
	}
	return "", nil
}

// answerStart turns an offset in code points into one in bytes and checks that text is there.
func answerStart(context, text string, runes int) (int, error) {
	at := ByteOffset(context, runes)
	if at >= 0 && strings.HasPrefix(context[at:], text) {
		return at, nil
	}
	why := ""
	if i := strings.Index(context, text); i < 0 {
		why = ": the context doesn't hold it"
	} else if runes >= 0 && runes <= len(context) && strings.HasPrefix(context[runes:], text) {
		why = ": the offset counts bytes, want code points"
	} else if u := utf16.Encode([]rune(context)); runes >= 0 && runes <= len(u) &&
		strings.HasPrefix(string(utf16.Decode(u[runes:])), text) {
		why = ": the offset counts UTF-16 units, want code points"
	} else {
		why = fmt.Sprintf(": it first occurs at %d", utf8.RuneCountInString(context[:i]))
	}
	return 0, fmt.Errorf("%w: %q at %d%s", ErrOffset, text, runes, why)
}

// ByteOffset gives the byte offset of code point i of s, len(s) for the code point past the end, -1 outside.
func ByteOffset(s string, i int) int {
	if i < 0 {
		return -1
	}
	for at := range s {
		if i == 0 {
			return at
		}
		i--
	}
	if i == 0 {
		return len(s)
	}
	return -1
}
