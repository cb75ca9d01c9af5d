"""Build the scene of a film from an order and its media: what each mode looks like.

Media that cannot be fetched or decoded becomes a card that says so: an offline demo must not fail on an example link.
"""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass

import av
import av.error
from av.video.reformatter import Colorspace
from PIL import Image, ImageOps

from sandbox.looks import make_vista
from sandbox.order import Order, Source, compute_size
from sandbox.planes import Layer
from sandbox.scenes import Board, Cuts, Dissolve, Reel, Scene, Still, Tinted, lay_out, open_reel
from sandbox.shelf import Shelf
from sandbox.slate import draw_backdrop, draw_caption, draw_card, make_palette

# Pictures beyond these ratios are cropped: no model renders longer or taller ones.
FLATTEST, TALLEST = 2.5, 0.4


@dataclass(frozen=True)
class Footage:
    """One decoded source: a picture, or the bytes of a video; neither if it is missing."""

    source: Source
    name: str
    picture: Image.Image | None = None
    video: bytes | None = None
    shape: float = 1.5

    @property
    def missing(self) -> bool:
        """Whether the source could not be had."""
        return self.picture is None and self.video is None

    def get_still(self, size: tuple[int, int], seed: int) -> Image.Image:
        """Return the picture, or the card in its place."""
        if self.picture is not None:
            return self.picture
        at = str(self.source.at)
        why = "asset" if at.startswith("asset://") else "not fetched"
        return draw_card(f"{self.name}: {why}", at, size, seed)

    def make_scene(self, size: tuple[int, int], seconds: float, seed: int, zoom: float = 1.09) -> Scene:
        """Make the scene that shows this source."""
        if self.video is not None:
            return Reel(self.video, size)
        # A card must stay readable to its edges.
        return Still(self.get_still(size, seed), size, seconds, seed=seed, zoom=1.02 if self.missing else zoom)


def decode_sources(order: Order, shelf: Shelf) -> list[Footage]:
    """Load and decode the pictures and videos of an order, named as prompts count them; audio is skipped."""
    counts = {"image": 0, "video": 0}
    found = []
    visible = [source for source in order.sources if source.kind != "audio"]
    for source, payload in zip(visible, shelf.load(visible), strict=True):
        counts[source.kind] += 1
        name = f"{source.kind} {counts[source.kind]}" if source.role == "reference" else source.role.replace("_", " ")
        found.append(Footage(source, name) if payload is None else decode_source(source, name, payload))
    return found


def decode_source(source: Source, name: str, payload: bytes) -> Footage:
    """Decode the bytes of a source; unreadable bytes, which a link may hold, give missing footage."""
    if source.kind == "image":
        try:
            picture = ImageOps.exif_transpose(Image.open(io.BytesIO(payload))).convert("RGB")
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            return Footage(source, name)
        return Footage(source, name, picture=picture, shape=clamp_ratio(picture.width / picture.height))
    if open_reel(payload, (64, 64)) is None:
        return Footage(source, name)
    with av.open(io.BytesIO(payload)) as container:
        stream = container.streams.video[0]
        return Footage(source, name, video=payload, shape=clamp_ratio(stream.width / stream.height))


def clamp_ratio(shape: float) -> float:
    """Limit a ratio to what a film may have."""
    return min(FLATTEST, max(TALLEST, shape))


def choose_size(order: Order, footage: list[Footage]) -> tuple[int, int]:
    """Choose the size of the frame: as ordered, or with the ratio of the first picture."""
    decoded = [f for f in footage if not f.missing]
    if not order.follow or not decoded:
        return order.width, order.height
    return compute_size(decoded[0].shape, 1.0, min(order.width, order.height))


def build_scene(order: Order, footage: list[Footage], size: tuple[int, int], seconds: float, seed: int) -> Scene:
    """Build the scene of an order, or one scene for each of its shots."""
    if not order.shots:
        return build_mode_scene(order, footage, size, seconds, seed)
    shots = zip(list_starts(order), order.shots, strict=True)
    return Cuts(
        [
            (begins, build_mode_scene(order, footage, size, shot.seconds, seed + number))
            for number, (begins, shot) in enumerate(shots)
        ]
    )


def list_starts(order: Order) -> list[int]:
    """List the second at which each shot starts."""
    return list(itertools.accumulate((shot.seconds for shot in order.shots[:-1]), initial=0))


def build_mode_scene(order: Order, footage: list[Footage], size: tuple[int, int], seconds: float, seed: int) -> Scene:
    """Build the scene of the order's mode."""
    first = next((f for f in footage if f.source.role == "first_frame"), None)
    last = next((f for f in footage if f.source.role == "last_frame"), None)
    references = [f for f in footage if f.source.role == "reference"]
    parent = next((f for f in footage if f.source.role == "parent"), None)
    if parent and order.mode == "remix":
        return Tinted(parent.make_scene(size, seconds, seed), make_palette(seed)[2])
    if parent:
        return build_continuation(parent, references, order.begins, size, seconds, seed)
    if order.mode == "motion_control" and first and references:
        return make_board([first, *references], size, seconds, seed)
    if order.mode == "first_frame_references" and first:
        opening = first.make_scene(size, seconds, seed)
        return Dissolve(opening, make_board(footage, size, seconds, seed), seconds * 0.3, seconds * 0.3 + 0.6)
    if order.mode == "lip_sync" and references:
        return references[0].make_scene(size, seconds, seed)
    if last:
        ending = Still(last.get_still(size, seed), size, seconds, seed=seed + 1, backwards=True)
        opening = first.make_scene(size, seconds, seed) if first else make_ground(size, seconds, seed)
        return Dissolve(opening, ending, seconds * 0.3, seconds * 0.75)
    if references:
        return make_board([*([first] if first else []), *references], size, seconds, seed)
    if first:
        return first.make_scene(size, seconds, seed)
    return make_vista(order.prompt, size, seconds, seed)


def build_continuation(
    parent: Footage, references: list[Footage], begins: int | None, size: tuple[int, int], seconds: float, seed: int
) -> Scene:
    """Build the scene that starts on a frame of the earlier clip and dissolves to a tint or to the references."""
    picture = None if parent.video is None else decode_picture(parent.video, begins)
    taken_up = Still(picture or parent.get_still(size, seed), size, seconds, seed=seed, zoom=1.3)
    onward = make_board(references, size, seconds, seed) if references else Tinted(taken_up, make_palette(seed)[2])
    return Dissolve(taken_up, onward, seconds * 0.3, seconds * 0.6)


def decode_picture(video: bytes, begins: int | None) -> Image.Image | None:
    """Decode the frame shown at a second of a video, or its last frame."""
    with av.open(io.BytesIO(video), "r") as container:
        shown = None
        for frame in container.decode(video=0):
            if shown is not None and begins is not None and (frame.time or 0.0) > begins:
                break
            shown = frame
    if shown is None:
        return None
    pixels = shown.to_ndarray(format="rgb24", src_colorspace=Colorspace.ITU709)
    return Image.fromarray(pixels)


def make_ground(size: tuple[int, int], seconds: float, seed: int) -> Scene:
    """Make the moving backdrop; it is soft, so the resolution of the frame is enough."""
    return Still(draw_backdrop(*size, seed), size, seconds, seed=seed, zoom=1.25, detail=1.0)


def make_board(footage: list[Footage], size: tuple[int, int], seconds: float, seed: int) -> Scene:
    """Make a board of all references, in their order."""
    wide, high = size
    margin = min(size) // 18 // 2 * 2
    # The lower edge is for the facts.
    room = wide - 2 * margin, high - margin - max(margin, round(min(size) * 0.14))
    boxes = lay_out([f.shape for f in footage], *room, margin // 2)
    tiles = []
    for number, (item, (x, y, tile_wide, tile_high)) in enumerate(zip(footage, boxes, strict=True)):
        scene = item.make_scene((tile_wide, tile_high), seconds, seed + number, zoom=1.12)
        name = Layer(draw_caption(item.name, max(11, min(size) // 42), seed))
        tiles.append(((x + margin, y + margin), scene, name))
    return Board(make_ground(size, seconds, seed), tiles, inset=max(2, margin // 4 // 2 * 2))
