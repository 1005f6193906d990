"""The sources of a fusion: how they are written, and a ranker that ranks in another shared space."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from xview.errors import QueryError, SettingError
from xview.retrieval.base import Explanation, Query, Ranker, Ranking

_PLUS = r'\+(?=(?:[^"]*"[^"]*")*[^"]*$)(?![^(]*\))'  # neither in quotes nor in parentheses


@dataclass(frozen=True, slots=True)
class Source:
    """A ranker to fuse: its name, another shared space or none, and its settings as written."""

    ranker: str
    space: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """As `parse_sources` reads it: `knn@"run 1"`, `heterogeneous(lambda=0.3, k=50)`."""
        settings = ", ".join(f"{key}={value}" for key, value in self.settings.items())
        return self.ranker + f'@"{self.space}"' * bool(self.space) + f"({settings})" * bool(settings)


def parse_sources(text: str) -> dict[str, Source]:
    """`knn@"run 1" + heterogeneous(lambda=0.3, k=50)`, by source as written.

    Raises:
        SettingError: The text does not read like that, or names a source twice.
    """
    found: dict[str, Source] = {}
    for written in (part.strip() for part in re.split(_PLUS, text)):
        match = re.fullmatch(r'(\w+)\s*(?:@\s*"([^"]+)")?\s*(?:\(([^()]*)\))?', written)
        pairs = [pair.partition("=") for pair in (match[3] or "").split(",") if pair.strip()] if match else []
        if match is None or not all(equals for _, equals, _ in pairs):
            raise SettingError(
                f"fusion: cannot read source {written!r}; write sources like "
                """'knn@"another space" + heterogeneous(lambda=0.3, k=50)'"""
            )
        if written in found:
            raise SettingError(f"fusion: source {written!r} is named twice")
        settings = {key.strip(): value.strip() for key, _, value in pairs}
        found[written] = Source(match[1], match[2] or "", settings)
    return found


def write_sources(sources: Iterable[Source]) -> str:
    """What `parse_sources` reads back.

    Raises:
        SettingError: A source is there twice, or cannot be written (a quotation mark in a space's name).
    """
    sources = list(sources)
    text = " + ".join(map(str, sources))
    if list(parse_sources(text).values()) != sources:
        raise SettingError(f"fusion: these sources cannot be written down: {text}")
    return text


class Elsewhere:
    """A ranker of another shared space than the one queries from outside are placed in."""

    def __init__(self, ranker: Ranker, space: str) -> None:
        self._ranker, self._space = ranker, space
        self.prepare, self.score_blocks = ranker.prepare, ranker.score_blocks
        self.score_matrix = ranker.score_matrix

    def rank(self, query: Query) -> Ranking:
        """As the ranker does.

        Raises:
            QueryError: The query is no item of the data and has no feature in this space.
        """
        return self._ranker.rank(self._placed(query))

    def explain(self, query: Query, position: int) -> Explanation:
        """As the ranker does; errors as in `rank`."""
        return self._ranker.explain(self._placed(query), position)

    def _placed(self, query: Query) -> Query:
        if not query.outside:
            return query
        if self._space not in query.elsewhere:
            raise QueryError(
                f"fusion: a query from outside has no place in {self._space!r}; "
                "ask with an item, or fuse rankers of one space"
            )
        return replace(query.elsewhere[self._space], marked=query.marked, amounts=query.amounts)
