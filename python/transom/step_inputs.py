"""What a decoder's inputs mean, and their values for a step, so that callers give tokens alone.

Exporters name the same things alike: positions, masks over all tokens so far, where in a buffer to write. An input that is none of
these has to be given by the caller, once, and stays the same for all steps (what an encoder gave, say).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ._errors import SignatureError
from ._names import numpy_type

if TYPE_CHECKING:
    from .module import Value

__all__ = ["StepInputs", "token_input"]

Array = Any


class Step:
    """One step as the inputs see it: the new tokens, and a mask over all tokens with them."""

    def __init__(self, tokens: Array, mask: Array) -> None:
        self.tokens = tokens  #: [batch, new] i64
        self.mask = mask  #: [batch, total] bool; False where a row has been padded

    @property
    def past(self) -> int:
        return int(self.mask.shape[1] - self.tokens.shape[1])

    @property
    def new(self) -> int:
        return int(self.tokens.shape[1])


def _positions(step: Step) -> Array:
    """Of each row's own tokens: padding before them does not count."""
    return np.maximum(np.cumsum(step.mask, axis=1, dtype=np.int64) - 1, 0)[:, step.past :]


def _visible(step: Step) -> Array:
    """[batch, 1, new, total]: which tokens each new one sees."""
    queries = np.arange(step.past, step.past + step.new)
    causal = np.arange(step.mask.shape[1])[None, :] <= queries[:, None]
    # A padded place sees itself: a row of nothing but -inf has no softmax.
    own = np.arange(step.mask.shape[1])[None, :] == queries[:, None]
    return (causal[None] & step.mask[:, None, :] | own[None])[:, None]


def _mask_of_scores(step: Step, dtype: np.dtype[Any]) -> Array:
    visible = _visible(step)
    if dtype.kind != "f":
        return visible
    return np.where(visible, 0.0, np.finfo(dtype).min)


def token_input(inputs: Sequence[Value]) -> Value:
    """The input that tokens go to: the one of that name, or the only matrix of whole numbers that is nothing else."""
    matrices = [value for value in inputs if value.type in ("i64", "i32") and len(value.dims) == 2]
    for name in ("input_ids", "decoder_input_ids", "tokens"):
        for value in matrices:
            if value.name == name:
                return value
    rest = [value for value in matrices if not any(word in value.name for word in ("mask", "position", "type", "segment"))]
    if len(rest) != 1:
        names = ", ".join(map(str, inputs))
        raise SignatureError(f"none of the inputs is known to take tokens; one named input_ids would (inputs: {names})", "signature")
    return rest[0]


class StepInputs:
    """Fills in the inputs of the entry point `step`, by name.

    fixed: inputs that the caller gives, the same for all steps. SignatureError names every input that is neither among those nor
    of a known meaning.
    """

    def __init__(self, inputs: Sequence[Value], fixed: Mapping[str, Array]) -> None:
        self.tokens = token_input(inputs)
        self._fixed = dict(fixed)
        self._fillers: dict[str, tuple[Callable[[Step, np.dtype[Any]], Array], np.dtype[Any]]] = {}
        known = {value.name for value in inputs}
        strangers = [name for name in fixed if name not in known]
        if strangers:
            raise SignatureError(f"the step has no input '{strangers[0]}'; it has {', '.join(known)}", "signature")
        unknown = []
        for value in inputs:
            if value.name in fixed or value is self.tokens:
                continue
            filler = self._meaning(value)
            if filler is None:
                unknown.append(str(value))
            else:
                self._fillers[value.name] = (filler, numpy_type(value.type))
        if unknown:
            raise SignatureError(
                f"inputs whose values nothing is known of: {', '.join(unknown)}; give them once, by name, in `fixed`", "signature"
            )
        self.sees_padding = any(name in self._fillers for name in known if "mask" in name)

    def _meaning(self, value: Value) -> Callable[[Step, np.dtype[Any]], Array] | None:
        name, rank, whole = value.name, len(value.dims), value.type in ("i64", "i32")
        if "encoder" in name:
            return None
        if name == "use_cache_branch":
            return lambda step, _: np.full([1] * rank, step.past > 0)
        if "mask" in name:
            if rank == 2 and value.dims[1] == self.tokens.dims[1]:
                return lambda step, _: step.mask[:, step.past :]
            return {2: lambda step, _: step.mask, 4: _mask_of_scores}.get(rank)
        if "position" in name and whole:
            along = {
                1: lambda step, _: np.arange(step.past, step.past + step.new),
                2: lambda step, _: _positions(step),
            }
            return along.get(rank)
        if ("token_type" in name or "segment" in name) and rank == 2:
            return lambda step, _: np.zeros_like(step.tokens)
        return self._counter(name, rank) if whole else None

    def _counter(self, name: str, rank: int) -> Callable[[Step, np.dtype[Any]], Array] | None:
        """Inputs that say how much is there: one number, or one for each row."""
        counts: dict[str, Callable[[Step], int]] = {
            "write_indices": lambda step: step.past,
            "past_sequence_length": lambda step: step.past,
            "past_length": lambda step: step.past,
            "nonpad_kv_seqlen": lambda step: step.past + step.new,
            "total_sequence_length": lambda step: step.past + step.new,
            "seqlens_k": lambda step: step.past + step.new - 1,  # the last index, as GroupQueryAttention has it
            "num_logits_to_keep": lambda step: 1,
            "logits_to_keep": lambda step: 1,
        }
        if rank > 1 or name not in counts:
            return None
        count, each = counts[name], name in ("write_indices", "nonpad_kv_seqlen", "seqlens_k")
        return lambda step, _: np.full([len(step.tokens) if each else 1] * rank, count(step))

    def feed(self, step: Step) -> dict[str, Array]:
        feeds = {name: np.asarray(fill(step, dtype)).astype(dtype) for name, (fill, dtype) in self._fillers.items()}
        feeds[self.tokens.name] = step.tokens.astype(numpy_type(self.tokens.type))
        return {**feeds, **self._fixed}
