"""Writing a report as self-contained HTML, as Markdown with a folder of pictures, or as LaTeX."""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from engine.analysis.tables import latex_escaped, to_html, to_latex, to_markdown
from engine.errors import ConfigError, UserError
from engine.files import write_atomically
from engine.report.document import Report
from engine.report.words import word

_HERE = Path(__file__).parent / "templates"
_UNSAFE = re.compile(r"[^\w.-]+")

Pictures = dict[str, bytes]


def to_html_page(report: Report) -> str:
    """Render one self-contained HTML file with styles, plots and pictures."""
    return _template("report.html.j2").render(**_variables(report), svg=Markup,
                                              table=lambda each: Markup(to_html(each)))


def to_markdown_page(report: Report, folder: str = "pictures") -> tuple[str, Pictures]:
    """Render Markdown, and its pictures by their relative path inside ``folder``."""
    pictures: Pictures = {}
    text = _template("report.md.j2").render(**_variables(report), table=to_markdown,
                                            picture=partial(_add_picture, pictures, folder))
    return _normalise_blank_lines(text), pictures


def to_archive(report: Report) -> bytes:
    """Render the Markdown with its pictures as a ZIP file."""
    text, pictures = to_markdown_page(report)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"report.md": text.encode(), **pictures}.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def write_report(report: Report, path: Path, format: str) -> list[Path]:
    """Write the report and return its files, the report itself first.

    Args:
        format: a key of :data:`FORMATS`.

    Raises:
        UserError: the file cannot be written.
    """
    text, pictures = FORMATS[format].make(report, f"{path.stem}-pictures")
    files = {path: text.encode(), **{path.parent / name: content for name, content in pictures.items()}}
    try:
        for target, content in files.items():
            write_atomically(target, content)
    except OSError as error:
        raise UserError(f"report: cannot write {path}: {error.strerror}") from None
    return list(files)


def to_latex_page(report: Report) -> str:
    """Render verdicts and tables as a LaTeX document."""
    return _template("report.tex.j2").render(**_variables(report), table=to_latex, escaped=latex_escaped)


@dataclass(frozen=True)
class Format:
    """A format: its file extension, and a function from report and picture folder to text and pictures."""

    ending: str
    make: Callable[[Report, str], tuple[str, Pictures]]


FORMATS: dict[str, Format] = {
    "html": Format("html", lambda report, folder: (to_html_page(report), {})),
    "md": Format("md", to_markdown_page),
    "latex": Format("tex", lambda report, folder: (to_latex_page(report), {})),
}


def check_format(format: str) -> str:
    """Return the file extension of a format.

    Raises:
        ConfigError: there is no such format.
    """
    if format not in FORMATS:
        raise ConfigError("format", format, f"one of {', '.join(FORMATS)}")
    return FORMATS[format].ending


def _normalise_blank_lines(text: str) -> str:
    """Put one blank line around each heading of a Markdown text."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"\n*^(#+ .*)\n*", r"\n\n\1\n\n", text, flags=re.MULTILINE)).lstrip()


def _variables(report: Report) -> dict[str, Any]:
    return {"report": report, "word": lambda key: word(key, report.language), "language": report.language}


def _add_picture(pictures: Pictures, folder: str, title: str, content: str | bytes) -> str:
    """Add a picture under a unique name and return its path."""
    ending = "svg" if isinstance(content, str) else "png"
    path = f"{folder}/{len(pictures) + 1:02d}-{_UNSAFE.sub('-', title).strip('-')[:40]}.{ending}"
    pictures[path] = content.encode() if isinstance(content, str) else content
    return path


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(loader=FileSystemLoader(_HERE), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
                       autoescape=lambda name: bool(name and name.endswith(".html.j2")), keep_trailing_newline=True)
    made.filters["latex"] = latex_escaped
    made.filters["cell"] = lambda text: str(text).replace("|", "\\|").replace("\n", " ")
    return made


def _template(name: str) -> Template:
    return _environment().get_template(name)
