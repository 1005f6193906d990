"""Sets a report on a page: one file, nothing loaded from elsewhere, no scripts."""

from __future__ import annotations

from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from xview.report.content import Report


def render(report: Report) -> str:
    """The report as HTML; every text in it is escaped, whoever wrote it."""
    environment = Environment(
        loader=FunctionLoader(_resource),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("report.html.jinja")
    return template.render(report=report, style=Markup(_resource("report.css")))


def _resource(name: str) -> str:
    return files("xview.report").joinpath("templates", name).read_text(encoding="utf-8")
