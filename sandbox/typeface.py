"""Text for the slates: installed fonts, a fallback per character, wrapping and drawing.

Pillow has a font for Latin text; DejaVu, Noto and the system's fonts add other scripts where they are installed. A
character without a glyph is drawn as an empty box, so no text makes a film fail.
"""

from __future__ import annotations

import sys
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
SANS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Helvetica.ttc", "segoeui.ttf")
BOLD = ("DejaVuSans-Bold.ttf", "NotoSans-Bold.ttf", "HelveticaNeue.ttc", "segoeuib.ttf")
MONO = ("DejaVuSansMono.ttf", "NotoSansMono-Regular.ttf", "Menlo.ttc", "consola.ttf")
# Fallbacks for other scripts: ideographs, Arabic and Indic scripts, symbols.
MORE = (
    *("NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "wqy-microhei.ttc", "PingFang.ttc", "msyh.ttc"),
    *("Arial Unicode.ttf", "NotoSansArabic-Regular.ttf", "NotoSansDevanagari-Regular.ttf", "NotoEmoji-Regular.ttf"),
    *("Symbola.ttf", "seguisym.ttf", "DejaVuSans.ttf"),
)
NOWHERE = "\U0010fffe"  # no font has this code point: its glyph is the empty box


@lru_cache(maxsize=1)
def find_font_files() -> dict[str, Path]:
    """Find the font files of this system, by name."""
    found: dict[str, Path] = {}
    for folder in FOLDERS.get(sys.platform, ()):
        for path in sorted(Path(folder).rglob("*.[to]t[fc]")):
            found.setdefault(path.name, path)
    return found


@lru_cache(maxsize=64)
def load_fonts(names: tuple[str, ...], size: int) -> tuple[Font, ...]:
    """Load the first installed font of `names`, the fallbacks for other scripts, and Pillow's own font."""
    files = find_font_files()
    chosen = [next((files[name] for name in names if name in files), None)]
    chosen += [files[name] for name in MORE if name in files]
    loaded: list[Font] = []
    for path in dict.fromkeys(path for path in chosen if path is not None):
        try:
            loaded.append(ImageFont.truetype(path, size))
        except OSError:
            continue  # FreeType cannot read this file
    return (*loaded, ImageFont.load_default(size))


@lru_cache(maxsize=4096)
def has_glyph(font: Font, character: str) -> bool:
    """Return whether a font can draw a character."""
    if character.isspace():
        return True
    return bytes(font.getmask(character)) != bytes(font.getmask(NOWHERE))


class Typeface:
    """A font with its fallbacks, at one size in pixels."""

    def __init__(self, names: tuple[str, ...], size: int) -> None:
        self.size = size
        self.fonts = load_fonts(names, size)

    def split_runs(self, text: str) -> list[tuple[Font, str]]:
        """Split a text into runs that one font can draw."""
        cut: list[tuple[Font, str]] = []
        for character in text:
            font = next((font for font in self.fonts if has_glyph(font, character)), self.fonts[0])
            if cut and cut[-1][0] is font:
                cut[-1] = (font, cut[-1][1] + character)
            else:
                cut.append((font, character))
        return cut

    def covers(self, text: str) -> bool:
        """Return whether every character has a glyph."""
        return all(any(has_glyph(font, character) for font in self.fonts) for character in text)

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
