"""`python -m transom` and the script `transom` of the package are the program itself."""

from __future__ import annotations

import os
import sys

from .compiler import environment, executable


def main() -> None:
    program = executable()
    os.execve(program, ["transom", *sys.argv[1:]], environment())


if __name__ == "__main__":
    main()
