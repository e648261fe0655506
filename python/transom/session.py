"""Decoding on caches that stay where they are: Session, with generation of tokens and text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Union

import numpy as np

from . import _native, generation
from ._errors import Error, SignatureError
from ._names import TYPE_NAMES, as_floats, elements
from .module import ArrayLike, Context, Module, Value, _readable
from .sampling import Sampling
from .step_inputs import Step, StepInputs

__all__ = ["Session"]

#: Tokens of one text or of several, or texts where there is a tokenizer.
Prompt = Union[str, Sequence[int], Sequence[str], Sequence[Sequence[int]], np.ndarray]
#: A token that ends a text, or several.
Ends = Union[int, Sequence[int]]


class Session:
    """A conversation with a decoder: ``session(input_ids=ids, ...)`` appends to the caches and gives the other outputs,
    ``session.generate(ids)`` goes on by itself.

    Inputs and outputs are the model's without the caches. One thread at a time uses a session; forks share nothing but the
    module, and may run at the same time.
    """

    def __init__(
        self, module: Module, capacity: int, threads: int, dims: Mapping[str, int], fixed: Mapping[str, ArrayLike] | None = None
    ) -> None:
        step = module._entry("step")
        wrong = [name for name in dims if name not in step.dims]
        if wrong:
            raise SignatureError(f"the model has no dim '{wrong[0]}'; it has {', '.join(step.dims)}", "signature")
        fixed = dict(fixed or {})
        step.tokenizer, step.eos = module.tokenizer, module.eos
        sizes = dict.fromkeys(step.dims, 1) | _sizes_of(step.inputs, fixed) | dict(dims)
        context = step.context(threads)
        state = step._model.state(capacity, [sizes[name] for name in step.dims], context.device)
        self._begin(step, context, state, fixed, sizes)

    def _begin(
        self, module: Module, context: Context, state: _native.State, fixed: Mapping[str, ArrayLike], sizes: Mapping[str, int]
    ) -> None:
        self.module, self._context, self._native, self._fixed, self._sizes = module, context, state, fixed, sizes
        self._names = [described[0][0] for described in module._model.states]
        self._inputs: StepInputs | None = None
        self._forget_generation()

    def _forget_generation(self) -> None:
        self._mask: np.ndarray | None = None  # of the tokens so far, [batch, tokens]; None: nothing is padded
        self._pending: tuple[np.ndarray, np.ndarray] | None = None  # tokens that were given out but not run yet, and their mask
        self._scores: np.ndarray | None = None  # of the next token, where the last step's are not used yet

    def __call__(self, *args: ArrayLike, out: Any = None, **kwargs: ArrayLike) -> Any:
        """Runs one step; arguments as those of Module.__call__."""
        self._forget_generation()
        for name, array in self._fixed.items():
            kwargs.setdefault(name, array)
        return self._context._run(args, kwargs, out, self._native)

    def generate(
        self,
        prompt: Prompt | None = None,
        *,
        max_new_tokens: int | None = None,
        temperature: float = 0.0,
        top_k: int = 0,
        top_p: float = 1.0,
        seed: int | None = None,
        eos: Ends | None = None,
        stop: Iterable[int | str] = (),
        tokenizer: Any = None,
    ) -> Any:
        """Runs the prompt, then token by token, and returns what the model says; `stream` gives it as it comes.

        prompt: the tokens of one text (a list of numbers), of several (a list of lists, a matrix; shorter ones are padded on the left
        and masked), or a text or several where there is a tokenizer. What comes back is of the same form: new tokens, or new text.
        None goes on where the last call stopped. The caches keep all, so that the next prompt is the conversation's next part; tokens
        that end a text are not part of it.

        max_new_tokens: of each text; None: until the caches are full. temperature, top_k, top_p, seed: see Sampling; by default the
        likeliest token is taken. eos: tokens that end a text; None: those of the module (`module.eos`). stop: further tokens, and
        texts where there is a tokenizer. tokenizer: of the package tokenizers or transformers, or the path of a tokenizer.json; None:
        the module's (`module.tokenizer`).

        The model's other inputs (masks, positions, counts) get their values by their meaning; SignatureError names those that have
        none known here, which `module.session(fixed={...})` gives.
        """
        return generation.joined(
            self._stream(
                prompt, max_new_tokens, temperature=temperature, top_k=top_k, top_p=top_p, seed=seed, eos=eos, stop=stop,
                tokenizer=tokenizer,
            )
        )  # fmt: skip

    def stream(
        self,
        prompt: Prompt | None = None,
        *,
        max_new_tokens: int | None = None,
        temperature: float = 0.0,
        top_k: int = 0,
        top_p: float = 1.0,
        seed: int | None = None,
        eos: Ends | None = None,
        stop: Iterable[int | str] = (),
        tokenizer: Any = None,
    ) -> Iterator[Any]:
        """As `generate`, piece by piece as they come: for one text a token or a piece of text, for several a list with one for each,
        None (or "") where a text has ended. Leaving the loop early is fine: a later call goes on from there."""
        return self._stream(
            prompt, max_new_tokens, temperature=temperature, top_k=top_k, top_p=top_p, seed=seed, eos=eos, stop=stop,
            tokenizer=tokenizer,
        )  # fmt: skip

    def _stream(
        self, prompt: Prompt | None, max_new_tokens: int | None, *, temperature: float = 0.0, top_k: int = 0, top_p: float = 1.0,
        seed: int | None = None, eos: Ends | None = None, stop: Iterable[int | str] = (), tokenizer: Any = None,
        form: generation.Form | None = None,
    ) -> generation.Stream:  # fmt: skip
        """form: of what is given out, where it is not the prompt's."""
        module, how = self.module, Sampling(temperature, top_k, top_p, seed)
        tokenizer = generation.as_tokenizer(module.tokenizer if tokenizer is None else tokenizer)
        given = generation.Prompt.of(prompt, tokenizer, self._batch)
        form = form or given.form
        ends = generation.Ends.of(module.eos if eos is None else eos, stop, tokenizer if form.text else None)
        if given.ragged and not self._step_inputs.sees_padding:
            raise SignatureError(f"{module.name} takes no mask, so texts of one call must have equally many tokens", "signature")
        steps = generation.Steps(self, given, how, ends, self._room(given, max_new_tokens))
        return generation.Stream(steps, form, ends, tokenizer)

    def _room(self, given: generation.Prompt, wanted: int | None) -> int:
        """How many new tokens there will be at most; refuses a prompt or a number that does not fit, before anything is run."""
        if wanted is not None and wanted < 0:
            raise ValueError(f"max_new_tokens is {wanted}")
        if not self._grows or self._window:
            if wanted is None:
                raise ValueError("max_new_tokens is missing: this model's state is never full")
            return wanted
        prompt = given.tokens.shape[1] + (self._pending[0].shape[1] if self._pending else 0)
        # The last token is never run.
        room = self.capacity - self.length - prompt + 1
        if room < (1 if wanted is None else wanted):
            raise Error(
                f"{self.module.name}: the caches have room for {self.capacity} tokens and hold {self.length}; {prompt} more of the prompt"
                + (f" and {wanted} new ones" if wanted else "") + " do not fit: ask for a larger session(capacity)", "capacity"
            )  # fmt: skip
        return room if wanted is None else wanted

    @property
    def _grows(self) -> bool:
        return any(described[3] >= 0 for described in self.module._model.states)

    @property
    def _window(self) -> int:
        """The most tokens that the caches keep for the next step; 0: all."""
        return max((state.get("window", 0) for state in self.module.info.get("states", [])), default=0)

    @property
    def _step_inputs(self) -> StepInputs:
        if self._inputs is None:
            self._inputs = StepInputs(self.module.inputs, self._fixed)
        return self._inputs

    @property
    def _batch(self) -> int | None:
        """Texts that the caches are for; None where only the first step tells."""
        dim = self._step_inputs.tokens.dims[0]
        if isinstance(dim, int):
            return dim
        return self._sizes[dim] if any(dim in described[0][2] for described in self.module._model.states) else None  # type: ignore[index]

    def _advance(self, tokens: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """Runs tokens [batch, n], some of which a mask may hide, and gives the next ones' scores [batch, vocabulary] in f64."""
        seen, window = self._mask, self._window
        if window and seen is None and self.length == window:
            raise Error(
                f"{self.module.name}: the caches keep the last {window} tokens, so how many there were is not known after steps of "
                "your own: reset() before", "argument"
            )  # fmt: skip
        if seen is None or self._grows and not window and seen.shape[1] != self.length:
            seen = np.ones((len(tokens), self.length), bool)
        whole = np.concatenate([seen, mask], axis=1)
        result = self._context._run((), self._step_inputs.feed(Step(tokens, whole)), None, self._native)
        scores = last_scores(self.module, result)
        self._forget_generation()
        self._mask = whole
        return scores

    @property
    def length(self) -> int:
        """Tokens in the caches: all so far, or the last ones where the caches are windows."""
        return self._native.length

    @property
    def capacity(self) -> int:
        return self._native.capacity

    @property
    def states(self) -> tuple[str, ...]:
        """The caches, by the ONNX names of the inputs that they stand for."""
        return tuple(self._names)

    def read(self, name: str) -> np.ndarray:
        """A copy of a cache."""
        code, shape, data = self._native.read(self._number(name))
        return elements(data, code, shape)

    def write(self, name: str, array: ArrayLike) -> None:
        """Sets a cache; caches that grow must all be given equally many tokens."""
        number = self._number(name)
        described = self.module._model.states[number][0]
        self._native.write(number, _readable(array, Value(name, name, TYPE_NAMES[described[1]], tuple(described[2]))))
        self._forget_generation()

    def reset(self) -> None:
        """Forgets all tokens."""
        self._native.reset()
        self._forget_generation()

    def truncate(self, length: int) -> None:
        """Back to the first `length` tokens; refused for models whose state cannot go back (linear attention): fork those."""
        self._native.truncate(length)
        mask = self._mask
        self._forget_generation()
        self._mask = None if mask is None else mask[:, :length]

    def fork(self) -> Session:
        """A copy that goes its own way."""
        copy = object.__new__(Session)
        copy._begin(self.module, self.module.context(self._context.threads), self._native.fork(), self._fixed, self._sizes)
        copy._mask, copy._pending, copy._scores = self._mask, self._pending, self._scores
        return copy

    def cancel(self) -> bool:
        """From any thread: makes the step in progress raise transom.Cancelled; False if there was none."""
        return self._context.cancel()

    def _number(self, name: str) -> int:
        if name not in self._names:
            raise SignatureError(f"the model keeps no '{name}' (it keeps {', '.join(self._names)})", "signature")
        return self._names.index(name)


def _sizes_of(values: Sequence[Value], arrays: Mapping[str, ArrayLike]) -> dict[str, int]:
    """Sizes of named dims, from arrays given for some of the values."""
    sizes: dict[str, int] = {}
    for value in values:
        if value.name in arrays:
            for dim, size in zip(value.dims, np.shape(arrays[value.name])):
                if isinstance(dim, str):
                    sizes[dim] = size
    return sizes


def last_scores(module: Module, result: Any) -> np.ndarray:
    """Scores [batch, vocabulary] of the last token, in f64, among a decoder's outputs: `logits`, or the only output."""
    names = [value.name for value in module.outputs]
    index = names.index("logits") if "logits" in names else 0
    value = module.outputs[index]
    if "logits" not in names and len(names) > 1 or len(value.dims) not in (2, 3):
        raise SignatureError(f"{module.name} has no output known to be scores; one named logits would (outputs: {', '.join(names)})",
                             "signature")  # fmt: skip
    scores = as_floats(result[index], value.type)
    return scores[:, -1] if scores.ndim == 3 else scores
