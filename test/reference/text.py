"""What Keras 2.13's tokenizer and its hashes make of texts: words, ids, counts, matrices, JSON; and how Python makes letters small.

The order of Python's sets is another in each process: what is counted by set is sorted.
"""

import json
import sys
import unicodedata

from keras.preprocessing.text import (
    Tokenizer,
    hashing_trick,
    text_to_word_sequence,
    tokenizer_from_json,
)

TEXTS = [
    "The cat sat on the mat; the dog, too!",
    "It's the cat's mat. IT'S NOT THE DOG'S...",
    "",
    "Ünïcödé: STRASSE Straße ΟΔΟΣ ΣΑΣ Σ ΑΣ. İstanbul ǅ ﬁ",
    "tabs\tand\nlines\r\nand\u00a0no-break\u2003spaces   many",
    "emoji 👩‍🔬 and 🇩🇪, 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𐐀𐐁 beyond",
    "constructor __proto__ toString 1 2001 10 1.5 2001",
    '"quoted" \\back\\slash /slash/ \u007f \u0001 \u2028',
    "日本語 の テキスト は 空白 で 区切る",
]
UNSEEN = ["the bird sat on the cat", "2001 constructor hasOwnProperty", "…", "ΑΣ σας"]

SPLITS = [
    {},
    {"lower": False},
    {"filters": ""},
    {"split": "t"},
    {"filters": "a", "split": "aa"},
    {"filters": "!", "split": "ab"},
    {"filters": "👩𐐁日-]^\\", "split": "$&"},
    {"filters": "abc", "split": "\n"},
]
SPLIT_TEXTS = TEXTS + ["baaab!a!ab", "a$&b$c$$d$&", "x-y]z^w\\v"]

TOKENIZERS = [
    {},
    {"num_words": 5},
    {"num_words": 5, "oov_token": "<unk>"},
    {"oov_token": "the"},
    {"lower": False, "split": "t", "filters": ""},
    {"char_level": True},
    {"char_level": True, "num_words": 8, "oov_token": "?", "lower": False},
]
MODES = ["binary", "count", "tfidf", "freq"]


def counted(tokenizer):
    return {
        "document_count": tokenizer.document_count,
        "word_counts": list(tokenizer.word_counts.items()),
        "word_docs": sorted(tokenizer.word_docs.items()),
        "index_docs": sorted(tokenizer.index_docs.items()),
        "word_index": list(tokenizer.word_index.items()),
        "index_word": list(tokenizer.index_word.items()),
    }


def sparse(matrix):
    """Shape, and what is not zero: row, column, value."""
    rows, columns = matrix.nonzero()
    return {
        "shape": list(matrix.shape),
        "nonzeros": [[int(r), int(c), float(matrix[r, c])] for r, c in zip(rows, columns)],
    }


def fitted(options):
    tokenizer = Tokenizer(**options)
    tokenizer.fit_on_texts(TEXTS)
    result = {"options": options, "fitted": counted(tokenizer)}
    result["sequences"] = tokenizer.texts_to_sequences(TEXTS + UNSEEN)
    result["matrices"] = {mode: sparse(tokenizer.texts_to_matrix(UNSEEN, mode)) for mode in MODES}
    tokenizer.fit_on_texts(UNSEEN + [["the", "CAT", "a b"]])
    result["again"] = counted(tokenizer)
    result["again_sequences"] = tokenizer.texts_to_sequences(UNSEEN + [["THE", "a b", "none"]])
    return result


def saved():
    tokenizer = Tokenizer(num_words=30, oov_token='o"v')
    tokenizer.fit_on_texts(TEXTS)
    # Sorted, since Python's own order is another each time.
    for counts in ("word_docs", "index_docs"):
        ordered = sorted(getattr(tokenizer, counts).items())
        getattr(tokenizer, counts).clear()
        getattr(tokenizer, counts).update(ordered)
    return tokenizer.to_json()


def small_letters():
    """The characters that are not small themselves, and what they become, by Unicode's version of this Python."""
    pairs = [(chr(code), chr(code).lower()) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    differing = [(one, small) for one, small in pairs if one != small]
    return {
        "unicode": unicodedata.unidata_version,
        "characters": "".join(one for one, _ in differing),
        "lower": " ".join(small for _, small in differing),
    }


def main():
    json_text = saved()
    assert tokenizer_from_json(json_text).to_json() == json_text
    print(
        json.dumps(
            {
                "texts": TEXTS,
                "unseen": UNSEEN,
                "words": [
                    {
                        "options": options,
                        "sequences": [text_to_word_sequence(text, **options) for text in SPLIT_TEXTS],
                    }
                    for options in SPLITS
                ],
                "split_texts": SPLIT_TEXTS,
                "tokenizers": [fitted(options) for options in TOKENIZERS],
                "saved": json_text,
                "hashing": [
                    {
                        "n": n,
                        "options": options,
                        "hashes": [hashing_trick(text, n, "md5", **options) for text in TEXTS],
                    }
                    for n, options in [(2, {}), (50, {}), (2**31, {"lower": False}), (2**52 + 5, {"filters": ""})]
                ],
                "small": small_letters(),
            },
            ensure_ascii=True,
        )
    )


main()
