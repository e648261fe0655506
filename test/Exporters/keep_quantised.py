#!/usr/bin/env python3
"""Takes quantised cases that make_models.py exported into quantised.zip, which test_quantised.py runs.

    python keep_quantised.py FOLDER NAME...

Integers and their scales belong together, so the weights are kept, unlike those of keep_models.py.
"""

import argparse
import pathlib
import zipfile

HERE = pathlib.Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("names", nargs="+")
    options = parser.parse_args()
    with zipfile.ZipFile(HERE / "quantised.zip", "w") as archive:
        for name in sorted(options.names):
            for path in sorted((options.folder / name).rglob("*")):
                if path.is_file():
                    # Of no time, so that the same cases make the same file.
                    entry = zipfile.ZipInfo(str(path.relative_to(options.folder)), (1980, 1, 1, 0, 0, 0))
                    archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)


if __name__ == "__main__":
    main()
