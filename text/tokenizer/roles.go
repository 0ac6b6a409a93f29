package tokenizer

// Roles are the ids of the tokens with a role, -1 where the vocabulary has none.
type Roles struct{ Pad, Unk, Cls, Sep, Mask int32 }

// Roles gives the ids of the padding, unknown, first, separating and mask tokens. A folder that [LoadFS] reads may name them. Else the padding
// token is that of the padding, the unknown token the model's, and the first and the separating token those between which the
// post-processor puts a text; for what these don't say, the names that BERT and RoBERTa give them decide.
func (t *Tokenizer) Roles() Roles { return t.roles }

// findRoles finds the tokens with a role by what the tokenizer does and by the names of the BERT and RoBERTa families.
func (t *Tokenizer) findRoles(m *modelSpec) {
	role := func(name string) int32 {
		for _, f := range []family{bertFamily, robertaFamily} {
			if id, ok := t.ids[f[name]]; ok {
				return id
			}
		}
		return -1
	}
	t.roles = Roles{Pad: role("pad_token"), Unk: role("unk_token"), Cls: role("cls_token"), Sep: role("sep_token"), Mask: role("mask_token")}
	if t.pad != nil {
		t.roles.Pad = t.pad.ID
	}
	if m.unk != nil && *m.unk != "" {
		if id, ok := t.ids[*m.unk]; ok {
			t.roles.Unk = id
		}
	}
	f := t.post.frame(false)
	if len(f.Before) > 0 {
		t.roles.Cls = f.Before[0]
	}
	if n := len(f.After); n > 0 {
		t.roles.Sep = f.After[n-1]
	}
}

// nameRoles gives roles to the tokens of the vocabulary that names says, by the names that transformers has for roles.
func (t *Tokenizer) nameRoles(names map[string]string) {
	for name, to := range map[string]*int32{
		"pad_token": &t.roles.Pad, "unk_token": &t.roles.Unk, "cls_token": &t.roles.Cls, "sep_token": &t.roles.Sep, "mask_token": &t.roles.Mask,
	} {
		if id, ok := t.ids[names[name]]; ok && names[name] != "" {
			*to = id
		}
	}
}
