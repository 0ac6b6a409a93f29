package assistant

// Why a person should take over.
const (
	WhyOutOfScope = "out_of_scope" // the message is nobody's business
	WhyIntent     = "intent"       // what the customer wants isn't sure
	WhyNoAnswer   = "no_answer"    // the knowledge base has no answer to what must be answered
)

// A Reply is what a message comes to.
type Reply struct {
	Intent          Intent   `json:"intent"`
	OutOfScope      bool     `json:"out_of_scope"`
	OutOfScopeScore float64  `json:"out_of_scope_score"`
	Slots           []Slot   `json:"slots"`   // that the message gives, in its order
	Missing         []string `json:"missing"` // slots that the intent still needs
	Answer          *Answer  `json:"answer"`  // nil: none is near enough, or there is no knowledge base
	Escalate        bool     `json:"escalate"`
	Why             []string `json:"why"` // of the Why constants; empty without escalation
}

// An Intent is what the customer wants.
type Intent struct {
	Label   string  `json:"label"`   // carried: the state's; of a message out of scope the best one in scope
	Score   float64 `json:"score"`   // its probability when it was said
	Carried bool    `json:"carried"` // from an earlier turn: this one only gives what it needs
	Said    string  `json:"said"`    // what this message alone was taken for; out of scope the label of that, or empty where there is none
}

// A Slot is a value that the message gives. Offsets count code points of the message.
type Slot struct {
	Slot      string  `json:"slot"`
	Value     string  `json:"value"`
	Score     float64 `json:"score"`
	Start     int     `json:"start"`
	End       int     `json:"end"`
	StartByte int     `json:"-"`
	EndByte   int     `json:"-"`
}

// An Answer is a passage with the sentence of it that answers. Offsets count code points of the passage.
type Answer struct {
	PassageID string  `json:"passage_id"`
	Score     float64 `json:"score"` // cosine of message and passage
	Text      string  `json:"text"`  // the passage
	Sentence  Piece   `json:"sentence"`
	Span      *Piece  `json:"span,omitempty"` // what a qa adapter points at, within Sentence; nil without one, or where it finds nothing
}

// A Piece is a part of a passage.
type Piece struct {
	Text      string  `json:"text"`
	Score     float64 `json:"score"` // of a sentence the cosine with the message, or that of the span which it holds; of a span its probability
	Start     int     `json:"start"`
	End       int     `json:"end"`
	StartByte int     `json:"-"`
	EndByte   int     `json:"-"`
}
