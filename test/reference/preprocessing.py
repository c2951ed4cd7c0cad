"""What Keras 2.13's layers of preprocessing with a vocabulary make of texts and whole numbers, and what they learn by `adapt`."""

import json

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers as L

TEXTS = [
    "The cat sat on the mat; the dog, too!",
    "It's the cat's mat. IT'S NOT THE DOG'S...",
    "",
    "Ünïcödé: STRASSE Straße ÄÖÜ 日本 日本",
    "tabs\tand\nlines\r\nand\u00a0no-break\u2003spaces \x0b\x0c  many",
    "emoji 👩‍🔬 and 👩‍🔬 {a} [b] ^_`|~ x",
    "the the the and and mat",
]
UNSEEN = ["the bird sat on the cat", "", "and MAT, ünïcödé 日本!", "  emoji   "]
# Each row has as many different tokens: Keras's weights of tokens of dense tensors need that.
WORDS = [["sun", "rain", "Ä", "sun"], ["snow", "", "sun", "snow"], ["Ä", "日本", "sun", "Ä"]]
UNSEEN_WORDS = [["rain", "sun", "fog"], ["", "日本", "snow"], ["[UNK]", "Sun", "rain"]]
ONE_WORD = [["sun"], ["fog"], [""]]
NUMBERS = [[7, -3, 7, 1000000], [0, 7, 2, 2], [-3, 5, -1, 5]]
UNSEEN_NUMBERS = [[7, 8, 0], [-1, -3, 1000000], [2, 2, -100]]
ONE_NUMBER = [[7], [8], [0]]

SPLITTING = [
    {},
    {"standardize": None},
    {"standardize": "lower"},
    {"standardize": "strip_punctuation"},
    {"split": "character"},
    {"split": "character", "standardize": None, "max_tokens": 12},
    {"ngrams": 2},
    {"ngrams": [1, 3]},
    {"ngrams": 3, "max_tokens": 9, "output_sequence_length": 5},
    {"output_sequence_length": 3},
    {"output_sequence_length": 12, "max_tokens": 6},
    {"output_mode": "multi_hot"},
    {"output_mode": "multi_hot", "max_tokens": 5},
    {"output_mode": "count", "ngrams": 2, "max_tokens": 12},
    {"output_mode": "count", "max_tokens": 40, "pad_to_max_tokens": True},
    {"output_mode": "tf_idf"},
    {"output_mode": "tf_idf", "max_tokens": 8},
    {"output_mode": "tf_idf", "max_tokens": 60, "pad_to_max_tokens": True},
    {"output_mode": "tf_idf", "ngrams": 2, "max_tokens": 15},
]
LOOKUPS = [
    {},
    {"mask_token": "M"},
    {"num_oov_indices": 3, "mask_token": "M"},
    {"num_oov_indices": 0, "max_tokens": 20},
    {"max_tokens": 4},
    {"output_mode": "one_hot"},
    {"output_mode": "one_hot", "mask_token": "M", "num_oov_indices": 2},
    {"output_mode": "multi_hot"},
    {"output_mode": "multi_hot", "mask_token": "M", "max_tokens": 4},
    {"output_mode": "count", "num_oov_indices": 2},
    {"output_mode": "count", "max_tokens": 12, "pad_to_max_tokens": True},
    {"output_mode": "tf_idf"},
    {"output_mode": "tf_idf", "mask_token": "M", "max_tokens": 12, "pad_to_max_tokens": True},
]


def plain(tensor):
    values = tensor.numpy()
    if values.dtype == object:
        return np.vectorize(lambda value: value.decode("utf-8"), otypes=[object])(values).tolist()
    return np.round(values, 6).tolist()


def python(options):
    return {name: tuple(value) if name == "ngrams" and isinstance(value, list) else value for name, value in options.items()}


def config(layer):
    left_out = ["name", "trainable", "dtype", "batch_input_shape"]
    return {key: value for key, value in json.loads(json.dumps(layer.get_config(), default=int)).items() if key not in left_out}


def text(options):
    layer = L.TextVectorization(**python(options))
    layer.adapt(np.array(TEXTS))
    output = layer(tf.constant(UNSEEN))
    column = layer(tf.constant([[text] for text in UNSEEN]))
    assert np.array_equal(output.numpy(), column.numpy())
    return {"options": options, "vocabulary": layer.get_vocabulary(), "output": plain(output), "config": config(layer)}


def tokens():
    """Tokens that need no splitting."""
    result = []
    for options in [{}, {"ngrams": 2}, {"output_sequence_length": 2}, {"output_mode": "count"}]:
        layer = L.TextVectorization(split=None, **options)
        layer.adapt(np.array(WORDS))
        result.append(
            {"options": {"split": None, **options}, "vocabulary": layer.get_vocabulary(), "output": plain(layer(tf.constant(UNSEEN_WORDS)))}
        )
    return result


def lookup(make, options, data, unseen, one, mask):
    options = {name: mask if value == "M" else value for name, value in options.items()}
    layer = make(**options)
    layer.adapt(np.array(data))
    known = data[:2] if options.get("num_oov_indices") == 0 else unseen
    result = {"options": options, "vocabulary": layer.get_vocabulary()}
    result["tokens"] = layer.get_vocabulary(include_special_tokens=False)
    if options.get("output_mode") == "one_hot":
        result["one"] = plain(layer(tf.constant(one)))
    else:
        result["output"] = plain(layer(tf.constant(known)))
    if options.get("output_mode", "int") == "int":
        inverse = make(vocabulary=layer.get_vocabulary(), invert=True, **options)
        result["inverse"] = plain(inverse(tf.constant([[0, 1, 2, 3], [4, 5, 6, 100]], tf.int64)))
    result["config"] = config(layer)
    return result


def given():
    """Vocabularies that are given, with and without special tokens, and weights of tokens."""
    cases = []
    for make, options, vocabulary, idf, data in [
        (L.StringLookup, {"output_mode": "tf_idf"}, ["a", "b"], [0.5, 2.0], [["a", "b", "a", "c"]]),
        (L.StringLookup, {"output_mode": "tf_idf"}, ["[UNK]", "a", "b"], [0.1, 0.5, 2.0], [["a", "b", "a", "c"]]),
        (L.StringLookup, {"output_mode": "tf_idf", "max_tokens": 5, "pad_to_max_tokens": True}, ["a", "b"], [0.5, 2.0], [["a", "b", "a", "c"]]),
        (L.StringLookup, {"mask_token": ""}, ["", "[UNK]", "a", "b"], None, [["a", "b", "", "c"]]),
        (L.IntegerLookup, {"mask_token": 0, "num_oov_indices": 2}, [10, 20], None, [[10, 20, 0, 7]]),
        (L.TextVectorization, {"output_mode": "tf_idf"}, ["a", "b"], [0.5, 2.0], ["a b a c"]),
        (L.TextVectorization, {}, ["a", "b"], None, ["a b a c"]),
    ]:
        layer = make(vocabulary=vocabulary, **({} if idf is None else {"idf_weights": idf}), **options)
        cases.append(
            {
                "class": make.__name__,
                "options": {**options, "vocabulary": vocabulary, **({} if idf is None else {"idf_weights": idf})},
                "data": data,
                "vocabulary": layer.get_vocabulary(),
                "output": plain(layer(tf.constant(data))),
                "config": config(layer),
            }
        )
    return cases


print(
    json.dumps(
        {
            "texts": TEXTS,
            "unseenTexts": UNSEEN,
            "words": WORDS,
            "unseenWords": UNSEEN_WORDS,
            "oneWord": ONE_WORD,
            "numbers": NUMBERS,
            "unseenNumbers": UNSEEN_NUMBERS,
            "oneNumber": ONE_NUMBER,
            "textVectorization": [text(options) for options in SPLITTING],
            "tokens": tokens(),
            "stringLookup": [lookup(L.StringLookup, options, WORDS, UNSEEN_WORDS, ONE_WORD, "") for options in LOOKUPS],
            "integerLookup": [lookup(L.IntegerLookup, options, NUMBERS, UNSEEN_NUMBERS, ONE_NUMBER, 0) for options in LOOKUPS],
            "given": given(),
        },
        ensure_ascii=False,
        default=int,
        separators=(",", ":"),
    )
)
