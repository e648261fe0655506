"""What mkdocs needs beyond docs/: pages that lie elsewhere in the tree, and links to source files, which become pages of their text.

A link to what is not there stays as it is, so that `mkdocs build --strict` refuses it.
"""

import pathlib
import posixpath
import re

from mkdocs.structure.files import File

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGES = {"benchmarks.md": "benchmarks/README.md", "contributing.md": "CONTRIBUTING.md", "changes.md": "CHANGELOG.md"}
PAGES |= {f"examples/{readme.parent.name}.md": f"examples/{readme.parent.name}/README.md" for readme in ROOT.glob("examples/*/README.md")}
URIS = {source: uri for uri, source in PAGES.items()}
SOURCES = "source/"
LANGUAGES = {".py": "python", ".cpp": "cpp", ".h": "cpp", ".c": "c", ".td": "tablegen", ".sh": "bash", ".json": "json", ".yml": "yaml", ".rs": "rust"}

CODE = re.compile(r"^( *)(```|~~~).*?^\1\2|`[^`\n]+`", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s#:]+)(#[^)\s]*)?\)")


def origin(uri):
    """Where a page of the site lies in the tree."""
    return PAGES.get(uri, f"docs/{uri}")


def page_of(target):
    """The page that shows a file of the tree; None where there is no such file."""
    path = ROOT / target
    if target in URIS or f"{target}/README.md" in URIS:
        return URIS.get(target) or URIS[f"{target}/README.md"]
    if target.startswith("docs/"):
        return target[len("docs/") :] if path.is_file() else None
    return f"{SOURCES}{target}.md" if path.exists() and not target.startswith("..") else None


def rewritten(uri, text, note):
    """The page's text with links to pages of the site; `note` is told of each of them."""

    def replace(match):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(origin(uri)), match[1]))
        page = page_of(target)
        if page is None:
            return match[0]
        note(page)
        return f"]({posixpath.relpath(page, posixpath.dirname(uri) or '.')}{match[2] or ''})"

    result, at = [], 0
    for code in CODE.finditer(text):
        result += [LINK.sub(replace, text[at : code.start()]), code[0]]
        at = code.end()
    return "".join([*result, LINK.sub(replace, text[at:])])


def shown(target):
    """A page with a file's text, or a folder's list."""
    path = ROOT / target
    head = f"---\nsearch:\n  exclude: true\n---\n# {target}\n\n"
    if path.is_dir():
        return head + "\n".join(f"- `{entry.name}`" for entry in sorted(path.iterdir())) + "\n"
    text = path.read_text()
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{head}{fence}{LANGUAGES.get(path.suffix, 'text')}\n{text.rstrip()}\n{fence}\n"


def on_files(files, config):
    for uri, source in PAGES.items():
        files.append(File.generated(config, uri, content=(ROOT / source).read_text()))
    linked = set()
    for file in list(files.documentation_pages()):
        rewritten(file.src_uri, file.content_string, linked.add)
    for uri in sorted(page for page in linked if page.startswith(SOURCES)):
        files.append(File.generated(config, uri, content=shown(uri[len(SOURCES) : -len(".md")])))
    return files


def on_page_markdown(markdown, page, config, files):
    if page.file.src_uri.startswith(SOURCES):
        return markdown
    return rewritten(page.file.src_uri, markdown, lambda _: None)
