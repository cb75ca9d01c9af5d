"""Words that several pages share: the sentence that names a fact's sources."""

from __future__ import annotations

from datetime import date

from components.words import cite
from dailies.origin import Citation, Origin, Source
from dailies.vocabulary import SourceKind

PAGE = Source("page", "Create *Video*", "A gateway", SourceKind.GATEWAY, "https://a.example/video", date(2026, 1, 1))
GUESS = Source("guess", "inferred", "", SourceKind.INFERRED, "", None)


def test_one_source_is_linked_by_its_title() -> None:
    origin = Origin((Citation(PAGE, "metadata.seed"),), date(2026, 1, 2))
    said = r"Source: [Create \*Video\*](https://a.example/video), A gateway: metadata\.seed. Checked 2026-01-02."
    assert cite(origin) == said


def test_what_is_inferred_says_what_and_has_no_link() -> None:
    origin = Origin((Citation(PAGE), Citation(GUESS, "the order")), date(2026, 1, 2))
    said = r"Sources: [Create \*Video\*](https://a.example/video), A gateway; inferred: the order. Checked 2026-01-02."
    assert cite(origin) == said


def test_plain_text_has_the_words_as_they_are() -> None:
    origin = Origin((Citation(PAGE, "metadata.seed"), Citation(GUESS, "the order")), date(2026, 1, 2))
    said = "Sources: Create *Video*, A gateway: metadata.seed; inferred: the order. Checked 2026-01-02."
    assert cite(origin, links=False) == said
