#!/usr/bin/env python3
"""Writes the reference pages of the C interface and of the Python package from their sources: generate-reference.py c|python."""

import ast
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
HEADER = ROOT / "runtime/include/transom/transom.h"
PACKAGE = ROOT / "python/transom"

# ---- C ----

COMMENT = re.compile(r"/\*(.*?)\*/", re.DOTALL)


def unframed(comment):
    return re.sub(r"^ {0,3}", "", COMMENT.fullmatch(comment)[1].strip(), flags=re.MULTILINE)


def prose(text):
    """Paragraphs of a comment; what is indented in it is code."""
    paragraphs = re.sub(r"[ \t]+$", "", text.strip(), flags=re.MULTILINE).split("\n\n")
    code = [re.sub(r"^    ", "", paragraph, flags=re.MULTILINE) for paragraph in paragraphs]
    return "\n\n".join(
        f"```c\n{inner}\n```" if paragraph.startswith("    ") else escaped(paragraph) for paragraph, inner in zip(paragraphs, code)
    )


def escaped(text):
    """What reads as code is code: names with underscores, angle brackets."""
    text = re.sub(r"(?<![\w`])((?:info->)?[a-zA-Z]\w*_\w+(?:\*|\(\))?|Transom\w+(?:\.\w+)?|[A-Z]+_\w+)(?![\w`])", r"`\1`", text)
    return text.replace("<", "&lt;")


def declarations(text):
    """(comment, declaration) of a header, in order; functions without their bodies."""
    at, comment = 0, ""
    while at < len(text):
        found = re.compile(r"\s*(/\*|#|extern \"C\" \{|\})|\s*(?=\S)").match(text, at)
        if not found:
            return
        at = found.end()
        if found[1] == "/*":
            end = text.index("*/", at) + 2
            beside = "\n" not in text[found.start() : at]
            comment, at = text[at - 2 : end], end
            if beside:
                comment = ""
                continue
            # After an empty line it is a section's, not a declaration's.
            if text[at : at + 2] == "\n\n" or comment.startswith("/* ----"):
                yield comment, ""
                comment = ""
        elif found[1] == "#":
            end = text.index("\n", at)
            if re.match(r"define TRANSOM_(?!TRANSOM_H)\w+ \d", text[at:end]):
                yield comment, text[at - 1 : end]
            comment, at = "", end
        elif found[1]:
            comment = ""
        else:
            end = _end(text, at)
            declaration = text[at:end]
            if declaration.startswith("static inline "):
                declaration = re.sub(r"\s+", " ", declaration[len("static inline ") : declaration.index("{")]).strip() + ";"
            yield comment, declaration
            comment, at = "", end


def _end(text, at):
    """After the declaration that begins there."""
    depth = 0
    for token in re.compile(r'/\*.*?\*/|"(?:[^"\\]|\\.)*"|\'\\?.\'|[{};]', re.DOTALL).finditer(text, at):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if depth == 0 and (token[0] == ";" or token[0] == "}" and text.startswith("static", at)):
            return token.end()
    raise ValueError(f"no end of what begins with {text[at : at + 60]!r}")


def title(declaration):
    for form in (r"#define (\w+)", r"typedef (?:struct|enum) (\w+)", r"typedef \w+ \(\*(\w+)\)", r"struct (\w+)", r".*?(\w+)\("):
        if found := re.match(form, declaration, re.DOTALL):
            return found[1]
    return re.search(r"TRANSOM_\w+", declaration)[0]


def c_page():
    text = HEADER.read_text()
    head, rest = text[: text.index("#ifndef")], text[text.index("extern \"C\" {") :]
    about = re.sub(r"^ \* ?", "", head[head.index("\n") : head.index("\n\\*===")], flags=re.MULTILINE)
    out = ["# Reference: C", "<!-- Written by scripts/generate-docs.sh from runtime/include/transom/transom.h. -->"]
    out.append(prose(about))
    out.append("[The interface of a compiled model](RuntimeABI.md) explains how these go together.")
    out.append("## Models, contexts and runs")
    for comment, declaration in declarations(rest):
        if not declaration:
            heading = re.match(r"/\* -+ (.*?) -+\s*", comment)
            if heading:
                out.append(f"## {heading[1]}")
                comment = "/* " + comment[heading.end() :]
            if comment.strip("/* \n"):
                out.append(prose(unframed(comment)))
        elif re.match(r"typedef struct (\w+) \1;|struct \w+;", declaration):
            continue
        else:
            out += [f"### {title(declaration)}", f"```c\n{declaration}\n```"]
            if comment:
                out.append(prose(unframed(comment)))
    return "\n\n".join(out) + "\n"


# ---- Python ----


def signature(node):
    """A function's parameters and result as written."""
    arguments = ast.unparse(node.args)
    arguments = re.sub(r"^(self|cls)(, |$)", "", arguments)
    return f"({arguments})" + (f" -> {ast.unparse(node.returns)}" if node.returns else "")


def documented(node):
    return (ast.get_docstring(node) or "").replace("<", "&lt;")


def is_property(node):
    return any(isinstance(decorator, ast.Name) and decorator.id == "property" for decorator in node.decorator_list)


def fields(node):
    """Annotated names of a class, with the #: comments of their lines."""
    lines = (PACKAGE / node.module).read_text().splitlines()
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and not item.target.id.startswith("_"):
            said = re.search(r"#: (.*)", lines[item.lineno - 1])
            yield f"- `{item.target.id}: {ast.unparse(item.annotation)}`" + (f": {said[1]}" if said else "")


def class_page(node):
    out = [f"## {node.name}"]
    bases = [ast.unparse(base) for base in node.bases]
    made = next((item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "__init__"), None)
    is_data = any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)
    out.append(f"```python\nclass {node.name}" + (f"({', '.join(bases)})" if bases else "") + "\n" + (f"{node.name}{signature(made)}\n" if made and not is_data else "") + "```")
    out += [text for text in (documented(node), documented(made) if made else "") if text]
    if listed := list(fields(node)):
        out.append("\n".join(listed))
    for item in node.body:
        if not isinstance(item, ast.FunctionDef) or item.name.startswith("_") and item.name != "__call__":
            continue
        out.append(f"### {node.name}.{item.name}")
        out.append(f"```python\n{item.name}" + (f": {ast.unparse(item.returns)}" if is_property(item) else signature(item)) + "\n```")
        if documented(item):
            out.append(documented(item))
    return out


def python_page():
    top = ast.parse((PACKAGE / "__init__.py").read_text())
    names, modules = [], {}
    for node in top.body:
        if isinstance(node, ast.ImportFrom):
            modules |= {alias.name: f"{node.module}.py" for alias in node.names}
        elif isinstance(node, ast.Assign) and node.targets[0].id == "__all__":
            names = ast.literal_eval(node.value)
    out = ["# Reference: Python", "<!-- Written by scripts/generate-docs.sh from python/transom/. -->"]
    out.append("What the package `transom` exports; [Python](python.md) shows it in use. The package is typed (PEP 561).")
    for name in names:
        tree = ast.parse((PACKAGE / modules[name]).read_text())
        node = next(item for item in tree.body if getattr(item, "name", None) == name)
        node.module = modules[name]
        if isinstance(node, ast.ClassDef):
            out += class_page(node)
        else:
            out += [f"## {name}", f"```python\ntransom.{name}{signature(node)}\n```"]
            if documented(node):
                out.append(documented(node))
    return "\n\n".join(out) + "\n"


if __name__ == "__main__":
    print({"c": c_page, "python": python_page}[sys.argv[1]](), end="")
