"""Golden encodings from Hugging Face's tokenizers library.

  tokenizer.py compare            build tokenizers from FMKIT_DATA, encode 2,000 corpus lines and the hard strings with the library,
                                  then have the Go test compare; prints the counts. Nothing is written to the repository.
  tokenizer.py small              write text/tokenizer/testdata/<name>/cases.jsonl.gz for the tokenizers that we trained ourselves

Written with tokenizers 0.23.3.
"""
import base64, codecs, gzip, json, os, pathlib, subprocess, sys, tempfile

import tokenizers
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

REPO = pathlib.Path(__file__).resolve().parents[3]
LINES = 2000

HARD = [
    "", " ", "  ", "\n", "\t \n", "a", "Hello, world!", "Résumé naïve café", "RE\u0301SUME\u0301 nai\u0308ve", "Ångström Åse ÅÄÖ",
    "中文字符 and English混合", "日本語のテキスト、ひらがなとカタカナ", "한국어 텍스트 각", "\u1112\u1161\u11ab\u1100\u1173\u11af", "가각\u11a8",
    "👩‍👩‍👧‍👦 family 👍🏽 flags 🇩🇪🇫🇷", "☺️ ☺ ❤️‍🔥", "İstanbul ISPARTA ıssız İ", "ẞ ß STRASSE straße", "ΣΊΣΥΦΟΣ ὈΔΥΣΣΕΎΣ σς", "a\u0000b \u0000",
    "no\u00a0break\u202fspace\u2009thin", "zero\u200bwidth\u200cjoin\u200der\ufeff", "soft\u00adhyphen", "x [CLS] y [MASK] z [SEP]", "[CLS][SEP][PAD]",
    "[cls] [mask] [MASK", "[MASK]ing the [UNK]nown", "<s> a </s> <mask> b <pad><unk>", "<|endoftext|>", "a<|endoftext|>b <|endoftext|> c",
    "a <mask>  b", "  <mask>\n\n<mask>", "é<mask>é", "ﬁre ﬂy ﬀ ﬆ ǆ ŉ", "Ｆｕｌｌ　ｗｉｄｔｈ １２３！", "שָׁלוֹם עולם", "مرحبا بِالعَالَم ١٢٣",
    "हिन्दी में लिखा हुआ क़िताब", "ไทยภาษา ที่นี่", "Việt Nam tiếng Việt", "e\u0323\u0302\u0301 \u0301\u0323", "a\u0315\u0300\u05ae\u0062", "\u0301leading mark",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!", "don't we're I've he'll I'd it's 'tis ''s 'S 'RE", "can't  ' s ' t", "x'y''z'll'", "$100.00 50% #tag @user",
    "http://example.com/a?b=c&d=e#f", "a@b.co.uk", "C:\\path\\file.txt", "a_b-c–d—e…f", "“quotes” ‘single’ «guillemets» „low“", "1,234.56 1e-10 0x1F ½ ² Ⅷ ①",
    "\r\n\r\nwindows\r\nlines\r", "tab\tseparated\tvalues", "   leading and trailing   ", "many     spaces   inside", "a \n b\n\n\nc \t\n d", "\u2028line\u2029para\u0085nel",
    "\u3000ideographic\u3000space", "\x01\x02\x1b[31mred\x1b[0m\x7f\x80\x9f", "\u202ertl override\u202c", "\ue000private\U000f0000use", "\ufffd replacement \ufffe\uffff",
    "\U0001d400\U0001d7d8 math 𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "𠀀𠀁 extension B 𪜀 𫠠 𬺰", "豈更車 兀 𠮷野家", "\U0002f800compat", "a" * 99, "a" * 100, "a" * 101, "é" * 100, "é" * 101, "a" * 1000,
    "ab" * 300, "\u0301" * 50, "^" * 200, " " * 200, "\n" * 200, "a " * 200, "aA" * 60 + " end", "!" * 60, "word" + "\u0301" * 40 + "word",
    "0123456789" * 12, "supercalifragilisticexpialidocious antidisestablishmentarianism", "Donaudampfschifffahrtsgesellschaftskapitän",
    "ⅷ Ⅷ ª º ʰ ⁿ ₂", "K Å Ω", "\u0130\u0307 i\u0307", "\u0345\u03b1\u0345", "ᾳ ᾼ ΐ", "ǅ ǈ ǋ", "\u1e9e\u1e9b\u0323", "\u212b\u0041\u030a",
    "Test.Test,test;test:test", "...", "?!?!", "-", "--", "'", "\"", "\\", "\\n", "##ing ##", "un##able", "Ġ", "Ġhello Ċ", "▁metaspace",
    "foo\u00a0", "\u00a0foo", "a\u00a0 b", " \u00a0", "\u00a0\u00a0x", "x\u2003\u2003 y", "\u180e mongolian", "def f(x):\n    return x ** 2  # comment\n",
    "{\"key\": [1, 2.5, null, true]}", "<html><body class='x'>&amp;</body></html>", "|table|cell|", "x=1;y=2", "ＡＢＣ ａｂｃ", "㍿ ㌀ ㎏", "₤€£¥₿", "±×÷≠≤≥∞∑",
    "♠♥♦♣ ★☆ ✓✗", "→←↑↓", "𓀀𓁐", "\U0001f9d1\u200d\U0001f4bb coder", "\u0e33\u0eb3 am", "ཧཱུྃ", "ကြိုဆို", "\u09cb\u09c7\u09be", "\u0b94 \u0bca", "\u1b06\u1b05\u1b35",
    "Kelvin K vs K", "mixed العربية and 中文 and ελληνικά", "day Day days daylight", "newtok newtoken NEWTOK xnewtok", "lefttok   lefttok righttok   x", "wordtok xwordtok wordtokx (wordtok) wordtok",
]

BAD_BYTES = [b"\xff", b"a\x80b", b"\xed\xa0\x80 lone surrogate", b"\xf0\x9f\x98 cut emoji", b"caf\xc3", b"\xc0\xaf overlong", b"ok \xe4\xb8 \xe4\xb8\xad", b"\xf4\x90\x80\x80 too far"]

codecs.register_error("each", lambda e: ("\ufffd" * (e.end - e.start), e.end))


def bert(vocab, lower, strip=None, clean=True, chinese=True):
    t = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=100))
    t.normalizer = normalizers.BertNormalizer(clean_text=clean, handle_chinese_chars=chinese, strip_accents=strip, lowercase=lower)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.decoder = decoders.WordPiece()
    t.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    t.post_processor = processors.BertProcessing(("[SEP]", vocab["[SEP]"]), ("[CLS]", vocab["[CLS]"]))
    return t


def bytelevel(vocab, merges, prefix=False, trim=True, regex=True, **kw):
    t = Tokenizer(models.BPE(vocab, merges, **kw))
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=regex)
    t.decoder = decoders.ByteLevel()
    t.post_processor = processors.ByteLevel(trim_offsets=trim, add_prefix_space=prefix)
    return t


def big(data):
    """Yields name, tokenizer."""
    tok = data / "tokenizers"
    read = lambda p: {w: i for i, w in enumerate(p.read_text(encoding="utf-8").rstrip("\n").split("\n"))}
    unc, cas = read(tok / "bert-base-uncased/vocab.txt"), read(tok / "bert-large-cased/vocab.txt")
    yield "bert-uncased-json", Tokenizer.from_file(str(tok / "bert-base-uncased/tokenizer.json"))
    yield "minilm-json", Tokenizer.from_file(str(tok / "all-minilm-l6-v2/tokenizer.json"))
    yield "bert-uncased", bert(unc, True)
    yield "bert-cased", bert(cas, False)
    yield "bert-lower-accents", bert(unc, True, strip=False)
    yield "bert-cased-strip", bert(cas, False, strip=True)
    yield "bert-raw", bert(unc, True, clean=False, chinese=False)
    added = bert(unc, True)
    added.add_tokens([
        AddedToken("NewTok", normalized=True), AddedToken("lefttok", lstrip=True, normalized=False), AddedToken("righttok", rstrip=True, normalized=True),
        AddedToken("wordtok", single_word=True, normalized=False), AddedToken("Day", single_word=True, normalized=True), AddedToken("Résumé", normalized=True),
    ])
    yield "bert-added", added
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        t = bert(cas, False)
        t.normalizer = normalizers.Sequence([getattr(normalizers, form)(), normalizers.Lowercase(), normalizers.Replace("``", '"')])
        yield "bert-" + form.lower(), t
    vocab = json.loads((tok / "gpt2/vocab.json").read_text())
    merges = [tuple(l.split(" ")) for l in (tok / "gpt2/merges.txt").read_text(encoding="utf-8").split("\n")[1:] if l]
    t = bytelevel(vocab, merges)
    t.add_special_tokens(["<|endoftext|>"])
    yield "gpt2", t
    yield "gpt2-prefix", bytelevel(vocab, merges, prefix=True)
    yield "gpt2-notrim", bytelevel(vocab, merges, trim=False)
    yield "gpt2-noregex", bytelevel(vocab, merges, regex=False)
    yield "gpt2-ignore", bytelevel(vocab, merges, ignore_merges=True)
    t = bytelevel(vocab, merges)
    t.normalizer = normalizers.NFC()
    t.add_tokens([AddedToken("newtok", rstrip=True), AddedToken("wordtok", single_word=True), AddedToken("\n\n\n", normalized=False)])
    yield "gpt2-nfc-added", t
    # RoBERTa: its merges, its special tokens. Its own ids are not to be had, so GPT-2's stand in with the specials after them.
    merges = [tuple(l.split(" ")) for l in (tok / "roberta-base/merges.txt").read_text(encoding="utf-8").split("\n")[1:] if l]
    t = bytelevel(vocab, merges)
    t.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", AddedToken("<mask>", lstrip=True)])
    t.post_processor = processors.RobertaProcessing(("</s>", t.token_to_id("</s>")), ("<s>", t.token_to_id("<s>")), trim_offsets=True, add_prefix_space=False)
    yield "roberta", t
    t = Tokenizer.from_str(t.to_str())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    t.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B:1 </s>:1", special_tokens=[("<s>", t.token_to_id("<s>")), ("</s>", t.token_to_id("</s>"))])
    yield "roberta-template", t


def corpus(data):
    lines = []
    for path in sorted((data / "text").glob("*.txt")) + [data / "text-technical/python-3.11-docs.txt"] + sorted((data / "dialogue-multidogo").glob("*/*.tsv")):
        lines.append([l for l in path.read_text(encoding="utf-8", errors="each").split("\n") if l.strip()])
    per = LINES // len(lines) + 1
    out = []
    for l in lines:
        out += l[:: max(1, len(l) // per)][:per]
    return out[:LINES]


def record(e):
    return {"ids": e.ids, "tokens": e.tokens, "offsets": e.offsets, "words": [-1 if w is None else w for w in e.word_ids], "types": e.type_ids,
            "special": e.special_tokens_mask, "attention": e.attention_mask, "sequences": [-1 if s is None else s for s in e.sequence_ids]}


def case(t, text, pair=None, raw=None, plain=False, trunc=None, pad=None):
    t.no_truncation()
    t.no_padding()
    out = {"text": text}
    if raw is not None:
        out = {"bytes": base64.b64encode(raw).decode()}
    if pair is not None:
        out["pair"] = pair
    if trunc:
        t.enable_truncation(**trunc)
        out["truncation"] = trunc
    if pad:
        t.enable_padding(**pad)
        out["padding"] = pad
    try:
        e = t.encode(text, pair, add_special_tokens=not plain)
    except BaseException as err:  # the library panics on a stride that doesn't fit
        if not trunc:
            raise
        out["error"] = str(err)
        return out
    out["plain"] = plain
    out["want"] = record(e)
    out["overflow"] = [record(o) for o in e.overflowing]
    if not (trunc or pad or pair):
        out["decoded"] = t.decode(e.ids, skip_special_tokens=True)
        out["decoded_all"] = t.decode(e.ids, skip_special_tokens=False)
    return out


def cases(t, lines):
    for text in HARD + lines:
        yield case(t, text)
    for text in HARD:
        yield case(t, text, plain=True)
    for raw in BAD_BYTES:
        yield case(t, raw.decode("utf-8", errors="each"), raw=raw)
    texts = HARD[:40] + lines[::20]
    for a, b in zip(texts, texts[1:] + texts[:1]):
        yield case(t, a, b)
    long = [x for x in texts if len(x) > 20]
    for i, (a, b) in enumerate(zip(long, long[1:] + long[:1])):
        n, stride = (6, 8, 13, 24, 64)[i % 5], (0, 1, 2)[i % 3]
        for strategy in ("longest_first", "only_first", "only_second"):
            side = ("right", "left")[i % 7 == 0]
            if n - 5 > stride:
                yield case(t, a, trunc=dict(max_length=n, stride=stride, strategy=strategy, direction=side))
            if n >= 13 and strategy != "longest_first" or n >= 13 and stride == 0:
                yield case(t, a, b, trunc=dict(max_length=n, stride=stride, strategy=strategy, direction=side))
    pad = "[PAD]" if t.token_to_id("[PAD]") is not None else t.id_to_token(0)
    for i, text in enumerate(long[:30]):
        yield case(t, text, pad=dict(direction=("right", "left")[i % 2], pad_id=t.token_to_id(pad), pad_token=pad, length=(None, 40)[i % 3 == 0], pad_to_multiple_of=(None, 8)[i % 4 < 2]))


def write(folder, t, lines):
    folder.mkdir(parents=True, exist_ok=True)
    # A fixed time in the gzip header, so that the same cases give the same file.
    with open(folder / "cases.jsonl.gz", "wb") as f, gzip.GzipFile(fileobj=f, mode="wb", mtime=0, filename="") as g:
        for c in cases(t, lines):
            g.write((json.dumps(c, ensure_ascii=True, separators=(",", ":")) + "\n").encode())


def compare():
    os.environ["RUST_BACKTRACE"] = "0"
    data = pathlib.Path(os.environ["FMKIT_DATA"])
    lines = corpus(data)
    with tempfile.TemporaryDirectory() as tmp:
        for name, t in big(data):
            folder = pathlib.Path(tmp) / name
            folder.mkdir()
            t.no_truncation()
            t.no_padding()
            t.save(str(folder / "tokenizer.json"))
            write(folder, t, lines)
        env = dict(os.environ, FMKIT_GOLDEN=tmp)
        return subprocess.run(["go", "test", "-count=1", "-run", "TestLibrary", "-v", "./text/tokenizer"], cwd=REPO, env=env).returncode


def small():
    for path in sorted((REPO / "text/tokenizer/testdata").glob("*/tokenizer.json")):
        write(path.parent, Tokenizer.from_file(str(path)), [])
        print(path.parent)


if __name__ == "__main__":
    print("tokenizers", tokenizers.__version__, file=sys.stderr)
    sys.exit({"compare": compare, "small": small}[sys.argv[1]]())
