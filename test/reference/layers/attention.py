"""Attention."""
from tensorflow.keras import layers as L

Q, V, K = (4, 3), (5, 3), (5, 3)
QUERY_MASK = [[True, True, True, False], [True, True, False, False]]
VALUE_MASK = [[True, True, False, True, False], [True, False, True, True, True]]
MASKS = [QUERY_MASK, VALUE_MASK]


def heads(case, options, shapes=(Q, V), about=None, **rest):
    return case("layerMultiHeadAttention", L.MultiHeadAttention, {"num_heads": 2, "key_dim": 3, **options}, list(shapes), about, many=True, unpack=True, **rest)


def cases(case):
    dense = lambda name, layer, options, shapes=(Q, V), about=None, **rest: case(name, layer, options, list(shapes), about, many=True, **rest)
    attention = lambda *args, **rest: dense("layerAttention", L.Attention, *args, **rest)
    additive = lambda *args, **rest: dense("layerAdditiveAttention", L.AdditiveAttention, *args, **rest)
    return [
        attention({}),
        attention({"use_scale": True}, [Q, V, K], "with a key and a scale"),
        attention({"score_mode": "concat"}, about="of concatenated vectors"),
        attention({"score_mode": "concat", "use_scale": True}, [Q, V, K], "of concatenated vectors, with a scale"),
        attention({}, about="with masks", masks=MASKS),
        attention({}, [Q, Q], "causal", call={"use_causal_mask": True}),
        attention({}, [Q, V, K], "causal, with masks and scores", masks=[*MASKS, None], call={"use_causal_mask": True, "return_attention_scores": True}),
        attention({"dropout": 0.3}, about="with dropout", training=False),
        additive({}),
        additive({"use_scale": False}, [Q, V, K], "without a scale"),
        additive({}, about="with masks", masks=MASKS),
        additive({}, about="causal, with scores", call={"use_causal_mask": True, "return_attention_scores": True}),
        heads(case, {}),
        heads(case, {"value_dim": 2, "use_bias": False}, [Q, (5, 2), (5, 4)], "with values and keys of their own sizes"),
        heads(case, {"output_shape": 4}, about="with an output shape"),
        heads(case, {"output_shape": [2, 3]}, about="with an output of two axes"),
        heads(case, {}, about="with masks", masks=MASKS),
        heads(case, {}, [Q, V, K], "with masks of all", masks=[QUERY_MASK, VALUE_MASK, VALUE_MASK[::-1]]),
        heads(case, {}, [Q, Q], "causal, with scores", call={"use_causal_mask": True, "return_attention_scores": True}),
        heads(case, {}, [Q, V, V, (4, 5)], "with a mask of pairs", bools=[3]),
        heads(case, {"attention_axes": [2]}, [(2, 3, 4), (2, 5, 4)], "over one of two axes"),
        heads(case, {"attention_axes": [1, 2], "key_dim": 2}, [(2, 3, 4), (2, 3, 4)], "over two axes"),
        heads(case, {"dropout": 0.3}, about="with dropout", training=False),
    ]
