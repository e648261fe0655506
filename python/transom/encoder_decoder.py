"""Models of two parts: an encoder that reads once, and a decoder with caches that speaks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from . import generation
from ._errors import SignatureError
from ._names import numpy_type
from .module import ArrayLike, Module, Value
from .session import Session, _sizes_of, last_scores
from .step_inputs import Step, StepInputs, token_input

__all__ = ["EncoderDecoder"]


class EncoderDecoder:
    """An encoder and a decoder as optimum exports them; ``model.generate("translate English to German: ...")``.

    decoder: decoder_model_merged.onnx, or decoder_with_past_model.onnx, which needs `first`, decoder_model.onnx, to fill its caches.
    start: the tokens that every answer begins with. tokenizer, eos: as of Module.
    """

    def __init__(
        self,
        encoder: Module,
        decoder: Module,
        first: Module | None = None,
        *,
        start: int | Sequence[int] = 0,
        eos: int | Sequence[int] | None = None,
        tokenizer: Any = None,
    ) -> None:
        self.encoder, self.decoder, self.first = encoder, decoder, first
        self.start = [start] if isinstance(start, int) else list(start)
        self.eos, self.tokenizer = eos, tokenizer

    def encode(self, source: Any, attention_mask: ArrayLike | None = None) -> dict[str, np.ndarray]:
        """What decoders read of an encoder, by the names of their inputs: the hidden states [batch, source, size], and the mask
        [batch, source] of the source.

        source: tokens or texts as prompts of Session.generate (shorter ones are padded on the right and masked), or an array of
        features (a spectrogram, say) for an encoder that takes numbers.
        """
        return self._read(source, attention_mask, generation.as_tokenizer(self.tokenizer))[0]

    def _read(
        self, source: Any, attention_mask: ArrayLike | None, tokenizer: Any
    ) -> tuple[dict[str, np.ndarray], generation.Form]:
        feeds: dict[str, Any] = {}
        mask = None if attention_mask is None else np.asarray(attention_mask, bool)
        floats = [value for value in self.encoder.inputs if value.type in ("f32", "f16", "bf16", "f64")]
        if floats:
            feeds[floats[0].name] = source
            form = generation.Form(len(source), False, False)
        else:
            prompt = generation.Prompt.of(source, tokenizer, None)
            feeds[token_input(self.encoder.inputs).name], padded = _padded_right(prompt)
            mask, form = padded if mask is None else mask, prompt.form
        for value in self.encoder.inputs:
            if value.name not in feeds:
                feeds[value.name] = self._encoder_input(value, mask)
        hidden = self.encoder(**{name: _typed(array, self.encoder.inputs, name) for name, array in feeds.items()})[0]
        if mask is None:
            mask = np.ones(hidden.shape[:2], bool)
        return {"encoder_hidden_states": hidden, "encoder_attention_mask": mask.astype(np.int64)}, form

    def _encoder_input(self, value: Value, mask: np.ndarray | None) -> np.ndarray:
        if "mask" in value.name and len(value.dims) == 2:
            if mask is None:
                raise SignatureError(f"the encoder's input '{value.name}' is missing; give attention_mask", "signature")
            return mask
        if ("token_type" in value.name or "segment" in value.name) and mask is not None:
            return np.zeros(mask.shape, np.int64)
        raise SignatureError(f"nothing is known of the encoder's input {value}", "signature")

    def session(
        self, source: Any, *, attention_mask: ArrayLike | None = None, capacity: int = 2048, threads: int | None = None
    ) -> Session:
        """A session that has read the source and the start tokens; ``session.generate()`` goes on from there."""
        return self._session(self.encode(source, attention_mask), capacity, threads)

    def _session(self, encoded: dict[str, np.ndarray], capacity: int, threads: int | None) -> Session:
        rows = len(encoded["encoder_hidden_states"])
        tokens = np.tile(np.array(self.start, np.int64), (rows, 1))
        mask = np.ones(tokens.shape, bool)
        step = self.decoder._entry("step")
        if self.first is None and "use_cache_branch" not in self.decoder._input_index:
            raise SignatureError(f"{self.decoder.name} is no merged decoder, so `first` is needed, which fills its caches", "signature")
        first = self.first or self.decoder
        given = _given(first, encoded)
        # A merged decoder's first step reads no caches.
        sizes = _sizes_of(first.inputs, given)
        for described, _, _, _ in step._model.states:
            if described[0] in first._input_index:
                value = first.inputs[first._input_index[described[0]]]
                shape = [dim if isinstance(dim, int) else rows if i == 0 else sizes.get(str(dim), 0) for i, dim in enumerate(value.dims)]
                given[value.name] = np.zeros(shape, numpy_type(value.type))
        result = first(**StepInputs(first.inputs, given).feed(Step(tokens, mask)))
        made = result.as_dict()
        self.decoder.eos, self.decoder.tokenizer = self.eos, self.tokenizer
        caches, dims = {}, {}
        for described, output, _, axis in step._model.states:
            name = output or described[0].replace("past_key_values", "present")
            if name not in made:
                raise SignatureError(f"{first.name} gives no '{name}' for the cache '{described[0]}'", "signature")
            caches[described[0]] = made[name]
            dims.update((dim, size) for i, (dim, size) in enumerate(zip(described[2], made[name].shape)) if isinstance(dim, str) and i != axis)
        session = self.decoder.session(capacity, threads=threads, fixed=_given(step, encoded), **dims)
        for name, array in caches.items():
            session.write(name, array)
        session._scores, session._mask = last_scores(first, result), mask
        return session

    def generate(self, source: Any, *, attention_mask: ArrayLike | None = None, max_new_tokens: int = 128, **options: Any) -> Any:
        """What the decoder says of the source, in the source's form: tokens of one or of several, or text; of features, tokens.

        options: as for Session.generate. The start tokens are not part of it.
        """
        return generation.joined(self._stream(source, attention_mask, max_new_tokens, options))

    def stream(
        self, source: Any, *, attention_mask: ArrayLike | None = None, max_new_tokens: int = 128, **options: Any
    ) -> Iterator[Any]:
        """`generate`, piece by piece as they come; see Session.stream."""
        return self._stream(source, attention_mask, max_new_tokens, options)

    def _stream(self, source: Any, attention_mask: ArrayLike | None, count: int, options: dict[str, Any]) -> generation.Stream:
        tokenizer = generation.as_tokenizer(options.pop("tokenizer", None) or self.tokenizer)
        encoded, form = self._read(source, attention_mask, tokenizer)
        session = self._session(encoded, len(self.start) + count, None)
        return session._stream(None, count, form=form, tokenizer=tokenizer, **options)


def _padded_right(prompt: generation.Prompt) -> tuple[np.ndarray, np.ndarray]:
    """Encoders count positions from the left."""
    order = np.argsort(~prompt.mask, axis=1, kind="stable")
    return np.take_along_axis(prompt.tokens, order, 1), np.take_along_axis(prompt.mask, order, 1)


def _typed(array: Any, values: Sequence[Value], name: str) -> Any:
    """Tokens and masks in the input's type; what the caller gave stays as it is."""
    value = next(value for value in values if value.name == name)
    if isinstance(array, np.ndarray) and array.dtype.kind in "bi":
        return array.astype(numpy_type(value.type))
    return array


def _given(module: Module, encoded: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Those of an encoder's results that a decoder reads."""
    return {name: _typed(array, module.inputs, name) for name, array in encoded.items() if name in module._input_index}

