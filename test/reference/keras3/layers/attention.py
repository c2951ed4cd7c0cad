"""Attention whose heads share keys and values."""
from keras import layers as L

STEPS = [[True, True, False], [True, False, False]]
KEYS = [[True, True, False, True], [False, True, True, True]]


def cases(case):
    grouped = lambda options, shapes, about, **more: case(
        "layerGroupQueryAttention",
        L.GroupQueryAttention,
        {"head_dim": 2, "num_query_heads": 4, "num_key_value_heads": 2, **options},
        shapes,
        about=about,
        **more,
    )
    query, value = (3, 5), (4, 5)
    return [
        grouped({}, [query, value], "of two groups"),
        grouped({"num_key_value_heads": 1, "use_bias": False}, [query, value], "of one group"),
        grouped({"num_key_value_heads": 4}, [query, value, value], "of a group for each head"),
        grouped({"num_query_heads": 6}, [query, query], "that is causal", call={"use_causal_mask": True}),
        grouped({"head_dim": 3}, [query, value], "with scores", call={"return_attention_scores": True}),
        grouped({}, [query, value], "with masks", masks=[STEPS, KEYS]),
        grouped({}, [query, value], "with scores and masks", masks=[STEPS, KEYS], call={"return_attention_scores": True}),
        grouped({}, [query, value, value, (3, 4)], "with a mask of pairs", bools=(3,)),
    ]
