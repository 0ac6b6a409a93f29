"""Golden encodings from Hugging Face's tokenizers library.

  tokenizer.py compare [NAME...]  build tokenizers and model folders from FMKIT_DATA, encode 2,000 corpus lines and the hard strings with
                                  the library, and every assigned code point by every rule, then have the Go test compare; prints the
                                  counts. With names, only those whose name starts so. Nothing is written to the repository.
  tokenizer.py small              write text/tokenizer/testdata: the small tokenizers of more rules, the small model folders, and for
                                  each tokenizer there <name>/cases.jsonl.gz

A folder without tokenizer.json holds the files from which transformers' AutoTokenizer makes a tokenizer; library.json is what it made.
Written with tokenizers 0.23.3 and transformers 5.24.0.
"""
import base64, codecs, gzip, json, os, pathlib, shutil, subprocess, sys, tempfile, unicodedata

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
    "|||IP_ADDRESS||| at |||ip_address|||, mail |||EMAIL_ADDRESS||||||PHONE_NUMBER|||", "a  b   c    d     e" + " " * 24 + "f" + " " * 25 + "g", "[MASK]  [MASK]   x",
    "  [MASK] a [MASK]", "[unused0][unused7] [UNUSED1] [unused 2]", "<|padding|> <|endoftext|>", "``quoted'' and ``more``", "é``é``", "do not worry . it 's ' ok ' , they 're n't ?",
    "righttok   righttok", "righttok \n\n x", "a- b -c--d---e -", "12 345,678.90 ٣٤ ½ x2y3", "क्षि நி ᬅᬆ à̀", "  \u2003strip me\u3000 ", "snake_case camelCase кириллица_1",
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


def modernbert(vocab, merges):
    """A tokenizer of ModernBERT's form. Its own vocabulary is not to be had, so another stands in."""
    words = [w for w, _ in sorted(vocab.items(), key=lambda x: x[1]) if w != "<|endoftext|>"]
    vocab = {w: i for i, w in enumerate(["|||IP_ADDRESS|||", "<|padding|>"] + words)}
    t = Tokenizer(models.BPE(vocab, merges))
    t.normalizer = normalizers.NFC()
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=True)
    t.decoder = decoders.ByteLevel()
    special = lambda w, **kw: AddedToken(w, normalized=False, special=True, **kw)
    t.add_tokens(
        [AddedToken("|||IP_ADDRESS|||", normalized=True), special("<|padding|>")]
        + [AddedToken(" " * n, normalized=True) for n in range(24, 1, -1)]
        + [AddedToken("|||EMAIL_ADDRESS|||", normalized=True), AddedToken("|||PHONE_NUMBER|||", normalized=True)]
        + [special("<|endoftext|>"), special("[UNK]"), special("[CLS]"), special("[SEP]"), special("[PAD]"), special("[MASK]", lstrip=True)]
        + [AddedToken(f"[unused{i}]", normalized=True) for i in range(83)]
    )
    t.post_processor = template(t, "[CLS]", "[SEP]")
    return t


def template(t, cls, sep, pair=None):
    return processors.TemplateProcessing(
        single=f"{cls} $A {sep}", pair=pair or f"{cls} $A {sep} $B:1 {sep}:1", special_tokens=[(x, t.token_to_id(x)) for x in dict.fromkeys([cls, sep])])


BEHAVIORS = ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous")
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def rules(vocab, cased, gpt2, merges):
    """Yields name, tokenizer for rules and sequences of rules that BERT and GPT-2 don't have by themselves."""
    pt = pre_tokenizers
    for i, b in enumerate(BEHAVIORS):
        t = bert(vocab, True)
        t.pre_tokenizer = pt.Sequence([pt.WhitespaceSplit(), pt.Punctuation(b), pt.Digits(individual_digits=i % 2 == 0)])
        yield "rules-punctuation-" + b, t
        t = bert(cased, False)
        t.pre_tokenizer = pt.Sequence([pt.Split("-", b, invert=i % 2 == 1), pt.Whitespace()])
        yield "rules-split-" + b, t
        t = bytelevel(gpt2, merges)
        t.pre_tokenizer = pt.Sequence([pt.Split(tokenizers.Regex(GPT2), b, invert=i % 2 == 1), pt.ByteLevel(add_prefix_space=i > 2, use_regex=False)])
        yield "rules-regex-" + b, t
    t = bert(vocab, True)
    t.pre_tokenizer = pt.Whitespace()
    t.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase(), normalizers.Replace("``", '"'), normalizers.Strip()])
    t.decoder = decoders.Sequence([decoders.WordPiece(cleanup=False), decoders.Replace(" ,", ","), decoders.Fuse(), decoders.Strip("t", 1, 0)])
    yield "rules-whitespace", t
    t = bytelevel(gpt2, merges)
    t.pre_tokenizer = pt.Sequence([pt.Digits(individual_digits=True), pt.Punctuation("contiguous"), pt.ByteLevel(add_prefix_space=True)])
    t.normalizer = normalizers.Sequence([normalizers.Strip(left=True, right=False), normalizers.Replace("a", "xyz"), normalizers.Prepend("▁")])
    t.add_special_tokens(["<s>", "</s>", AddedToken("[X]", normalized=True), AddedToken("Résumé", normalized=True)])
    t.add_tokens([AddedToken("righttok", rstrip=True, normalized=False), AddedToken("  ", normalized=False), AddedToken("\n\n", normalized=False)])
    t.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=True, add_prefix_space=True), template(t, "<s>", "</s>", "</s> $B:3 <s>:2 $A:1 </s>")])
    t.decoder = decoders.Sequence([decoders.Replace("Ġ", "Ġ "), decoders.ByteLevel(), decoders.Strip(" ", 2, 1)])
    yield "rules-bytelevel", t
    t = bytelevel(gpt2, merges, fuse_unk=True, dropout=0.0)
    t.pre_tokenizer = pt.Sequence([pt.Sequence([pt.WhitespaceSplit()]), pt.Sequence([pt.ByteLevel(add_prefix_space=True)])])
    t.add_special_tokens(["<s>", "</s>"])
    roberta = processors.RobertaProcessing(("</s>", t.token_to_id("</s>")), ("<s>", t.token_to_id("<s>")), trim_offsets=True, add_prefix_space=False)
    t.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=True), processors.Sequence([roberta])])
    t.decoder = None
    yield "rules-roberta", t
    t = bert(cased, False)
    t.normalizer = normalizers.Prepend("_")
    t.pre_tokenizer = None
    t.post_processor = None
    t.decoder = decoders.Sequence([decoders.Replace("##", ""), decoders.Fuse()])
    yield "rules-none", t
    t = bert(vocab, True)
    t.enable_truncation(max_length=128)
    t.enable_padding(pad_to_multiple_of=8, pad_id=0, pad_token="[PAD]")
    yield "saved-multiple", t
    t = Tokenizer.from_str(t.to_str())
    t.enable_truncation(max_length=16, stride=2, strategy="longest_first", direction="left")
    t.enable_padding(direction="left", length=24, pad_type_id=1)
    yield "saved-fixed", t


def points():
    """Lines that hold every assigned code point but most of the Chinese and Korean ones, each next to letters, digits and spaces."""
    out = []
    for c in range(0x110000):
        cat = unicodedata.category(chr(c))
        if cat in ("Cs", "Cn") or cat == "Co" and c % 997 or (0x3400 < c < 0x9FF0 or 0xAC10 < c < 0xD7A0 or 0x17010 < c < 0x18D00 or 0x20010 < c < 0x323B0) and c % 97:
            continue
        out.append(f"a{chr(c)}B {chr(c)}{chr(c)}1 {chr(c)} .")
    return ["".join(out[i:i + 16]) for i in range(0, len(out), 16)]


def alphabet():
    """Yields name, tokenizer for each rule alone, over bytes, so that its work shows."""
    nm, pt = normalizers, pre_tokenizers
    vocab = {c: i for i, c in enumerate(sorted(pt.ByteLevel.alphabet()))}
    norms = {"nfc": nm.NFC(), "nfd": nm.NFD(), "nfkc": nm.NFKC(), "nfkd": nm.NFKD(), "lower": nm.Lowercase(), "accents": nm.StripAccents(), "strip": nm.Strip(),
             "replace": nm.Replace("B ", "é"), "prepend": nm.Prepend("é_"), "all": nm.Sequence([nm.NFKD(), nm.StripAccents(), nm.Lowercase(), nm.NFC()])}
    for clean in (False, True):
        for chinese in (False, True):
            for strip in (None, False, True):
                for lower in (False, True):
                    norms[f"bert-{clean}-{chinese}-{strip}-{lower}".lower()] = nm.BertNormalizer(clean, chinese, strip, lower)
    cuts = {"bytelevel": [], "whitespace": [pt.Whitespace()], "whitespacesplit": [pt.WhitespaceSplit()], "punctuation": [pt.Punctuation()], "digits": [pt.Digits()],
            "bert": [pt.BertPreTokenizer()]}
    for name in [*norms, *cuts]:
        t = Tokenizer(models.BPE(vocab, []))
        t.normalizer = norms.get(name) if name in norms else None
        t.pre_tokenizer = pt.Sequence([*cuts.get(name, []), pt.ByteLevel(add_prefix_space=False, use_regex=name == "bytelevel")])
        t.add_tokens([AddedToken("B ", single_word=True, normalized=False)] if name == "lower" else [])
        yield "points-" + name, t


def folders(bert_vocab, cased_vocab, vocab, merges):
    """Yields name, files of a model folder without tokenizer.json."""
    lstrip = {"content": "<mask>", "lstrip": True, "rstrip": False, "single_word": False, "normalized": False}
    roberta = {"vocab.json": vocab, "merges.txt": merges, "config.json": {"model_type": "roberta"}}
    yield "folder-bert", {"vocab.txt": bert_vocab, "config.json": {"model_type": "bert"}}
    yield "folder-bert-class", {"vocab.txt": bert_vocab, "tokenizer_config.json": {"tokenizer_class": "BertTokenizerFast", "do_lower_case": True, "model_max_length": 512}}
    yield "folder-bert-cased", {"vocab.txt": cased_vocab, "config.json": {"model_type": "distilbert"}, "tokenizer_config.json": {"do_lower_case": False, "tokenizer_class": "DistilBertTokenizer"}}
    yield "folder-bert-options", {
        "vocab.txt": bert_vocab.replace("\n", "\r\n"), "config.json": {"model_type": "electra"},
        "tokenizer_config.json": {"do_lower_case": False, "strip_accents": True, "tokenize_chinese_chars": False, "additional_special_tokens": ["[NEW]", "newtok"]},
        "special_tokens_map.json": {"cls_token": "[unused1]", "sep_token": {"content": "[unused2]", "lstrip": False, "rstrip": True, "single_word": False, "normalized": True}, "mask_token": lstrip},
        "added_tokens.json": {"lefttok": 30524, "[NEW]": 30523, "<mask>": 30522},
    }
    yield "folder-bert-decoder", {
        "vocab.txt": bert_vocab, "config.json": {"model_type": "bert"}, "special_tokens_map.json": {"cls_token": "ignored"},
        "tokenizer_config.json": {"mask_token": {"__type": "AddedToken", **lstrip}, "pad_token": None, "bos_token": "[CLS]", "extra_special_tokens": [{"__type": "AddedToken", "content": "Day"}, "[END]"], "added_tokens_decoder": {
            "101": {"content": "[CLS]", "normalized": False, "special": False}, "30522": {"content": "righttok", "rstrip": True, "normalized": True, "special": True}, "0": {"content": "[PAD]", "special": True}}},
    }
    yield "folder-roberta", roberta
    yield "folder-roberta-options", {
        **roberta, "tokenizer_config.json": {"add_prefix_space": True, "trim_offsets": False, "unk_token": "<|endoftext|>", "tokenizer_class": "RobertaTokenizer"},
        "special_tokens_map.json": {"mask_token": lstrip, "bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "pad_token": "<pad>", "cls_token": "<s>"},
    }
    yield "folder-gpt2", {"vocab.json": vocab, "merges.txt": merges, "config.json": {"model_type": "gpt2"}}
    yield "folder-gpt2-options", {
        "vocab.json": vocab, "merges.txt": merges.replace("\n", "\r\n"), "config.json": {"model_type": "gpt2"},
        "tokenizer_config.json": {"add_prefix_space": True, "add_bos_token": True, "add_eos_token": True, "bos_token": "<s>", "pad_token": "<|endoftext|>", "errors": "replace"},
    }


def auto(folder, files):
    """Writes the files of a model folder and gives the tokenizer that AutoTokenizer makes of them."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    from transformers import AutoTokenizer
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes((data if isinstance(data, str) else json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode())
    return AutoTokenizer.from_pretrained(str(folder)).backend_tokenizer


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
    yield "modernbert", modernbert(vocab, merges)
    yield from rules(unc, cas, vocab, merges)


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
        try:
            out["decoded"] = t.decode(e.ids, skip_special_tokens=True)
            out["decoded_all"] = t.decode(e.ids, skip_special_tokens=False)
        except BaseException:  # the library panics when it strips the end of a token that is too short
            pass
    return out


def own_cases(t, lines):
    """Batches with the truncation and the padding of the file."""
    for texts in [HARD[i:i + 7] for i in range(0, len(HARD), 7)] + [lines[i:i + 32] for i in range(0, len(lines), 32)]:
        yield {"batch": texts, "wants": [record(e) for e in t.encode_batch(texts)]}


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


def write(folder, t, cases):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "library.json").write_text(t.to_str(pretty=True), encoding="utf-8")
    # A fixed time in the gzip header, so that the same cases give the same file.
    with open(folder / "cases.jsonl.gz", "wb") as f, gzip.GzipFile(fileobj=f, mode="wb", mtime=0, filename="") as g:
        for c in cases:
            g.write((json.dumps(c, ensure_ascii=True, separators=(",", ":")) + "\n").encode())


def all_cases(t, lines, brief=False):
    own = t.truncation or t.padding
    if own:
        yield from own_cases(t, lines)
    if brief and own:
        return
    for c in cases(Tokenizer.from_str(t.to_str()), lines):
        if not (brief and c.get("plain")):
            yield c


def compare(names):
    data = pathlib.Path(os.environ["FMKIT_DATA"])
    lines, chars = corpus(data), points()
    wanted = lambda name: not names or any(name.startswith(n) for n in names)
    read = lambda name: (data / "tokenizers" / name).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as tmp:
        tmp = pathlib.Path(tmp)
        for name, t in big(data):
            if wanted(name):
                write(tmp / name, t, all_cases(t, lines))
                t.save(str(tmp / name / "tokenizer.json"))
        for name in ("bert-base-uncased", "all-minilm-l6-v2"):
            if wanted("file-" + name):
                t = Tokenizer.from_str(read(name + "/tokenizer.json"))
                write(tmp / ("file-" + name), t, all_cases(t, lines))
                shutil.copy(data / "tokenizers" / name / "tokenizer.json", tmp / ("file-" + name))
        for name, t in alphabet():
            if wanted(name):
                write(tmp / name, t, (case(t, x, plain=True) for x in chars))
                t.save(str(tmp / name / "tokenizer.json"))
        for name, files in folders(read("bert-base-uncased/vocab.txt"), read("bert-large-cased/vocab.txt"), read("gpt2/vocab.json"), read("gpt2/merges.txt")):
            if wanted(name):
                t = auto(tmp / name, files)
                write(tmp / name, t, all_cases(t, lines))
        env = dict(os.environ, FMKIT_GOLDEN=str(tmp))
        return subprocess.run(["go", "test", "-count=1", "-run", "TestLibrary", "-v", "./text/tokenizer"], cwd=REPO, env=env).returncode


def small():
    root = REPO / "text/tokenizer/testdata"
    model = json.loads((root / "bytelevel/tokenizer.json").read_text(encoding="utf-8"))["model"]
    vocab, merges = model["vocab"], [tuple(m) for m in model["merges"]]
    words = json.loads((root / "wordpiece/tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    cased = json.loads((root / "wordpiece-cased/tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    made = {"modernbert": modernbert(vocab, merges)}
    for name, t in rules(words, cased, vocab, merges):
        if name in ("rules-punctuation-merged_with_next", "rules-bytelevel", "rules-whitespace", "saved-fixed"):
            made[name] = t
    for name, t in made.items():
        (root / name).mkdir(exist_ok=True)
        t.save(str(root / name / "tokenizer.json"))
    lines = lambda vocab: "".join(w + "\n" for w, _ in sorted(vocab.items(), key=lambda x: x[1]))
    texts = "#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges)
    for name, files in folders(lines(words), lines(cased), json.dumps(vocab, ensure_ascii=False), texts):
        if name in ("folder-bert-options", "folder-roberta-options"):
            t = auto(root / name, files)
            write(root / name, t, all_cases(t, [], brief=True))
    for path in sorted(root.glob("*/tokenizer.json")):
        t = Tokenizer.from_file(str(path))
        write(path.parent, t, all_cases(t, [], brief=path.parent.name in made))
        (path.parent / "library.json").unlink()  # it is tokenizer.json
        print(path.parent)


if __name__ == "__main__":
    os.environ["RUST_BACKTRACE"] = "0"
    print("tokenizers", tokenizers.__version__, file=sys.stderr)
    sys.exit(compare(sys.argv[2:]) if sys.argv[1] == "compare" else small())
