"""Text for the slates: fonts by coverage, a fallback per character, wrapping and drawing.

DejaVu, Noto and the system's fonts are taken where they are installed, and small fonts of our own (`fonts/`) for
Chinese, Japanese syllables, Arabic, Hindi and Thai. A character that no font covers is left out, never drawn as a box.
"""

from __future__ import annotations

import sys
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
FOLDERS = {
    "linux": ("/usr/share/fonts", "/usr/local/share/fonts"),
    "darwin": ("/System/Library/Fonts", "/Library/Fonts"),
    "win32": ("C:/Windows/Fonts",),
}
OWN = Path(__file__).resolve().parent / "fonts"
SANS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Helvetica.ttc", "segoeui.ttf")
BOLD = ("DejaVuSans-Bold.ttf", "NotoSans-Bold.ttf", "HelveticaNeue.ttc", "segoeuib.ttf")
MONO = ("DejaVuSansMono.ttf", "NotoSansMono-Regular.ttf", "Menlo.ttc", "consola.ttf")
# Fallbacks for other scripts, tried before any other installed font.
MORE = (
    *("NotoSansCJK-Bold.ttc", "NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "wqy-microhei.ttc"),
    *("PingFang.ttc", "msyh.ttc", "Arial Unicode.ttf", "NotoSansArabic-Bold.ttf", "NotoSansDevanagari-Bold.ttf"),
    *("NotoSansThai-Bold.ttf", "NotoEmoji-Regular.ttf", "Symbola.ttf", "seguisym.ttf", "DejaVuSans.ttf"),
)
NOWHERE = "\U0010fffe"  # no font has this code point: its glyph is the empty box
MOST_TRIED = 300  # installed fonts that are opened for a character that nothing else covers


@lru_cache(maxsize=1)
def find_font_files() -> dict[str, Path]:
    """Find the font files of this system, by name."""
    found: dict[str, Path] = {}
    for folder in FOLDERS.get(sys.platform, ()):
        for path in sorted(Path(folder).rglob("*.[to]t[fc]")):
            found.setdefault(path.name, path)
    return found


@lru_cache(maxsize=512)
def load_font(path: Path, size: int) -> Font | None:
    """Load a font; None if FreeType cannot read the file, or not at this size."""
    try:
        return ImageFont.truetype(path, size)
    except OSError:
        return None


@lru_cache(maxsize=64)
def load_fonts(names: tuple[str, ...], size: int) -> tuple[Font, ...]:
    """Load the first installed font of `names`, the fallbacks for other scripts, our own fonts, and Pillow's own."""
    files = find_font_files()
    chosen = [next((files[name] for name in names if name in files), None)]
    chosen += [files[name] for name in MORE if name in files]
    chosen += sorted(OWN.glob("*.woff2"))
    found = [load_font(path, size) for path in dict.fromkeys(path for path in chosen if path is not None)]
    return (*(font for font in found if font is not None), ImageFont.load_default(size))


@lru_cache(maxsize=512)
def load_probe(font: Font) -> Font:
    """Load a font once more, small and without shaping, which takes some characters apart and draws a box for each."""
    path = getattr(font, "path", None)
    plain = ImageFont.truetype(path, 16, layout_engine=ImageFont.Layout.BASIC) if isinstance(path, Path) else None
    return plain or font


@lru_cache(maxsize=20_000)
def has_glyph(font: Font, character: str) -> bool:
    """Return whether a font can draw a character; a space is drawn as nothing."""
    probe = load_probe(font)
    mask = bytes(probe.getmask(character))
    return not any(mask) if character.isspace() else mask != bytes(probe.getmask(NOWHERE))


@lru_cache(maxsize=2048)
def find_cover(character: str) -> Path | None:
    """Find an installed font that covers a character; None if there is none."""
    for path in list(find_font_files().values())[:MOST_TRIED]:
        font = load_font(path, 16)
        if font is not None and has_glyph(font, character):
            return path
    return None


def is_silent(character: str) -> bool:
    """Return whether a character has no picture of its own: joiners, directions, variants, and other controls."""
    return unicodedata.category(character) in ("Cf", "Cc", "Cn", "Co", "Cs") or "\ufe00" <= character <= "\ufe0f"


class Typeface:
    """A font with its fallbacks, at one size in pixels."""

    def __init__(self, names: tuple[str, ...], size: int) -> None:
        self.size = size
        self.fonts = load_fonts(names, size)

    def find_font(self, character: str) -> Font | None:
        """Find the font that draws a character; None if no font does."""
        for font in self.fonts:
            if has_glyph(font, character):
                return font
        path = find_cover(character)
        return load_font(path, self.size) if path else None

    def split_runs(self, text: str) -> list[tuple[Font, str]]:
        """Split a text into runs that one font can draw, in the order in which they stand on the line.

        Spaces and marks stay with what they follow, so that a script is shaped as a whole.
        """
        cut: list[tuple[Font, str]] = []
        for character in text:
            follows = character.isspace() or unicodedata.category(character).startswith("M")
            joins = character in "\u200c\u200d"
            if is_silent(character) and not joins:
                continue
            if cut and (follows or joins) and has_glyph(cut[-1][0], character):
                cut[-1] = (cut[-1][0], cut[-1][1] + character)
                continue
            font = None if joins else self.find_font(character)
            if font is None:
                continue
            if cut and cut[-1][0] is font:
                cut[-1] = (font, cut[-1][1] + character)
            else:
                cut.append((font, character))
        return cut[::-1] if reads_leftwards(text) else cut

    def covers(self, text: str) -> bool:
        """Return whether every character that has a picture has a glyph."""
        shown = {character for character in text if not is_silent(character) and not character.isspace()}
        return all(self.find_font(character) is not None for character in shown)

    def measure(self, text: str) -> float:
        """Measure the width of a text in pixels."""
        return sum(font.getlength(run) for font, run in self.split_runs(text))

    def draw(self, drawing: ImageDraw.ImageDraw, x: float, baseline: float, text: str, fill: object) -> None:
        """Draw a line of text from `x` on a baseline."""
        for font, run in self.split_runs(text):
            anchor = "ls" if isinstance(font, ImageFont.FreeTypeFont) else None
            drawing.text((x, baseline), run, font=font, fill=fill, anchor=anchor)  # type: ignore[arg-type]
            x += font.getlength(run)

    def wrap(self, text: str, width: float) -> list[str]:
        """Break a text into lines of at most `width` pixels, between words if possible."""
        lines: list[str] = []
        for paragraph in text.splitlines() or [""]:
            line = ""
            for word in split_words(paragraph):
                if line and self.measure((line + word).rstrip()) > width:
                    lines.append(line.rstrip())
                    line = ""
                line += word
                while self.measure(line.rstrip()) > width and len(line) > 1:
                    fits = max(1, bisect_right(range(1, len(line)), width, key=lambda n: self.measure(line[:n])))
                    lines.append(line[:fits])
                    line = line[fits:]
            lines.append(line.rstrip())
        return lines


def reads_leftwards(text: str) -> bool:
    """Return whether a line is read from right to left: its first letter decides."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


def split_words(text: str) -> list[str]:
    """Split a text into words, each with the space after it; every ideograph is a word of its own."""
    found: list[str] = []
    for character in text:
        wide = ord(character) >= 0x2E80
        fresh = not found or wide or found[-1][-1].isspace() or ord(found[-1][-1]) >= 0x2E80
        if fresh and not character.isspace():
            found.append(character)
        elif found:
            found[-1] += character
    return found


def draw_label(text: str, face: Typeface, fill: tuple[int, int, int, int]) -> Image.Image:
    """Draw one line of text on a transparent picture of its size."""
    picture = Image.new("RGBA", (max(2, round(face.measure(text)) + 4), round(face.size * 1.4)))
    face.draw(ImageDraw.Draw(picture), 1, face.size * 1.05, text, fill)
    return picture
