package tokenizer

// A Frame is what a tokenizer puts round the tokens of one text, or of a pair of texts: for a caller who cuts tokens of [Tokenizer.AppendIDs] to
// a length himself.
type Frame struct {
	Before, Between, After                []int32 // ids of special tokens; Between is empty for one text
	BeforeTypes, BetweenTypes, AfterTypes []int32 // their type ids
	FirstType, SecondType                 int32   // type ids of the tokens of the texts
	Swapped                               bool    // the second text stands before the first
}

// Frame gives what t puts round one text or a pair: what its post-processor says, which is how Encode and EncodePair frame theirs. A
// tokenizer whose post-processor adds no tokens by its kind, or that has none, frames by the roles: [CLS] first [SEP] second [SEP], with type
// ids 0 and 1 as BERT has them; or where the separating token is RoBERTa's </s>, with two of them in between and type ids of 0. Without
// these roles nothing is put round texts.
func (t *Tokenizer) Frame(pair bool) Frame {
	p := t.post
	if r := t.roles; (p == nil || p.single == nil) && r.Cls >= 0 && r.Sep >= 0 {
		p = &postProcessor{cls: t.one(r.Cls), sep: t.one(r.Sep), zeroTypes: t.tokens[r.Sep] == robertaFamily["sep_token"]}
		p.around()
	}
	return p.frame(pair)
}

// one gives a token as a template has it.
func (t *Tokenizer) one(id int32) specialToken {
	return specialToken{name: t.tokens[id], ids: []int32{id}, tokens: []string{t.tokens[id]}}
}

func (p *postProcessor) frame(pair bool) Frame {
	var f Frame
	ids, types := &f.Before, &f.BeforeTypes
	texts := 0
	for _, piece := range p.template(pair) {
		if piece.seq < 0 {
			for _, id := range p.find(piece.name).ids {
				*ids, *types = append(*ids, id), append(*types, piece.typeID)
			}
			continue
		}
		if piece.seq == 0 {
			f.FirstType = piece.typeID
		} else {
			f.SecondType = piece.typeID
			f.Swapped = texts == 0
		}
		if texts++; pair && texts == 1 {
			ids, types = &f.Between, &f.BetweenTypes
		} else {
			ids, types = &f.After, &f.AfterTypes
		}
	}
	return f
}

// Len gives the number of special tokens.
func (f *Frame) Len() int { return len(f.Before) + len(f.Between) + len(f.After) }

// Append appends the framed row of first and second, which is nil for one text, to ids, and the type ids of the row to types.
func (f *Frame) Append(ids, types, first, second []int32) (allIDs, allTypes []int32) {
	add := func(part []int32, partTypes []int32) {
		ids, types = append(ids, part...), append(types, partTypes...)
	}
	text := func(part []int32, typeID int32) {
		ids = append(ids, part...)
		for range part {
			types = append(types, typeID)
		}
	}
	firstType, secondType := f.FirstType, f.SecondType
	if f.Swapped {
		first, second, firstType, secondType = second, first, secondType, firstType
	}
	add(f.Before, f.BeforeTypes)
	text(first, firstType)
	add(f.Between, f.BetweenTypes)
	text(second, secondType)
	add(f.After, f.AfterTypes)
	return ids, types
}
