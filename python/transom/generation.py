"""The loop behind Session.generate: prompts to tokens, tokens to pieces of text, what ends a text."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ._errors import Error, SignatureError
from .sampling import Sampling

if TYPE_CHECKING:
    from .session import Session

__all__ = ["Ends", "Form", "Prompt", "Steps", "Stream", "as_tokenizer", "joined"]

#: What a decoder of bytes gives for a character that is not complete yet.
_INCOMPLETE = "\ufffd"


def as_tokenizer(tokenizer: Any) -> Any:
    """The tokenizer itself, or the one of a tokenizer.json by the package tokenizers; None stays None."""
    if not isinstance(tokenizer, (str, os.PathLike)):
        return tokenizer
    try:
        from tokenizers import Tokenizer  # type: ignore[import-not-found,unused-ignore]
    except ImportError as error:
        raise Error("a tokenizer.json is read by the package tokenizers: pip install tokenizers") from error
    try:
        return Tokenizer.from_file(os.fspath(tokenizer))
    except Exception as error:  # the package raises nothing narrower
        raise Error(f"cannot read the tokenizer '{os.fspath(tokenizer)}': {error}") from error


@dataclasses.dataclass(frozen=True)
class Form:
    """What is given and given out: one text or a list of them, as tokens or as text."""

    rows: int
    one: bool
    text: bool


@dataclasses.dataclass(frozen=True)
class Prompt:
    """Tokens [batch, length] with shorter rows padded on the left, and the form in which they were given."""

    tokens: np.ndarray
    mask: np.ndarray  #: bool, False where padded
    form: Form

    @property
    def ragged(self) -> bool:
        return not bool(self.mask.all())

    @staticmethod
    def of(prompt: Any, tokenizer: Any, batch: int | None) -> Prompt:
        """batch: texts that the session is for. A prompt of None has no tokens, and the session's form."""
        if prompt is None:
            none = np.zeros((batch or 1, 0), np.int64)
            return Prompt(none, none.astype(bool), Form(len(none), len(none) == 1, False))
        first = prompt[0] if len(prompt) and not isinstance(prompt, str) else 0
        one = isinstance(prompt, str) or np.ndim(first) == 0 and not isinstance(first, str)
        rows = [prompt] if one else list(prompt)
        text = any(isinstance(row, str) for row in rows)
        if text and tokenizer is None:
            raise SignatureError("the prompt is a text, and there is no tokenizer; give one, or tokens", "signature")
        tokens = [_tokens(row, tokenizer) for row in rows]
        if batch is not None and batch != len(tokens):
            raise SignatureError(
                f"the prompt has {len(tokens)} texts where the session's caches are for {batch}; "
                "session() takes the batch's dim by name", "signature"
            )  # fmt: skip
        length = max(len(row) for row in tokens)
        padded, mask = np.zeros((len(tokens), length), np.int64), np.zeros((len(tokens), length), bool)
        for i, row in enumerate(tokens):
            padded[i, length - len(row) :], mask[i, length - len(row) :] = row, True
        return Prompt(padded, mask, Form(len(tokens), one, text))


def _tokens(row: Any, tokenizer: Any) -> np.ndarray:
    if isinstance(row, str):
        encoded = tokenizer.encode(row)
        row = getattr(encoded, "ids", encoded)
    tokens = np.asarray(row)
    if tokens.ndim != 1 or not tokens.size:
        raise SignatureError("each text of a prompt is a row of at least one token", "signature")
    if tokens.dtype.kind not in "iu":
        raise SignatureError(f"tokens are whole numbers, not {tokens.dtype}", "signature")
    return tokens.astype(np.int64)


@dataclasses.dataclass(frozen=True)
class Ends:
    """What ends a text: tokens, and texts."""

    tokens: frozenset[int]
    texts: tuple[str, ...]

    @staticmethod
    def of(eos: int | Sequence[int] | None, stop: Iterable[int | str], tokenizer: Any) -> Ends:
        tokens = set([] if eos is None else [eos] if isinstance(eos, int) else eos)
        texts = []
        for end in [stop] if isinstance(stop, (int, str)) else stop:
            if not isinstance(end, str):
                tokens.add(int(end))
            elif tokenizer is None:
                raise SignatureError(f"the text {end!r} ends nothing where tokens are generated; give texts, or tokens", "signature")
            elif end:
                texts.append(end)
        return Ends(frozenset(tokens), tuple(texts))


class Steps:
    """The tokens of all texts, step by step: lists with one for each text, None where it has ended."""

    def __init__(self, session: Session, prompt: Prompt, how: Sampling, ends: Ends, count: int) -> None:
        self._session, self._prompt, self._ends, self._left = session, prompt, ends, count
        self._sampler = how.sampler(len(prompt.tokens))
        self._alive = np.ones(len(prompt.tokens), bool)
        self._next: tuple[np.ndarray, np.ndarray] | None = None

    def end(self, row: int) -> None:
        """No more of this text; its last token stays what the caches do not have."""
        self._alive[row] = False

    def __iter__(self) -> Steps:
        return self

    def __next__(self) -> list[int | None]:
        if self._left <= 0 or not self._alive.any():
            if self._next is None and self._prompt.tokens.shape[1]:
                # Nothing is asked for but that the prompt is run.
                self._session._scores = self._scores()
                self._prompt = dataclasses.replace(self._prompt, tokens=self._prompt.tokens[:, :0], mask=self._prompt.mask[:, :0])
            raise StopIteration
        tokens = self._sampler.choose(self._scores())
        self._left -= 1
        self._alive &= ~np.isin(tokens, list(self._ends.tokens))
        if not self._alive.any():
            raise StopIteration
        # What has ended is fed on, unseen.
        self._next = (np.where(self._alive, tokens, 0)[:, None], self._alive[:, None].copy())
        self._session._pending = self._next
        return [int(token) if alive else None for token, alive in zip(tokens, self._alive)]

    def _scores(self) -> np.ndarray:
        session = self._session
        if self._next is None:
            parts = [(self._prompt.tokens, self._prompt.mask)]
            if session._pending is not None:
                parts.insert(0, session._pending)
            tokens, mask = (np.concatenate(part, axis=1) for part in zip(*parts))
            if tokens.shape[1]:
                return session._advance(tokens, mask)
            if session._scores is None:
                raise Error("there is nothing to go on from: no prompt, and no step whose scores are not used yet")
            scores, session._scores = session._scores, None
            return scores
        return session._advance(*self._next)


class TextPieces:
    """One text's tokens as they come, as pieces of text: whole characters, and nothing of what ends the text."""

    def __init__(self, tokenizer: Any, ends: tuple[str, ...]) -> None:
        self._tokenizer, self._ends = tokenizer, ends
        self._tokens: list[int] = []
        self._start = self._read = 0  # tokens whose text gives the context, and those that have been read
        self._held = ""
        self.ended = False

    def add(self, token: int) -> str:
        """What can be said now; `ended` is set where one of the texts that end it has come."""
        self._tokens.append(token)
        before = self._decode(self._tokens[self._start : self._read])
        after = self._decode(self._tokens[self._start :])
        if len(after) <= len(before) or after.endswith(_INCOMPLETE):
            return ""
        self._start, self._read = self._read, len(self._tokens)
        return self._say(after[len(before) :])

    def _say(self, piece: str) -> str:
        self._held += piece
        found = [at for at in (self._held.find(end) for end in self._ends) if at >= 0]
        if found:
            said, self._held, self.ended = self._held[: min(found)], "", True
            return said
        # What may be the beginning of an end waits.
        keep = max((n for end in self._ends for n in range(1, len(end)) if self._held.endswith(end[:n])), default=0)
        said, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return said

    def rest(self) -> str:
        """What was held back when no more tokens come, characters that stay incomplete too."""
        if self.ended:
            return ""
        before = self._decode(self._tokens[self._start : self._read])
        text = self._held + self._decode(self._tokens[self._start :])[len(before) :]
        self._held, self._start, self._read = "", len(self._tokens), len(self._tokens)
        return text

    def _decode(self, tokens: list[int]) -> str:
        return str(self._tokenizer.decode(tokens, skip_special_tokens=True)) if tokens else ""


class Stream:
    """What `Session.stream` returns: tokens or pieces of text in the prompt's form."""

    def __init__(self, steps: Steps, form: Form, ends: Ends, tokenizer: Any) -> None:
        self._steps, self.form = steps, form
        self._pieces = [TextPieces(tokenizer, ends.texts) for _ in range(form.rows)] if form.text else []
        self._done = False

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> Any:
        while not self._done:
            made: list[Any] | None = next(self._steps, None)
            self._done = made is None
            if self.form.text:
                made = [self._piece(row, token) for row, token in enumerate(made or [None] * self.form.rows)]
                if not any(made):
                    continue
            if made is not None:
                return made[0] if self.form.one else made
        raise StopIteration

    def _piece(self, row: int, token: int | None) -> str:
        pieces = self._pieces[row]
        if token is None:
            return pieces.rest()
        said = pieces.add(token)
        if pieces.ended:
            self._steps.end(row)
        return said


def joined(stream: Stream) -> Any:
    """All that a stream gives, in the prompt's form: tokens or a text, or a list of those."""
    form = stream.form
    rows: list[list[Any]] = [[] for _ in range(form.rows)]
    for made in stream:
        for row, piece in zip(rows, [made] if form.one else made):
            if piece is not None:
                row.append(piece)
    whole = ["".join(row) for row in rows] if form.text else rows
    return whole[0] if form.one else whole
