"""The values that a decoder's inputs get by their meaning."""

import numpy as np
import pytest
import transom
from transom.step_inputs import Step, StepInputs, token_input

TOKENS = transom.Value("input_ids", "input_ids", "i64", ("batch", "sequence"))


def value(name, type="i64", *dims):
    return transom.Value(name, name, type, dims)


def feed(values, step, fixed=None):
    return StepInputs([TOKENS, *values], fixed or {}).feed(step)


def step(tokens, past=0, padded=0):
    """Two texts of which the second begins `padded` places later."""
    tokens = np.array(tokens)
    mask = np.ones((len(tokens), past + tokens.shape[1]), bool)
    mask[1:, :padded] = False
    return Step(tokens, mask)


def test_tokens_and_masks():
    mask, recent = value("attention_mask", "i64", "batch", "past + sequence"), value("token_mask", "i32", "batch", "sequence")
    feeds = feed([mask, recent], step([[5, 6], [7, 8]], past=2, padded=3))
    assert feeds["input_ids"].tolist() == [[5, 6], [7, 8]] and feeds["input_ids"].dtype == np.int64
    assert feeds["attention_mask"].tolist() == [[1, 1, 1, 1], [0, 0, 0, 1]]
    assert feeds["token_mask"].tolist() == [[1, 1], [0, 1]] and feeds["token_mask"].dtype == np.int32


def test_positions_count_a_rows_own_tokens():
    positions, cache = value("position_ids", "i64", "batch", "sequence"), value("cache_position", "i64", "sequence")
    feeds = feed([positions, cache], step([[5, 6], [7, 8]], past=2, padded=1))
    assert feeds["position_ids"].tolist() == [[2, 3], [1, 2]]
    assert feeds["cache_position"].tolist() == [2, 3]
    assert feed([positions], step([[1, 2, 3], [0, 0, 4]], padded=2))["position_ids"].tolist() == [[0, 1, 2], [0, 0, 0]]


def test_masks_of_scores():
    boolean = value("attention_mask", "bool", "batch", 1, "sequence", "total")
    seen = feed([boolean], step([[5, 6], [7, 8]], past=1, padded=1))["attention_mask"]
    assert seen.shape == (2, 1, 2, 3)
    assert seen[0, 0].tolist() == [[True, True, False], [True, True, True]]
    assert seen[1, 0].tolist() == [[False, True, False], [False, True, True]]
    added = feed([value("mask", "f32", "batch", 1, "sequence", "total")], step([[5], [7]], past=1, padded=1))["mask"]
    assert added.dtype == np.float32 and added[0, 0].tolist() == [[0, 0]]
    assert added[1, 0, 0, 0] == np.finfo(np.float32).min and added[1, 0, 0, 1] == 0


def test_a_padded_place_sees_itself():
    boolean = value("attention_mask", "bool", "batch", 1, "sequence", "total")
    seen = feed([boolean], step([[5, 6], [0, 8]], padded=1))["attention_mask"]
    assert seen.any(axis=-1).all()


def test_counts():
    values = [
        value("write_indices", "i64", "batch"),
        value("nonpad_kv_seqlen", "i64", "batch"),
        value("seqlens_k", "i32", "batch"),
        value("total_sequence_length", "i32"),
        value("past_sequence_length", "i64", 1),
        value("num_logits_to_keep", "i64"),
        value("use_cache_branch", "bool", 1),
        value("token_type_ids", "i64", "batch", "sequence"),
    ]
    feeds = feed(values, step([[5, 6], [7, 8]], past=3))
    assert {name: array.tolist() for name, array in feeds.items() if name != "input_ids"} == {
        "write_indices": [3, 3],
        "nonpad_kv_seqlen": [5, 5],
        "seqlens_k": [4, 4],
        "total_sequence_length": 5,
        "past_sequence_length": [3],
        "num_logits_to_keep": 1,
        "use_cache_branch": [True],
        "token_type_ids": [[0, 0], [0, 0]],
    }
    assert feeds["seqlens_k"].dtype == np.int32
    assert feed(values, step([[5], [6]]))["use_cache_branch"].tolist() == [False]


def test_what_is_given_stays():
    hidden = np.ones((2, 3, 4), np.float32)
    values = [value("encoder_hidden_states", "f32", "batch", "source", 4)]
    for past in (0, 2):
        assert feed(values, step([[1], [2]], past), {"encoder_hidden_states": hidden})["encoder_hidden_states"] is hidden


def test_unknown_inputs_are_all_named():
    values = [value("prefix_length", "i64", "batch"), value("encoder_attention_mask", "i64", "batch", "source"),
              value("position_ids", "i64", "batch", 2, "sequence")]  # fmt: skip
    with pytest.raises(transom.SignatureError) as caught:
        StepInputs([TOKENS, *values], {})
    for name in ("prefix_length: i64[batch]", "encoder_attention_mask: i64[batch, source]", "position_ids: i64[batch, 2, sequence]"):
        assert name in str(caught.value)
    assert "`fixed`" in str(caught.value)
    StepInputs([TOKENS, *values], {name.name: 0 for name in values})
    with pytest.raises(transom.SignatureError, match="the step has no input 'tokens'; it has input_ids"):
        StepInputs([TOKENS], {"tokens": 1})


def test_which_input_takes_tokens():
    named = value("decoder_input_ids", "i64", "batch", "target")
    other = value("words", "i32", "batch", "sequence")
    mask = value("attention_mask", "i64", "batch", "total")
    assert token_input([mask, named, other]) is named
    assert token_input([mask, other]) is other
    for values in ([mask], [other, value("more", "i64", "batch", "sequence")]):
        with pytest.raises(transom.SignatureError, match="none of the inputs is known to take tokens"):
            token_input(values)


def test_who_sees_padding():
    assert StepInputs([TOKENS, value("attention_mask", "i64", "batch", "total")], {}).sees_padding
    assert not StepInputs([TOKENS, value("position_ids", "i64", "batch", "sequence")], {}).sees_padding
