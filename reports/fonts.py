"""Find the fonts of printed pages, and tell which characters they can print.

A page maker draws an empty box for a character that no font holds, and says nothing. So everything that goes on paper
is asked here first: `Fonts.missing(text)`.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from fontTools.ttLib import TTFont

from reports import ReportRefused

FAMILIES = ("Noto Sans CJK SC", "HanaMinB")  # the second fills in CJK extension B and later
REGULAR = "NotoSansCJK-Regular.ttc"
SC_FACE = 2  # the collection holds a face for each region; ours is the mainland one
FILES = {REGULAR: SC_FACE, "NotoSansCJK-Bold.ttc": SC_FACE, "HanaMinB.ttf": 0}
PRIVATE_USE = (range(0xE000, 0xF900), range(0xF0000, 0x110000))  # what these look like is anybody's choice
INSTALL = "apt-get install -y fonts-noto-cjk fonts-hanazono"


@dataclass(frozen=True)
class Fonts:
    """The font files, their fingerprint, every character they print, and the widths (in em) that are not one em."""

    files: tuple[Path, ...]
    fingerprint: str
    printable: frozenset[str]
    widths: dict[str, float]

    def missing(self, text: str) -> list[str]:
        """Return the characters of `text` without a glyph, each once, in order of appearance."""
        if self.printable.issuperset(text):
            return []
        return [character for character in dict.fromkeys(text) if character not in self.printable]

    def width(self, text: str) -> float:
        """Return the width of a line of text in em."""
        widths = self.widths
        return sum([widths.get(character, 1.0) for character in text])


def folders() -> list[Path]:
    """Return where fonts are looked for: `WAREHOUSE_FONTS` (separated like PATH), else the system's folder."""
    given = os.environ.get("WAREHOUSE_FONTS")
    return [Path(folder) for folder in given.split(os.pathsep)] if given else [Path("/usr/share/fonts")]


def load() -> Fonts:
    """Find and read the fonts; raise `ReportRefused` with the command that installs them when one is missing."""
    files = {name: _find(name) for name in FILES}
    missing = [name for name, path in files.items() if path is None]
    if missing:
        looked = "、".join(str(folder) for folder in folders())
        raise ReportRefused(
            f"缺少打印字体 {'、'.join(missing)}（查找位置：{looked}）。请先安装：{INSTALL}；"
            "字体装在别处时，用环境变量 WAREHOUSE_FONTS 指明所在目录"
        )
    digest = hashlib.sha256()
    glyphs = {}
    for name, path in files.items():
        digest.update(path.read_bytes())
        with TTFont(path, fontNumber=FILES[name], lazy=True) as font:
            glyphs[name] = {chr(code) for code in font.getBestCmap() if not _is_private(code)}
            if name == REGULAR:
                widths = _widths(font)
    # Regular and Bold must both hold a character; the fallback has one weight.
    printable = set.intersection(*(glyphs[name] for name in FILES if FILES[name])) | glyphs["HanaMinB.ttf"]
    return Fonts(tuple(files.values()), digest.hexdigest(), frozenset(printable), widths)


def _find(name: str) -> Path | None:
    return next((path for folder in folders() for path in sorted(folder.rglob(name))), None)


def _is_private(code: int) -> bool:
    return any(code in block for block in PRIVATE_USE)


def _widths(font: TTFont) -> dict[str, float]:
    """Return the widths of the characters before the ideographs, where they are not one em."""
    em, advances = font["head"].unitsPerEm, font["hmtx"].metrics
    narrow = ((chr(code), advances[glyph][0] / em) for code, glyph in font.getBestCmap().items() if code < 0x2E80)
    return {character: width for character, width in narrow if width != 1}
