"""Loading small catalogs: what is refused, how levels are merged, which model is found."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from dailies.catalog.load import FOLDER, load
from dailies.cli import main
from dailies.domain import Cell, Slot
from dailies.errors import CatalogError
from dailies.origin import Citation, Origin, Source
from dailies.parameter import Placement
from dailies.vocabulary import Mode, SourceKind, Support

SOURCES = """
checked = 2026-03-03

[sources.pages]
title = "The pages"
publisher = "A gateway"
kind = "gateway"
address = "https://gateway.example/docs"
"""

PAGES = Source("pages", "The pages", "A gateway", SourceKind.GATEWAY, "https://gateway.example/docs", date(2026, 3, 3))

ROUTES = """
checked = 2026-01-01

[routes.videos]
create = "/v1/videos"
query = "/v1/videos/{task}"
content = "/v1/videos/{task}/content"
source = "pages"

[forms.plain]
body = "json"
source = "pages"

[forms.plain.parameters]
seconds = { to = "seconds", as = "text" }
resolution = { to = "metadata.resolution" }
seed = { to = "metadata.seed", as = "integer" }
prompt_strength = { to = "metadata.strength", as = "number" }

[[forms.plain.precedence]]
value = "Duration"
order = ["seconds", "metadata.seconds"]
source = "pages"

[forms.plain.modes.first_frame.slots]
first_frame = [{ as = "url", to = "image" }]

[forms.plain.modes.references]
send = { "metadata.kind" = "references" }
slots.references = [{ as = "url", to = "images[]" }]
"""

FILM = """
title = "Film"
icon = "movie"
order = 1
summary = "A family for tests."
checked = 2026-02-02
patterns = ["film-*"]
pattern_source = "pages: the list"

models = [
  { id = "film-1", source = "pages: row 1" },
  { id = "film-2", source = "pages: row 2", parameters.seconds.choices = [5] },
]

[entry]
id = "openai"
title = "OpenAI format"
route = "videos"
form = "plain"

[prompt]
max_chars = 100
source = "pages: row 3"

[audio]
support = "upstream"
note = "Depends on upstream"
source = "pages: row 4"

[modes.text]
support = "supported"
note = "Supported"
source = "pages: row 5"

[modes.first_frame]
support = "supported"
note = "Supported"
source = "pages: row 6"

[modes.references]
support = "partial"
note = "Partly"
source = "pages: row 7"
slots.references = { min = 1, max = 4, note = "Up to four." }

[[rules]]
when = { resolution = ["1080P"] }
then = { seconds = [5] }
note = "1080P goes with 5 s."
source = "pages: row 8"

[parameters.seconds]
choices = [5, 10]
default = 5
source = "pages: row 9"

[parameters.resolution]
choices = ["720P", "1080P"]
assumed = "720P"
source = "pages: row 10"

[media.image]
types = ["image/png"]
max_mb = 1.5
source = "pages: row 11"
"""


def folder_of(tmp_path: Path, **files: str) -> Path:
    """A catalog folder; `film`, `routes` and `sources` are there unless given. Names use `__` for a dot."""
    for name, text in {"sources": SOURCES, "routes": ROUTES, "film": FILM, **files}.items():
        (tmp_path / f"{name.replace('__', '.')}.toml").write_text(text, encoding="utf-8")
    return tmp_path


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
    return text.replace(old, new)


def cell_of(folder: Path, model: str, mode: Mode) -> Cell:
    cell = load(folder).families["film"].cell(model, mode)
    assert cell is not None
    return cell


# --- what is refused ---------------------------------------------------------------------------------------------

SECONDS = '[parameters.seconds]\nchoices = [5, 10]\ndefault = 5\nsource = "pages: row 9"'
FILM_1 = '{ id = "film-1", source = "pages: row 1" },'
REFERENCES = 'slots.references = { min = 1, max = 4, note = "Up to four." }'

# (what is wrong, file, the text to replace, its replacement, key of the error, words of the error)
WRONG_FILM = {
    "unknown key": ('icon = "movie"', 'icon = "movie"\ncolour = "red"', "colour", "Extra inputs"),
    "unknown key of a parameter": (SECONDS, f"{SECONDS}\nstep = 5", "parameters.seconds.step", "Extra inputs"),
    "unknown key of a model": (
        FILM_1,
        '{ id = "film-1", source = "pages: row 1", speed = 2 },',
        "models.0.speed",
        "Extra",
    ),
    "missing key": ('title = "Film"\n', "", "title", "Field required"),
    "wrong type": ("order = 1", 'order = "first"', "order", "integer"),
    "not TOML": ('title = "Film"', 'title = "Film', "", "is not valid TOML"),
    "unknown support": (
        'support = "partial"',
        'support = "perhaps"',
        "modes.references.support",
        "supported",
    ),
    "unknown mode": ("[modes.references]", "[modes.sideways]", "modes.sideways", "text"),
    "unknown route": ('route = "videos"', 'route = "films"', "entry.route", "films is not in routes.toml"),
    "unknown form": ('form = "plain"', 'form = "fancy"', "entry.form", "fancy is not in routes.toml"),
    "unknown parameter": ("[parameters.seconds]", "[parameters.second]", "parameters.second", "is not a parameter id"),
    "parameter without a place": (
        "[parameters.seconds]",
        '[parameters.size]\nchoices = ["a"]\nsource = "pages: row"\n[parameters.seconds]',
        "parameters.size",
        "form plain has no place for size",
    ),
    "unknown slot": (
        REFERENCES,
        f"{REFERENCES}\nslots.pictures = {{ min = 1 }}",
        "modes.references.slots.pictures",
        "has no place on the wire",
    ),
    "slot that the form does not have": (
        REFERENCES,
        f"{REFERENCES}\nslots.video = {{ min = 1 }}",
        "modes.references.slots.video",
        "has no place on the wire",
    ),
    "mode without a place for its media": (
        "[modes.references]",
        '[modes.avatar]\nsupport = "supported"\nnote = "n"\nsource = "pages"\n[modes.references]',
        "modes.avatar",
        "form plain has no place for its media",
    ),
    "maximum below minimum": ("min = 1, max = 4", "min = 5, max = 4", "modes.references.slots.references", "below"),
    "duplicate model": ('id = "film-2"', 'id = "film-1"', "models.film-1", "is named twice"),
    "offers an unknown mode": (
        FILM_1,
        '{ id = "film-1", source = "pages: row 1", offers = ["avatar"] },',
        "models.film-1.offers",
        "avatar is not a mode of this file",
    ),
    "a mode the model does not offer": (
        FILM_1,
        '{ id = "film-1", source = "pages", offers = ["text"], modes.references.note = "n" },',
        "models.film-1.modes.references",
        "is not offered by the model",
    ),
    "default outside choices": (
        SECONDS,
        SECONDS.replace("default = 5", "default = 7"),
        "parameters.seconds",
        "default 7",
    ),
    "assumed outside choices": (
        'assumed = "720P"',
        'assumed = "4K"',
        "parameters.resolution",
        "assumed '4K' is not among its own choices",
    ),
    "start outside choices": (
        'assumed = "720P"',
        'start = { value = "4K", note = "Sharp." }',
        "parameters.resolution.start",
        "'4K' is not among its own choices",
    ),
    "start that is what unset means": (
        'assumed = "720P"',
        'assumed = "720P"\nstart = { value = "720P", note = "Sharp." }',
        "parameters.resolution.start",
        "changes nothing: unset means '720P'",
    ),
    "start beside a default": (
        SECONDS,
        SECONDS.replace("default = 5", 'default = 5\nstart = { value = 10, note = "Long." }'),
        "parameters.seconds.start",
        "goes without a default",
    ),
    "start without its sentence": (
        'assumed = "720P"',
        'start = { value = "1080P" }',
        "parameters.resolution.start.note",
        "Field required",
    ),
    "start with a source that nobody knows": (
        'assumed = "720P"',
        'start = { value = "1080P", note = "Sharp.", source = "gossip" }',
        "parameters.resolution.start.source",
        "gossip is not an id",
    ),
    "narrowed so that the start falls out": (
        'assumed = "720P"',
        'start = { value = "1080P", note = "Sharp." }\nsource = "pages"\n'
        '[modes.text.parameters.resolution]\nchoices = ["720P"]',
        "modes.text.parameters.resolution.start",
        "'1080P' is not among its own choices",
    ),
    "default outside a range": (
        SECONDS,
        SECONDS.replace("choices = [5, 10]", "min = 6\nmax = 9"),
        "parameters.seconds",
        "default 5",
    ),
    "decimal end of a range of whole numbers": (
        SECONDS,
        SECONDS.replace("choices = [5, 10]", "min = 4.5\nmax = 9"),
        "parameters.seconds",
        "4.5 is a decimal, and the wire takes whole numbers",
    ),
    "end of a range that is no number": (
        SECONDS,
        SECONDS.replace("choices = [5, 10]", "min = true"),
        "parameters.seconds.min",
        "finite number",
    ),
    "endless end of a range": (
        SECONDS,
        SECONDS.replace("choices = [5, 10]", "max = inf"),
        "parameters.seconds.max",
        "finite number",
    ),
    "range upside down": (
        SECONDS,
        SECONDS.replace("choices = [5, 10]", "min = 9\nmax = 4"),
        "parameters.seconds",
        "max 4 is below min 9",
    ),
    "default of another type than the choices": (
        SECONDS,
        SECONDS.replace("choices = [5, 10]\ndefault = 5", "choices = [1, 10]\ndefault = true"),
        "parameters.seconds",
        "default True",
    ),
    "choices and a range": (
        SECONDS,
        SECONDS.replace("default = 5", "default = 5\nmin = 5"),
        "parameters.seconds",
        "mixes",
    ),
    "fixed and choices": (SECONDS, SECONDS.replace("default = 5", "fixed = 5"), "parameters.seconds", "mixes"),
    "narrowed so that the default falls out": (
        "parameters.seconds.choices = [5]",
        "parameters.seconds.choices = [10]",
        "models.film-2.parameters.seconds",
        "default 5",
    ),
    "override that changes nothing": (
        "parameters.seconds.choices = [5]",
        "parameters.seconds.choices = [5, 10]",
        "models.film-2.parameters.seconds",
        "changes nothing",
    ),
    "mode's override that changes nothing": (
        REFERENCES,
        f"{REFERENCES}\nparameters.seconds.default = 5",
        "modes.references.parameters.seconds",
        "changes nothing",
    ),
    "model's slot that changes nothing": (
        FILM_1,
        f'{{ id = "film-1", source = "pages", modes.references.{REFERENCES} }},',
        "models.film-1.modes.references",
        "changes nothing",
    ),
    "model's support that changes nothing": (
        FILM_1,
        '{ id = "film-1", source = "pages", modes.references.support = "partial" },',
        "models.film-1.modes.references",
        "changes nothing",
    ),
    "absent and more": (
        "parameters.seconds.choices = [5]",
        "parameters.seconds = { absent = true, default = 5 }",
        "models.1.parameters.seconds",
        "is absent and says more",
    ),
    "absent of nothing": (
        "parameters.seconds.choices = [5]",
        "parameters.seed.absent = true",
        "models.film-2.parameters.seed",
        "there is no such parameter to remove",
    ),
    "mode without source": (
        'note = "Partly"\nsource = "pages: row 7"',
        'note = "Partly"',
        "modes.references",
        "without a source",
    ),
    "model without source": (FILM_1, '{ id = "film-1" },', "models.film-1", "without a source"),
    "parameter without source": (
        SECONDS,
        SECONDS.replace('\nsource = "pages: row 9"', ""),
        "parameters.seconds",
        "without a source",
    ),
    "limits without source": (
        'max_mb = 1.5\nsource = "pages: row 11"',
        "max_mb = 1.5",
        "media.image",
        "without a source",
    ),
    "rule without source": (
        'goes with 5 s."\nsource = "pages: row 8"',
        'goes with 5 s."',
        "rules.0",
        "without a source",
    ),
    "sound without source": ('upstream"\nsource = "pages: row 4"', 'upstream"', "audio", "without a source"),
    "prompt's limit without source": (
        'max_chars = 100\nsource = "pages: row 3"',
        "max_chars = 100",
        "prompt",
        "without a source",
    ),
    "pattern without source": ('pattern_source = "pages: the list"\n', "", "pattern_source", "goes with patterns"),
    "source without pattern": ('patterns = ["film-*"]\n', "", "pattern_source", "goes with patterns"),
    "rule about nothing we know": (
        "when = { resolution",
        "when = { brightness",
        "rules.0",
        "brightness is not a parameter",
    ),
    "rule on a slot that asks for anything but media": (
        'when = { resolution = ["1080P"] }',
        'when = { references = ["1080P"] }',
        "rules.0",
        "references is not a parameter",
    ),
    "rule on the media of a parameter": (
        'when = { resolution = ["1080P"] }',
        'when = { resolution = ["filled"] }',
        "rules.0",
        "resolution is not a slot",
    ),
}


@pytest.mark.parametrize(("old", "new", "key", "words"), WRONG_FILM.values(), ids=WRONG_FILM)
def test_a_wrong_family_file_is_named_with_its_key(tmp_path: Path, old: str, new: str, key: str, words: str) -> None:
    folder = folder_of(tmp_path, film=changed(FILM, old, new))
    with pytest.raises(CatalogError) as caught:
        load(folder)
    assert (caught.value.file, caught.value.key) == ("film.toml", key)
    assert words in caught.value.what
    assert str(caught.value).startswith("film.toml: ")


WRONG_ROUTES = {
    "not TOML": ("[routes.videos]", "[routes.videos", "", "is not valid TOML"),
    "unknown key": ('create = "/v1/videos"', 'create = "/v1/videos"\ncancel = "/"', "routes.videos.cancel", "Extra"),
    "unknown way of writing": (
        'as = "text"',
        'as = "words"',
        "forms.plain.parameters.seconds.as",
        "words is unknown; known: plain, text, integer, number, json",
    ),
    "unknown reading": (
        'as = "text"',
        'read = "yaml"',
        "forms.plain.parameters.seconds.read",
        "yaml is unknown; known: json, shots",
    ),
    "unknown way of sending": (
        'as = "url", to = "image"',
        'as = "pigeon", to = "image"',
        "forms.plain.modes.first_frame.slots.first_frame.0.as",
        "file",
    ),
    "unknown body": ('body = "json"', 'body = "xml"', "forms.plain.body", "json"),
    "unknown slot": (
        "\nfirst_frame = [",
        "\nopening = [",
        "modes.first_frame.slots.opening",
        "is not a slot id",
    ),
    "unknown parameter": ("seconds = {", "secs = {", "forms.plain.parameters.secs", "is not a parameter id"),
    "whole body without a template of keys": (
        '{ to = "seconds", as = "text" }',
        '{ to = "", template = ["{}"] }',
        "forms.plain.parameters.seconds",
        "needs a template with keys",
    ),
    "precedence without source": (
        'metadata.seconds"]\nsource = "pages"',
        'metadata.seconds"]',
        "precedence",
        "without a source",
    ),
    "form without source": ('body = "json"\nsource = "pages"', 'body = "json"', "forms.plain", "without a source"),
    "route without source": (
        'content = "/v1/videos/{task}/content"\nsource = "pages"',
        'content = "/v1/videos/{task}/content"',
        "routes.videos",
        "without a source",
    ),
}


@pytest.mark.parametrize(("old", "new", "key", "words"), WRONG_ROUTES.values(), ids=WRONG_ROUTES)
def test_a_wrong_routes_file_is_named_with_its_key(tmp_path: Path, old: str, new: str, key: str, words: str) -> None:
    folder = folder_of(tmp_path, routes=changed(ROUTES, old, new))
    with pytest.raises(CatalogError) as caught:
        load(folder)
    assert (caught.value.file, caught.value.key) == ("routes.toml", key)
    assert words in caught.value.what


# (what is wrong, file, the text to replace, its replacement, file and key of the error, words of the error)
WRONG_SOURCES = {
    "unknown id": (
        "film",
        'source = "pages: row 9"',
        'source = "pages: row 9; notes: page 4"',
        "film.toml",
        "parameters.seconds.source",
        "notes is not an id of sources.toml",
    ),
    "unknown id of a model": (
        "film",
        'id = "film-1", source = "pages: row 1"',
        'id = "film-1", source = "notes"',
        "film.toml",
        "models.0.source",
        "notes is not an id of sources.toml",
    ),
    "unknown id of a pattern": (
        "film",
        'pattern_source = "pages: the list"',
        'pattern_source = "the list"',
        "film.toml",
        "pattern_source",
        "the list is not an id of sources.toml",
    ),
    "unknown id of a form": (
        "routes",
        'body = "json"\nsource = "pages"',
        'body = "json"\nsource = "notes"',
        "routes.toml",
        "forms.plain.source",
        "notes is not an id of sources.toml",
    ),
    "empty id": (
        "film",
        'source = "pages: row 9"',
        'source = "pages: row 9;"',
        "film.toml",
        "parameters.seconds.source",
        "an empty id is not an id",
    ),
    "id cited twice": (
        "film",
        'source = "pages: row 9"',
        'source = "pages: row 9; pages: row 10"',
        "film.toml",
        "parameters.seconds.source",
        "pages is cited twice",
    ),
    "nothing after the colon": (
        "film",
        'source = "pages: row 9"',
        'source = "pages:"',
        "film.toml",
        "parameters.seconds.source",
        "pages has nothing after its colon",
    ),
    "a list instead of text": (
        "film",
        'source = "pages: row 9"',
        'source = ["pages"]',
        "film.toml",
        "parameters.seconds.source",
        "must be ids of sources.toml",
    ),
    "a claim newer than its source": (
        "film",
        'source = "pages: row 9"',
        'source = "pages: row 9"\nchecked = 2026-03-04',
        "film.toml",
        "parameters.seconds",
        "was checked on 2026-03-04, but pages was last read on 2026-03-03",
    ),
    "unused source": (
        "sources",
        "[sources.pages]",
        '[sources.notes]\ntitle = "Notes"\nkind = "vendor"\naddress = "https://notes.example"\n\n[sources.pages]',
        "sources.toml",
        "sources.notes",
        "is cited nowhere",
    ),
    "unknown kind": ("sources", 'kind = "gateway"', 'kind = "hearsay"', "sources.toml", "sources.pages.kind", "Input"),
    "no title": (
        "sources",
        'title = "The pages"',
        'title = ""',
        "sources.toml",
        "sources.pages.title",
        "at least 1 character",
    ),
    "unknown key": (
        "sources",
        'kind = "gateway"',
        'kind = "gateway"\nauthor = "somebody"',
        "sources.toml",
        "sources.pages.author",
        "Extra inputs",
    ),
    "an address that is no page": (
        "sources",
        "https://gateway.example/docs",
        "javascript:alert(1)",
        "sources.toml",
        "sources.pages.address",
        "should match",
    ),
    "an address that ends a link": (
        "sources",
        "https://gateway.example/docs",
        "https://gateway.example/docs)[x](y",
        "sources.toml",
        "sources.pages.address",
        "should match",
    ),
    "no address": (
        "sources",
        'address = "https://gateway.example/docs"',
        "",
        "sources.toml",
        "sources.pages.address",
        "given for any other",
    ),
    "an address of what is inferred": (
        "sources",
        'kind = "gateway"',
        'kind = "inferred"',
        "sources.toml",
        "sources.pages.address",
        "must be empty",
    ),
    "an id with a space": (
        "sources",
        "[sources.pages]",
        '[sources."the pages"]',
        "sources.toml",
        "sources.the pages",
        "is not an id",
    ),
}


@pytest.mark.parametrize(("name", "old", "new", "file", "key", "words"), WRONG_SOURCES.values(), ids=WRONG_SOURCES)
def test_a_wrong_source_is_named_with_its_file_and_key(
    tmp_path: Path, name: str, old: str, new: str, file: str, key: str, words: str
) -> None:
    texts = {"film": FILM, "routes": ROUTES, "sources": SOURCES}
    folder = folder_of(tmp_path, **{name: changed(texts[name], old, new)})
    with pytest.raises(CatalogError) as caught:
        load(folder)
    assert (caught.value.file, caught.value.key) == (file, key)
    assert words in caught.value.what


def test_a_name_file_counts_as_a_reader_of_the_sources(tmp_path: Path) -> None:
    extra = '[sources.notes]\ntitle = "Notes"\nkind = "vendor"\naddress = "https://notes.example"\n'
    folder = folder_of(tmp_path, sources=f"{SOURCES}\n{extra}")
    (folder / "names").mkdir()
    text = 'checked = 2026-03-03\norder = ["family", "version", "scene"]\nsource = "notes"\n[parts]\n[families]\n'
    (folder / "names" / "billing.toml").write_text(text, encoding="utf-8")
    assert load(folder).families


def test_a_claim_carries_every_source_with_its_place_and_date(tmp_path: Path) -> None:
    extra = '[sources.guess]\ntitle = "inferred"\nkind = "inferred"\n'
    film = changed(FILM, 'source = "pages: row 9"', 'source = "guess: the rest ;pages"\nchecked = 2026-03-03')
    seconds = cell_of(folder_of(tmp_path, film=film, sources=f"{SOURCES}\n{extra}"), "film-1", Mode.TEXT).parameter(
        "seconds"
    )
    assert seconds is not None
    guess = Source("guess", "inferred", "", SourceKind.INFERRED, "", None)
    assert seconds.origin == Origin((Citation(guess, "the rest"), Citation(PAGES)), date(2026, 3, 3))


COLLISIONS = {
    "two parameters": ('to = "metadata.resolution"', 'to = "seconds"', "seconds and resolution collide at seconds"),
    "a parameter inside another": (
        'to = "metadata.resolution"',
        'to = "seconds.resolution"',
        "seconds and resolution collide",
    ),
    "a parameter and the model": (
        'to = "metadata.resolution"',
        'to = "model"',
        "model and resolution collide at model",
    ),
    "a parameter and the prompt": ('to = "metadata.resolution"', 'to = "prompt"', "prompt and resolution collide"),
    "a parameter and a constant": (
        '"metadata.kind" = "references"',
        '"metadata.resolution" = "4K"',
        "resolution and send collide",
    ),
    "a parameter and a slot": ('to = "images[]"', 'to = "seconds"', "seconds and references collide at seconds"),
    "a value and a list": ('to = "images[]"', 'to = "seconds[]"', "seconds and references collide at seconds"),
    "several pictures in a place for one": ('to = "images[]"', 'to = "images"', "references may hold several"),
}


@pytest.mark.parametrize(("old", "new", "words"), COLLISIONS.values(), ids=COLLISIONS)
def test_two_things_in_one_place_are_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    folder = folder_of(tmp_path, routes=changed(ROUTES, old, new))
    with pytest.raises(CatalogError) as caught:
        load(folder)
    assert caught.value.file == "film.toml"
    assert caught.value.key.startswith("film-1 ")
    assert words in caught.value.what


def test_a_model_named_by_two_families_is_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, other=changed(FILM, "order = 1", "order = 2"))
    with pytest.raises(CatalogError) as caught:
        load(folder)
    assert (caught.value.file, caught.value.key) == ("other.toml", "models.film-1")
    assert caught.value.what == "also named by film.toml"


def test_a_models_source_does_not_speak_for_the_familys_parameters(tmp_path: Path) -> None:
    text = changed(FILM, 'patterns = ["film-*"]\npattern_source = "pages: the list"\n', "")
    with pytest.raises(CatalogError) as caught:
        load(folder_of(tmp_path, film=changed(text, SECONDS, SECONDS.replace('\nsource = "pages: row 9"', ""))))
    assert (caught.value.file, caught.value.key) == ("film.toml", "parameters.seconds")


def test_a_models_own_parameter_stands_on_the_source_of_its_row(tmp_path: Path) -> None:
    text = changed(FILM, "parameters.seconds.choices = [5]", "parameters.seed = { min = 0, max = 9 }")
    seed = cell_of(folder_of(tmp_path, film=text), "film-2", Mode.TEXT).parameter("seed")
    assert seed is not None
    assert seed.origin == Origin((Citation(PAGES, "row 2"),), date(2026, 2, 2))


def test_an_entry_named_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogError) as caught:
        load(folder_of(tmp_path, film__again=ENTRY))
    assert (caught.value.file, caught.value.key) == ("film.again.toml", "entry.id")


def test_an_entry_file_without_its_family_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogError) as caught:
        load(folder_of(tmp_path, flim__unified=changed(ENTRY, 'id = "openai"', 'id = "unified"')))
    assert caught.value.file == "flim.unified.toml"
    assert "flim.toml" in caught.value.what


@pytest.mark.parametrize("name", ["routes.toml", "sources.toml"])
def test_a_folder_without_a_shared_file_is_refused_in_words(tmp_path: Path, name: str) -> None:
    folder = folder_of(tmp_path)
    (folder / name).unlink()
    with pytest.raises(CatalogError) as caught:
        load(folder)
    assert caught.value.file == name


def test_bytes_that_are_no_text_are_refused_in_words(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    (folder / "film.toml").write_bytes(b'title = "\xff\xfe"')
    with pytest.raises(CatalogError) as caught:
        load(folder)
    assert caught.value.file == "film.toml"


# --- how it merges -----------------------------------------------------------------------------------------------


def test_the_four_levels_are_merged_in_order(tmp_path: Path) -> None:
    """The family's parameter, the model's, the family's for the mode, the model's for the mode."""
    text = changed(FILM, REFERENCES, f"{REFERENCES}\nparameters.seconds = {{ default = 10, note = 'mode' }}")
    text = changed(
        text, FILM_1,
        '{ id = "film-1", source = "pages: row 1", parameters.seconds = { choices = [5, 10, 15], note = "model" },'
        ' modes.references.parameters.seconds.default = 15 },',
    )  # fmt: skip
    folder = folder_of(tmp_path, film=changed(text, "parameters.seconds.choices = [5]", 'note = "plain"'))
    found = {
        (model, mode.value): (seconds.choices, seconds.default, seconds.note)
        for model in ("film-1", "film-2")
        for mode in (Mode.TEXT, Mode.REFERENCES)
        if (seconds := cell_of(folder, model, mode).parameter("seconds"))
    }
    assert found == {
        ("film-1", "text"): ((5, 10, 15), 5, "model"),
        ("film-1", "references"): ((5, 10, 15), 15, "mode"),
        ("film-2", "text"): ((5, 10), 5, ""),
        ("film-2", "references"): ((5, 10), 10, "mode"),
    }


def test_a_fact_leaves_no_choice_and_what_is_absent_is_gone(tmp_path: Path) -> None:
    text = changed(
        FILM, "parameters.seconds.choices = [5]", "parameters.seconds.fixed = 8, parameters.resolution.absent = true"
    )
    cell = cell_of(folder_of(tmp_path, film=text), "film-2", Mode.TEXT)
    (seconds,) = cell.parameters
    assert (seconds.id, seconds.fixed, seconds.choices, seconds.default) == ("seconds", 8, (), None)
    assert cell.rules == ()  # the rule speaks of a parameter that is gone


def test_a_range_replaces_choices_and_keeps_the_end_it_does_not_name(tmp_path: Path) -> None:
    text = changed(FILM, SECONDS, SECONDS.replace("choices = [5, 10]", "min = 1\nmax = 10"))
    text = changed(text, "parameters.seconds.choices = [5]", "parameters.seconds.max = 16")
    seconds = cell_of(folder_of(tmp_path, film=text), "film-2", Mode.TEXT).parameter("seconds")
    assert seconds is not None
    assert (seconds.minimum, seconds.maximum, seconds.choices) == (1, 16, ())


def test_a_range_of_decimals_needs_a_place_that_takes_numbers(tmp_path: Path) -> None:
    more = '[parameters.prompt_strength]\nmin = 0\nmax = 0.75\nassumed = 0.5\nsource = "pages: row"\n[media.image]'
    cell = cell_of(folder_of(tmp_path, film=changed(FILM, "[media.image]", more)), "film-1", Mode.TEXT)
    strength = cell.parameter("prompt_strength")
    assert strength is not None
    assert (strength.minimum, strength.maximum, strength.takes) == (0, 0.75, "0 to 0.75")
    assert strength.accepts(0.3)


def test_a_cell_holds_everything_of_its_levels(tmp_path: Path) -> None:
    cell = cell_of(folder_of(tmp_path), "film-1", Mode.REFERENCES)
    assert (cell.family, cell.entry.id, cell.model.id, cell.mode) == ("film", "openai", "film-1", Mode.REFERENCES)
    assert (cell.support.support, cell.support.note) == (Support.PARTIAL, "Partly")
    assert cell.support.origin == Origin((Citation(PAGES, "row 7"),), date(2026, 2, 2))
    assert (cell.route.create, cell.route.sdk, cell.prompt_required, cell.prompt_max) == (
        "/v1/videos",
        False,
        True,
        100,
    )
    assert [(p.id, p.placement) for p in cell.parameters] == [
        ("seconds", Placement("seconds", "text")),
        ("resolution", Placement("metadata.resolution")),
    ]
    assert dict(cell.send) == {"metadata.kind": "references"}
    (slot,) = cell.slots
    assert isinstance(slot, Slot)
    assert (slot.id, slot.minimum, slot.maximum, slot.note) == ("references", 1, 4, "Up to four.")
    assert (slot.limits.types, slot.limits.max_bytes) == (("image/png",), 1_500_000)
    (rule,) = cell.rules
    assert (rule.when, rule.then) == ({"resolution": ("1080P",)}, {"seconds": (5,)})


def test_a_model_may_replace_a_slot_and_its_support(tmp_path: Path) -> None:
    patch = 'modes.references = { support = "upstream", slots.references = { max = 2 } }'
    row = f'{{ id = "film-1", source = "pages", {patch} }},'
    cell = cell_of(folder_of(tmp_path, film=changed(FILM, FILM_1, row)), "film-1", Mode.REFERENCES)
    assert (cell.support.support, cell.support.note) == (Support.UPSTREAM, "Partly")
    assert (cell.slots[0].minimum, cell.slots[0].maximum) == (1, 2)


NOTES = '[sources.notes]\ntitle = "Notes"\nkind = "vendor"\naddress = "https://notes.example"\n'


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ('modes.references = { support = "upstream", source = "notes: p. 2" }', "support"),
        ('parameters.resolution = { choices = ["1080P"], assumed = "1080P", source = "notes: p. 2" }', "parameter"),
    ],
)
def test_an_override_may_cite_a_source_of_its_own(tmp_path: Path, row: str, place: str) -> None:
    film = changed(FILM, FILM_1, f'{{ id = "film-1", source = "pages", {row} }},')
    cell = cell_of(folder_of(tmp_path, film=film, sources=f"{SOURCES}\n{NOTES}"), "film-1", Mode.REFERENCES)
    resolution = cell.parameter("resolution")
    assert resolution is not None
    cited = {"support": cell.support.origin, "parameter": resolution.origin}
    others = {"support": "row 7", "parameter": "row 10"}
    for name, origin in cited.items():
        (citation,) = origin.citations
        assert (citation.source.id, citation.where) == (("notes", "p. 2") if name == place else ("pages", others[name]))


ENTRY = """
checked = 2026-03-03
models = [{ id = "film-1", source = "pages: row 1" }]

[entry]
id = "openai"
title = "Unified"
route = "videos"
form = "plain"

[modes.text]
support = "upstream"
note = "Another way"
source = "pages: row 12"
"""


def test_a_further_entry_has_cells_of_its_own(tmp_path: Path) -> None:
    catalog = load(folder_of(tmp_path, film__unified=changed(ENTRY, 'id = "openai"', 'id = "unified"')))
    family = catalog.families["film"]
    assert [entry.id for entry in family.entries] == ["openai", "unified"]
    assert family.modes("film-1", "unified") == (Mode.TEXT,)
    assert len(family.modes("film-1")) == 3
    cell = family.cell("film-1", Mode.TEXT, "unified")
    assert cell is not None
    assert (cell.support.note, cell.parameters) == ("Another way", ())
    typed = catalog.find("film-2", "unified")
    assert typed is not None
    assert typed[1].status == "typed"  # this entry has no row of it
    of_typed = family.cell("film-2", Mode.TEXT, "unified")
    assert of_typed is not None and of_typed.model == typed[1]


# --- whom it finds -----------------------------------------------------------------------------------------------


def test_a_typed_model_gets_the_familys_cells(tmp_path: Path) -> None:
    catalog = load(folder_of(tmp_path))
    found = catalog.find("film-9-new")
    assert found is not None
    family, model = found
    assert (family.id, model.id, model.status) == ("film", "film-9-new", "typed")
    assert model.origin.citations == (Citation(PAGES, "the list"),)
    typed, named = family.cell("film-9-new", Mode.REFERENCES), family.cell("film-1", Mode.REFERENCES)
    assert typed is not None and named is not None
    assert typed.model == model
    assert (typed.parameters, typed.slots) == (named.parameters, named.slots)
    assert "" not in {cell.model.id for cell in catalog.cells()}


def test_a_pattern_needs_a_name_of_its_own_in_its_own_case(tmp_path: Path) -> None:
    catalog = load(folder_of(tmp_path))
    assert [catalog.find(name) for name in ("film-", "Film-1", "a-film-1", "")] == [None] * 4


def test_a_named_row_comes_before_another_familys_pattern(tmp_path: Path) -> None:
    other = changed(changed(FILM, "order = 1", "order = 2"), 'patterns = ["film-*"]', 'patterns = ["other-*"]')
    other = changed(changed(other, 'id = "film-1"', 'id = "film-pro"'), 'id = "film-2"', 'id = "film-max"')
    catalog = load(folder_of(tmp_path, other=other))
    found = {name: catalog.find(name) for name in ("film-pro", "film-ultra", "other-1")}
    assert {name: (hit[0].id, hit[1].status) if hit else None for name, hit in found.items()} == {
        "film-pro": ("other", "current"),
        "film-ultra": ("film", "typed"),
        "other-1": ("other", "typed"),
    }


def test_a_named_model_is_not_typed_for_a_mode_it_does_not_offer(tmp_path: Path) -> None:
    row = '{ id = "film-1", source = "pages: row 1", offers = ["text"] },'
    family = load(folder_of(tmp_path, film=changed(FILM, FILM_1, row))).families["film"]
    assert family.modes("film-1") == (Mode.TEXT,)
    assert family.cell("film-1", Mode.REFERENCES) is None


def test_families_stand_in_their_order(tmp_path: Path) -> None:
    other = FILM.replace("film-", "other-").replace("order = 1", "order = 0")
    assert list(load(folder_of(tmp_path, other=other)).families) == ["other", "film"]


# --- a new model is one row --------------------------------------------------------------------------------------


def test_one_row_of_toml_is_a_new_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "catalog"
    shutil.copytree(FOLDER, folder)
    path = folder / "hailuo.toml"
    row = '  { id = "Hailuo-3.0", source = "support-matrix", parameters.seconds.choices = [6, 10, 12] },\n'
    path.write_text(path.read_text().replace("models = [\n", f"models = [\n{row}", 1))
    catalog = load(folder)
    cells = [cell for cell in catalog.cells() if cell.model.id == "Hailuo-3.0"]
    assert [cell.mode for cell in cells] == [Mode.TEXT, Mode.FIRST_FRAME, Mode.FIRST_LAST, Mode.REFERENCES]
    assert len(list(catalog.cells())) == len(list(load().cells())) + len(cells)

    monkeypatch.setattr("dailies.cli.models.load", lambda: catalog)
    monkeypatch.setattr("dailies.cli.prepared.load", lambda: catalog)
    listed = {row["id"]: row for row in json.loads(CliRunner().invoke(main, ["models", "--json"]).stdout)}
    assert listed["Hailuo-3.0"]["family"] == "hailuo"
    assert listed["Hailuo-3.0"]["modes"][0]["parameters"][0]["choices"] == [6, 10, 12]
    shown = CliRunner().invoke(main, ["request", "Hailuo-3.0", "--prompt", "a reef", "--param", "seconds=12"])
    assert json.loads(shown.stdout)["json"] == {"model": "Hailuo-3.0", "prompt": "a reef", "seconds": "12"}
