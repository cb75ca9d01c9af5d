"""Drafts with real media: the minimum that a cell accepts, and what renders fastest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from dailies.domain import Cell, Draft, Reference, Slot
from dailies.media.references import read
from dailies.parameter import Parameter
from dailies.vocabulary import MediaKind, SendAs, Value
from tests.conformance.samples import write_picture, write_sound, write_video
from tests.unit.golden import minimal_draft

NAMES = {MediaKind.IMAGE: "picture.png", MediaKind.VIDEO: "video.mp4", MediaKind.AUDIO: "sound.mp3"}


def write_samples(folder: Path) -> None:
    """Write a picture, a video of 4 s and a sound of 4 s."""
    write_picture(folder / NAMES[MediaKind.IMAGE])
    write_video(folder / NAMES[MediaKind.VIDEO])
    write_sound(folder / NAMES[MediaKind.AUDIO])


@dataclass
class Samples:
    """The sample files as references: their bytes go to `keep`, their links start with `url`."""

    folder: Path
    url: str
    keep: Callable[[bytes], object]
    _read: dict[MediaKind, Reference] = field(default_factory=dict)

    def reference(self, slot: Slot, sample: Reference) -> Reference:
        """Return the reference for a slot, in the form that the slot prefers."""
        name = NAMES[slot.kind]
        if slot.forms[0].send_as is SendAs.URL:
            return replace(sample, url=f"{self.url}/{name}")
        if slot.kind not in self._read:
            item = read(name, (self.folder / name).read_bytes())
            self.keep(item.data)
            self._read[slot.kind] = item.reference
        return self._read[slot.kind]


def quick_draft(cell: Cell, samples: Samples, words: str = "") -> Draft:
    """Return a draft with a short, small and measurable film; `words` are added to the prompt."""
    sample = minimal_draft(cell)
    values = {p.id: value for p in cell.parameters if (value := _quickest(p)) is not None}
    values = _within_rules(cell, dict(sample.values) | values, sample.references)
    references = {}
    for slot_id, held in sample.references.items():
        slot = cell.slot(slot_id)
        assert slot is not None
        references[slot_id] = tuple(samples.reference(slot, reference) for reference in held)
    prompt = f"{sample.prompt} ({cell.model.id}, {cell.mode}) {words}".rstrip()
    return Draft(prompt, values, references)


def _quickest(parameter: Parameter) -> Value | None:
    """Return the value that renders fastest if the parameter shows on the clip, else None."""
    if parameter.fixed is not None:
        return None
    if parameter.id == "seconds":
        return min(v for v in (*parameter.choices, parameter.minimum, parameter.default) if isinstance(v, int))
    if parameter.id == "resolution":
        return min(parameter.choices, key=lambda choice: int(str(choice)[:-1]) * (720 if choice in ("2k", "4k") else 1))
    if parameter.id == "aspect_ratio":
        return "16:9" if "16:9" in parameter.choices else parameter.choices[0]
    if parameter.id == "audio":
        return "on"
    return None


def _within_rules(
    cell: Cell, values: dict[str, Value], references: Mapping[str, tuple[Reference, ...]]
) -> dict[str, Value]:
    for rule in cell.rules:
        if rule.applies(values, references):
            values |= {name: allowed[0] for name, allowed in rule.then.items() if name in values}
    return values
