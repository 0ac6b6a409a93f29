package extractive

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

// hard cases: sentences are separated by | in the text, which is left out.
var hard = []string{
	"One sentence.",
	"No full stop at the end",
	"One.| Two!| Three?| Four",
	"Dr. Smith met Mrs. Jones at St. Mary's.| They talked.",
	"J. R. R. Tolkien wrote it.| He was born in 1892.",
	"George W. Bush spoke.| Then he left.",
	"It grew by 3.5 percent.| Then by .5 more.",
	"Prices rose 2.7% in 2019.| They fell later.",
	"See fig. 3 and eq. 12 for proof.| The rest follows.",
	"It costs $4.50.| That is much.",
	"The U.S. Senate voted.| It passed.",
	"He lives in the U.S.| She doesn't.",
	"We left at 5 p.m.| Everybody slept.",
	"We met at 10 a.m. on Monday.| It rained.",
	"Apples, pears, etc. are fruit.| They grow on trees.",
	"Apples, pears, etc.| Other fruit is rare.",
	"Acme Inc. announced it.| Shares fell.",
	"\"Stop!\" he said.| \"Why?\" she asked.",
	"He said, \"I am done.\"| Then he left.",
	"“Is it?” she asked.| “It is.”| They went on.",
	"(This is in brackets.)| This isn't.",
	"It works (see below).| It is fast.",
	"What?!| No way...| Yes.",
	"Well... maybe not.| Wait… so I think.| Hm…| Yes.",
	"Visit example.com or www.example.org for more.| It's free.",
	"Use version 1.2.3 of file.txt now.| Then run it.",
	"Smith et al. showed this in 2010.| Others agree.",
	"Methods, e.g. search, are slow.| Others, i.e. ours, are fast.",
	"It was plan B.| The plan failed.",
	"So do I.| You do too.",
	"He has a Ph.D. in physics.| She has an M.D. too.",
	"Mr. and Mrs. Brown vs. the state.| The case was long.",
	"No. 5 is alive.| No. 6 isn't.",
	"The answer is no.| That is final.",
	"On Jan. 5 it snowed.| In Feb. it thawed.",
	"First line\nwrapped here.| Second\nsentence.",
	"A heading\n\n|A paragraph. |Another.\n\n\n|Last.",
	"Buy:\n|- milk\n|- eggs and bread\n|* tea",
	"1. First do this.\n|2. Then do that.\n|3. Stop.",
	"(a) one thing\n|(b) another thing",
	"我们走。|他们留下！|好吗？|好。",
	"Ça va.| Été est là.| À bientôt.",
	"He came.| 42 others did too.",
	"It is 5 ft. 3 in. tall.| It stays.",
	"A claim.[12]| Another claim.[3]| End.",
	"Lowercase follows. it isn't split",
	"   Spaces around.   |  More.  ",
	"Prof. Dr. h.c. Meier came.| All rose.",
	"Gen. Lee and Sgt. York met Lt. Col. Hood.| They ate.",
	"The end.\r\n\r\n|New paragraph.\r\n",
	"Is that so?) |Yes.",
	"Approx. 20 people came.| Nobody left.",
}

func TestSentencesHardCases(t *testing.T) {
	for _, c := range hard {
		var want []string
		for s := range strings.SplitSeq(c, "|") {
			want = append(want, strings.TrimSpace(s))
		}
		text := strings.ReplaceAll(c, "|", "")
		var got []string
		for _, s := range Sentences(text) {
			got = append(got, s.Text)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
		checkSentences(t, text)
	}
}

// checkSentences: offsets fit, order holds, and nothing but white space is left out.
func checkSentences(t *testing.T, text string) {
	t.Helper()
	at := 0
	for _, s := range Sentences(text) {
		if s.Start < at || s.End <= s.Start || text[s.Start:s.End] != s.Text || s.Text != strings.TrimSpace(s.Text) {
			t.Fatalf("%q: sentence %+v after %d", text, s, at)
		}
		if strings.TrimSpace(text[at:s.Start]) != "" {
			t.Fatalf("%q: lost %q", text, text[at:s.Start])
		}
		at = s.End
	}
	if strings.TrimSpace(text[at:]) != "" {
		t.Fatalf("%q: lost %q", text, text[at:])
	}
}

func FuzzSentences(f *testing.F) {
	for _, c := range hard {
		f.Add(c)
	}
	f.Add("\xff. A\xff. \xff.")
	f.Fuzz(func(t *testing.T, text string) { checkSentences(t, text) })
}

// TestSentencesOfNothing: empty and blank texts have none.
func TestSentencesOfNothing(t *testing.T) {
	for _, s := range []string{"", " ", "\n\n\t", "\u2003"} {
		if got := Sentences(s); len(got) != 0 {
			t.Errorf("%q: %v", s, got)
		}
	}
	if got := Sentences("..."); len(got) != 1 || strings.IndexFunc(got[0].Text, unicode.IsSpace) >= 0 {
		t.Errorf("dots: %v", got)
	}
}

// BenchmarkSentences also shows that time grows with length, not its square.
func BenchmarkSentences(b *testing.B) {
	for name, text := range map[string]string{
		"prose": strings.Repeat("Dr. Smith met J. Jones in the U.S. on Jan. 5. They talked for 3.5 hours! Then they left.\n", 1000),
		"dots":  strings.Repeat(". ", 50000),
		"notes": strings.Repeat(".[", 50000),
		"word":  strings.Repeat("x", 90000) + ". y",
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				Sentences(text)
			}
		})
	}
}
