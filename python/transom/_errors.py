"""What goes wrong, as exceptions. All of them are transom.Error."""

from __future__ import annotations

__all__ = ["Cancelled", "CompileError", "DataError", "Error", "SignatureError"]


class Error(RuntimeError):
    """A call failed. `status` is the runtime's name for the reason ("signature", "memory", ...), or "" for commands."""

    status: str

    def __init__(self, message: str, status: str = "") -> None:
        super().__init__(message)
        self.status = status


class SignatureError(Error, ValueError):
    """An argument's type, rank or dims do not fit the model."""


class DataError(Error, ValueError):
    """The model refuses values of its inputs: an index outside a table, say."""


class Cancelled(Error):
    """The run was cancelled from another thread."""


class CompileError(Error):
    """The compiler refused the model. `problems` lists every (severity, message)."""

    problems: list[tuple[str, str]]

    def __init__(self, message: str, problems: list[tuple[str, str]] | None = None) -> None:
        super().__init__(message)
        self.problems = problems or []


_CLASSES: dict[str, type[Error]] = {"signature": SignatureError, "data": DataError, "cancelled": Cancelled}


def from_status(status: str, message: str) -> Error:
    """The exception for a status of the C interface; the extension calls it."""
    return _CLASSES.get(status, Error)(message, status)
