"""What is chosen from scores: the likeliest, or what a temperature, top-k and top-p leave, in its share."""

import math

import numpy as np
import pytest
import transom


def choose(scores, **how):
    scores = np.atleast_2d(np.asarray(scores, np.float64))
    return transom.Sampling(**how).sampler(len(scores)).choose(scores)


def shares(scores, rows=4000, **how):
    """How often each token is drawn."""
    drawn = choose(np.tile(np.asarray(scores, np.float64), (rows, 1)), seed=3, **how)
    return np.bincount(drawn, minlength=len(scores)) / rows


def softmax(scores):
    weights = np.exp(np.asarray(scores, np.float64) - max(scores))
    return weights / weights.sum()


def test_greedy_takes_the_likeliest_and_the_first_of_equals():
    assert choose([[0.0, 3.0, 1.0], [2.0, -1.0, 2.0]]).tolist() == [1, 0]
    assert choose([-math.inf, -5.0, -math.inf]).tolist() == [1]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_temperature(temperature):
    scores = [1.0, 0.0, 2.0, -1.0]
    np.testing.assert_allclose(shares(scores, temperature=temperature), softmax(np.array(scores) / temperature), atol=0.03)


def test_tiny_temperatures_overflow_nothing():
    assert choose([1e4, -1e4, 9e3], temperature=1e-300).tolist() == [0]


def test_top_k():
    scores = [1.0, 0.0, 2.0, -1.0]
    expected = softmax(scores) * [1, 0, 1, 0]
    np.testing.assert_allclose(shares(scores, temperature=1.0, top_k=2), expected / expected.sum(), atol=0.03)
    assert choose(scores, temperature=5.0, top_k=1).tolist() == [2]
    # More than there are: all.
    assert (shares(scores, temperature=1.0, top_k=9) > 0).all()


def test_top_k_of_equals_keeps_that_many():
    assert (shares([1.0] * 6, temperature=1.0, top_k=2) > 0).tolist() == [True, True, False, False, False, False]


def test_top_p():
    # Shares of 0.5, 0.25, 0.15 and 0.1.
    scores = np.log([0.15, 0.5, 0.1, 0.25])
    expected = np.array([0, 0.5, 0, 0.25]) / 0.75
    np.testing.assert_allclose(shares(scores, temperature=1.0, top_p=0.7), expected, atol=0.03)
    assert (shares(scores, temperature=1.0, top_p=0.76) > 0).tolist() == [True, True, False, True]
    assert choose(scores, temperature=1.0, top_p=1e-9).tolist() == [1]
    assert (shares(scores, temperature=1.0, top_p=1.0) > 0).all()


def test_top_p_counts_what_top_k_leaves():
    scores = np.log([0.4, 0.3, 0.2, 0.1])
    # Of the three, the first two have 7 / 9.
    assert (shares(scores, temperature=1.0, top_k=3, top_p=0.75) > 0).tolist() == [True, True, False, False]


def test_a_seed_draws_the_same_again():
    scores = np.random.default_rng(1).standard_normal((5, 50))
    first = choose(scores, temperature=1.0, seed=7)
    assert first.tolist() == choose(scores, temperature=1.0, seed=7).tolist()
    assert any(first.tolist() != choose(scores, temperature=1.0, seed=seed).tolist() for seed in range(8, 12))
    assert len({tuple(choose(scores, temperature=1.0)) for _ in range(6)}) > 1


def test_what_a_row_draws_does_not_depend_on_the_others():
    scores = np.random.default_rng(2).standard_normal((3, 50))
    how = transom.Sampling(temperature=1.0, seed=7)
    three, two = how.sampler(3), how.sampler(2)
    for _ in range(5):
        assert three.choose(scores)[:2].tolist() == two.choose(scores[:2]).tolist()


@pytest.mark.parametrize("row", [[math.nan, 1.0], [-math.inf, -math.inf], [math.inf, 0.0]])
def test_scores_that_are_none(row):
    for how in ({}, {"temperature": 1.0}):
        with pytest.raises(transom.DataError, match="the scores of row 1 are not finite"):
            choose([[0.0, 1.0], row], **how)


@pytest.mark.parametrize(
    "how, message",
    [
        ({"temperature": -1}, "temperature is -1"),
        ({"temperature": math.nan}, "temperature is nan"),
        ({"top_k": -2}, "top_k is -2"),
        ({"top_p": 0}, "top_p is 0"),
        ({"top_p": 1.5}, "top_p is 1.5"),
    ],
)
def test_refused(how, message):
    with pytest.raises(ValueError, match=message):
        transom.Sampling(**how)
