"""Names a file's format by its first bytes, before any decoder runs. Pure.

Knows far more formats than are taken, so that a refusal can say what came. A container such as MP4 can hold a film or
only sound: `detect` says film, and `dailies.media.measure` looks at the streams.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from dailies.vocabulary import MediaKind

HEAD = 4096
"""Bytes from the start of a file that `detect` needs."""


@dataclass(frozen=True, slots=True)
class Format:
    """A file format. `title` with its article, as in `a JPEG picture`; `kind` None: neither picture, film nor sound."""

    title: str
    kind: MediaKind | None
    media_type: str
    suffix: str
    sound_type: str = ""  # the media type of such a file without a film

    @property
    def short(self) -> str:
        """The name of the format alone: `JPEG`."""
        return self.title.split()[1]


def _picture(title: str, media_type: str, suffix: str) -> Format:
    return Format(title, MediaKind.IMAGE, media_type, suffix)


def _film(title: str, media_type: str, suffix: str, sound_type: str = "") -> Format:
    return Format(title, MediaKind.VIDEO, media_type, suffix, sound_type)


def _sound(title: str, media_type: str, suffix: str) -> Format:
    return Format(title, MediaKind.AUDIO, media_type, suffix, media_type)


JPEG = _picture("a JPEG picture", "image/jpeg", ".jpg")
PNG = _picture("a PNG picture", "image/png", ".png")
GIF = _picture("a GIF picture", "image/gif", ".gif")
WEBP = _picture("a WebP picture", "image/webp", ".webp")
BMP = _picture("a BMP picture", "image/bmp", ".bmp")
TIFF = _picture("a TIFF picture", "image/tiff", ".tiff")
HEIC = _picture("a HEIC picture", "image/heic", ".heic")
AVIF = _picture("an AVIF picture", "image/avif", ".avif")
_RAW = _picture("a raw camera picture", "image/x-raw", ".raw")
_JXL = _picture("a JPEG XL picture", "image/jxl", ".jxl")
_JP2 = _picture("a JPEG 2000 picture", "image/jp2", ".jp2")
_SVG = _picture("an SVG drawing", "image/svg+xml", ".svg")
_EPS = _picture("an EPS drawing", "application/postscript", ".eps")
_PS = _picture("a PostScript document", "application/postscript", ".ps")
_WMF = _picture("a WMF drawing", "image/wmf", ".wmf")
_HDR = _picture("an HDR picture", "image/vnd.radiance", ".hdr")
_SGI = _picture("an SGI picture", "image/sgi", ".sgi")
_CUR = _picture("a cursor (CUR)", "image/x-icon", ".cur")
_ANI = _picture("an animated cursor (ANI)", "application/x-navi-animation", ".ani")
_TGA = _picture("a TGA picture", "image/x-tga", ".tga")
_PCX = _picture("a PCX picture", "image/x-pcx", ".pcx")

MP4 = _film("an MP4 file", "video/mp4", ".mp4", "audio/mp4")
MOV = _film("a QuickTime file (MOV)", "video/quicktime", ".mov", "audio/quicktime")
WEBM = _film("a WebM file", "video/webm", ".webm", "audio/webm")
MKV = _film("a Matroska file (MKV)", "video/x-matroska", ".mkv", "audio/x-matroska")
TS = _film("an MPEG-TS file", "video/mp2t", ".ts", "audio/mp2t")
AVI = _film("an AVI file", "video/x-msvideo", ".avi", "audio/x-msvideo")
_3GP = _film("a 3GP file", "video/3gpp", ".3gp", "audio/3gpp")
_MPG = _film("an MPEG file", "video/mpeg", ".mpg", "audio/mpeg")
FLV = _film("a Flash video (FLV)", "video/x-flv", ".flv", "audio/x-flv")
ASF = _film("a Windows Media file (WMV)", "video/x-ms-wmv", ".wmv", "audio/x-ms-wma")
OGV = _film("an Ogg video", "video/ogg", ".ogv", "audio/ogg")
_H264 = _film("an H.264 stream without a container", "video/h264", ".h264")
_HEVC = _film("an HEVC stream without a container", "video/h265", ".h265")
_MXF = _film("an MXF file", "application/mxf", ".mxf", "application/mxf")

M4A = _sound("an M4A sound", "audio/mp4", ".m4a")
MP3 = _sound("an MP3 sound", "audio/mpeg", ".mp3")
_MP2 = _sound("an MP2 sound", "audio/x-mp2", ".mp2")
WAV = _sound("a WAV sound", "audio/wav", ".wav")
RF64 = _sound("an RF64 sound (a WAV for files over 4 GB)", "audio/x-rf64", ".rf64")
OGG = _sound("an Ogg sound", "audio/ogg", ".ogg")
FLAC = _sound("a FLAC sound", "audio/flac", ".flac")
AAC = _sound("an AAC sound", "audio/aac", ".aac")
AIFF = _sound("an AIFF sound", "audio/aiff", ".aiff")
_AMR = _sound("an AMR sound", "audio/amr", ".amr")
_CAF = _sound("a Core Audio sound (CAF)", "audio/x-caf", ".caf")
_AU = _sound("an AU sound", "audio/basic", ".au")

HLS = Format("an HLS playlist", None, "application/vnd.apple.mpegurl", ".m3u8")
DASH = Format("a DASH playlist", None, "application/dash+xml", ".mpd")
PDF = Format("a PDF document", None, "application/pdf", ".pdf")
HTML = Format("a web page", None, "text/html", ".html")
TEXT = Format("text", None, "text/plain", ".txt")
_ZIP = Format("a ZIP archive", None, "application/zip", ".zip")
_GZIP = Format("a compressed file (gzip)", None, "application/gzip", ".gz")

_STARTS: tuple[tuple[bytes, Format], ...] = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", _JXL),
    (b"\xff\x0a", _JXL),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", _JP2),
    (b"\xff\x4f\xff\x51", _JP2),
    (b"8BPS", _picture("a Photoshop picture (PSD)", "image/vnd.adobe.photoshop", ".psd")),
    (b"\x00\x00\x01\x00", _picture("an icon (ICO)", "image/vnd.microsoft.icon", ".ico")),
    (b"icns", _picture("an icon (ICNS)", "image/icns", ".icns")),
    (b"\xc5\xd0\xd3\xc6", _EPS),
    (b"\xd7\xcd\xc6\x9a", _WMF),
    (b"\x01\x00\x09\x00\x00\x03", _WMF),
    (b"\x02\x00\x09\x00\x00\x03", _WMF),
    (b"FUJIFILMCCD-RAW", _RAW),
    (b"IIRO", _RAW),
    (b"IIRS", _RAW),
    (b"MMOR", _RAW),
    (b"IIU\x00", _RAW),
    (b"FOVb", _RAW),
    (b"II\xbc\x01", _picture("a JPEG XR picture", "image/jxr", ".jxr")),
    (b"gimp xcf", _picture("a GIMP picture (XCF)", "image/x-xcf", ".xcf")),
    (b"qoif", _picture("a QOI picture", "image/qoi", ".qoi")),
    (b"DDS ", _picture("a DDS texture", "image/vnd-ms.dds", ".dds")),
    (b"v/1\x01", _picture("an OpenEXR picture", "image/x-exr", ".exr")),
    (b"#?RADIANCE", _HDR),
    (b"#?RGBE", _HDR),
    (b"\x8aMNG\r\n\x1a\n", _picture("an MNG animation", "video/x-mng", ".mng")),
    (b"\x8bJNG\r\n\x1a\n", _picture("a JNG picture", "image/x-jng", ".jng")),
    (b"\xabKTX ", _picture("a KTX texture", "image/ktx", ".ktx")),
    (b"FLIF", _picture("a FLIF picture", "image/flif", ".flif")),
    (b"BPG\xfb", _picture("a BPG picture", "image/bpg", ".bpg")),
    (b"\x01\xda\x00", _SGI),
    (b"\x01\xda\x01", _SGI),
    (b"\x59\xa6\x6a\x95", _picture("a Sun raster picture", "image/x-sun-raster", ".ras")),
    (b"SIMPLE  =", _picture("a FITS picture", "image/fits", ".fits")),
    (b"\x00MRM", _RAW),
    (b"/* XPM */", _picture("an XPM picture", "image/x-xpixmap", ".xpm")),
    (b"AT&TFORM", _picture("a DjVu document", "image/vnd.djvu", ".djvu")),
    (b"FLV\x01", FLV),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", ASF),
    (b"\x00\x00\x01\xba", _MPG),
    (b"\x00\x00\x01\xb3", _MPG),
    (b"\x06\x0e\x2b\x34\x02\x05\x01\x01", _MXF),
    (b".RMF", _film("a RealMedia file", "application/vnd.rn-realmedia", ".rm")),
    (b"DKIF", _film("an IVF file", "video/x-ivf", ".ivf")),
    (b"YUV4MPEG2", _film("an uncompressed video (Y4M)", "video/x-yuv4mpeg", ".y4m")),
    (b"fLaC", FLAC),
    (b"#!AMR", _AMR),
    (b"caff", _CAF),
    (b".snd", _AU),
    (b"MThd", _sound("a MIDI file", "audio/midi", ".mid")),
    (b"MAC ", _sound("a Monkey's Audio sound", "audio/x-ape", ".ape")),
    (b"wvpk", _sound("a WavPack sound", "audio/x-wavpack", ".wv")),
    (b"\x0b\x77", _sound("an AC-3 sound", "audio/ac3", ".ac3")),
    (b"riff\x2e\x91\xcf\x11", _sound("a Wave64 sound", "audio/x-w64", ".w64")),
    (b"TTA1", _sound("a TTA sound", "audio/x-tta", ".tta")),
    (b"DSD ", _sound("a DSD sound (DSF)", "audio/x-dsf", ".dsf")),
    (b"\x7f\xfe\x80\x01", _sound("a DTS sound", "audio/vnd.dts", ".dts")),
    (b"nut/multimedia", _film("a NUT file", "video/x-nut", ".nut")),
    (b"\x00\x00\x00\x01\x67", _H264),
    (b"\x00\x00\x00\x01\x27", _H264),
    (b"\x00\x00\x00\x01\x09", _H264),
    (b"\x00\x00\x00\x01\x40\x01", _HEVC),
    (b"\x00\x00\x00\x01\x46\x01", _HEVC),
    (b"PK\x03\x04", _ZIP),
    (b"\x1f\x8b", _GZIP),
    (b"Rar!\x1a\x07", Format("a RAR archive", None, "application/vnd.rar", ".rar")),
    (b"PK\x05\x06", _ZIP),
    (b"BZh", Format("a compressed file (bzip2)", None, "application/x-bzip2", ".bz2")),
    (b"\xfd7zXZ\x00", Format("a compressed file (xz)", None, "application/x-xz", ".xz")),
    (b"\x28\xb5\x2f\xfd", Format("a compressed file (zstd)", None, "application/zstd", ".zst")),
    (b"7z\xbc\xaf\x27\x1c", Format("a 7-Zip archive", None, "application/x-7z-compressed", ".7z")),
)
_RIFF = {b"WEBP": WEBP, b"AVI ": AVI, b"WAVE": WAV, b"ACON": _ANI}
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs")
_AVIF_BRANDS = (b"avif", b"avis")
_STILL_BRANDS = (b"mif1", b"mif2", b"mif3", b"msf1", b"miaf", b"avci", b"avcs", b"jpeg", b"jpgs", b"j2ki")
"""Pictures in an ISO file whatever their codec; which one it is, the other brands say."""
_FILM_BRANDS = (b"iso", b"mp4", b"M4", b"avc1", b"dash", b"MSNV", b"f4v", b"XAVC", b"qt", b"3g", b"crx")
_BRANDS = {b"qt  ": MOV, b"M4A ": M4A, b"M4B ": M4A, b"M4P ": M4A, b"crx ": _RAW}
_BOXES = {b"moov": MOV, b"mdat": MOV, b"wide": MOV, b"free": MOV, b"skip": MOV, b"pnot": MOV}
_MARKUP = re.compile(rb"<(head|body|title|meta|script|style|div|center|h\d|p)[\s>/]")
_FRAGMENTS = frozenset({b"styp", b"sidx", b"moof"})
_DNG, _MAKE, _SUBFILES = 50706, 271, 330
PHOTOMETRIC = 262
"""The tag of a TIFF that says what its numbers mean: 0 grey with white as zero, 1 with black as zero."""
_SENSOR = (32803, 34892)  # pixels as the sensor has them: behind its colour filter, or linear
_RAW_MAKES = (b"NIKON", b"SONY", b"PENTAX", b"SAMSUNG", b"CANON")


def detect(data: bytes) -> Format | None:
    """Return the format of a file by its first bytes, None for one that is not known.

    The whole file tells more: the raw pictures of some cameras say at their end what they are, and a picture that bears
    the brand of a film is told by all its boxes.
    """
    head = data[:HEAD]
    for start, known in _STARTS:
        if head.startswith(start):
            return known
    if (found := _read_tiff(data) or _read_iso(data)) is not None:
        return found
    readers = (_read_riff, _read_bitmap, _read_stream, _read_text)
    return next((found for reader in readers if (found := reader(head)) is not None), None)


def read_suffix(suffix: str) -> str:
    """Return the media type of a stored file by the ending of its name; `application/octet-stream` if unknown."""
    return _BY_SUFFIX.get(suffix, "application/octet-stream")


def describe(media_type: str) -> str:
    """Return what a media type is called, with its article: `an AVI file`; the type itself if nobody knows it."""
    if media_type in _BY_TYPE:
        return _BY_TYPE[media_type].title
    return f"{_SOUNDS[media_type].title} with sound only" if media_type in _SOUNDS else media_type


def shorten(media_type: str) -> str:
    """Return the short name of a media type: `AVI`."""
    return _BY_TYPE[media_type].short if media_type in _BY_TYPE else media_type.split("/")[-1]


def suffix_of(media_type: str) -> str:
    """Return the ending of the names of such files; empty if nobody knows it."""
    return _BY_TYPE[media_type].suffix if media_type in _BY_TYPE else ""


def _read_iso(data: bytes) -> Format | None:
    """ISO base media files: a box of 4 bytes of size and 4 letters comes first."""
    kind, brand = data[4:8], data[8:12]
    if kind == b"ftyp":
        size = min(int.from_bytes(data[:4], "big"), 256)
        brands = {brand, *(data[place : place + 4] for place in range(16, size - 3, 4))}
        if (own := _name_still({brand})) is not None:
            return own
        stills = (*_HEIC_BRANDS, *_AVIF_BRANDS, *_STILL_BRANDS)
        if (not brand.startswith(_FILM_BRANDS) and not brands.isdisjoint(stills)) or is_still(data):
            coded = {codec for codec in (b"hvc1", b"av01") if codec in data[:HEAD]}
            return AVIF if coded == {b"av01"} else HEIC if coded else _name_still(brands) or HEIC
        return _BRANDS.get(brand, _3GP if brand[:2] == b"3g" else MP4)
    if kind in _FRAGMENTS:
        return MP4
    size = int.from_bytes(data[:4], "big")
    return _BOXES.get(kind) if size >= 8 or size in (0, 1) else None


def _name_still(brands: set[bytes]) -> Format | None:
    """Return the picture that brands name, None if none or both are named."""
    heic, avif = not brands.isdisjoint(_HEIC_BRANDS), not brands.isdisjoint(_AVIF_BRANDS)
    return None if heic == avif else HEIC if heic else AVIF


def is_still(data: bytes) -> bool:
    """Whether the boxes of a whole ISO file hold a picture and no film, whatever its brand says."""
    place, found = 0, dict[bytes, bytes]()
    while place + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, place)
        found[kind] = data[place + 12 : place + 64]
        place += max(8, size or len(data))
    return place == len(data) and b"pict" in found.get(b"meta", b"") and found.keys().isdisjoint((b"moov", b"moof"))


def _read_riff(head: bytes) -> Format | None:
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[:4] in (b"RF64", b"BW64") and head[8:12] == b"WAVE":
        return RF64
    if head[:4] != b"FORM":
        return None
    if head[8:12] in (b"ILBM", b"PBM "):
        return _picture("an IFF picture (ILBM)", "image/x-ilbm", ".iff")
    return AIFF if head[8:12] in (b"AIFF", b"AIFC") else None


def _read_tiff(head: bytes) -> Format | None:
    """TIFF, and the raw pictures of cameras, which are TIFF files with the sensor's data inside."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(head[:4])
    if order is None:
        return TIFF if head[:4] in (b"II+\x00", b"MM\x00+") else None
    if head[8:10] == b"CR":
        return _RAW
    try:
        (first,) = struct.unpack_from(f"{order}I", head, 4)
        (count,) = struct.unpack_from(f"{order}H", head, first)
        rows = [struct.unpack_from(f"{order}HHII", head, first + 2 + 12 * row) for row in range(min(count, 300))]
    except struct.error:  # the directory stands further back: a TIFF as programs write it
        return TIFF
    tags = {tag: (size, value) for tag, _, size, value in rows}
    photometric = tags.get(PHOTOMETRIC, (0, 0))[1]
    if _DNG in tags or (photometric >> 16 if order == ">" else photometric & 0xFFFF) in _SENSOR:
        return _RAW
    size, place = tags.get(_MAKE, (0, 0))
    return _RAW if _SUBFILES in tags and head[place : place + size].upper().startswith(_RAW_MAKES) else TIFF


def _read_bitmap(head: bytes) -> Format | None:
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in (12, 16, 40, 52, 56, 64, 108, 124):
        return BMP
    if head[:4] == b"\x01\x00\x00\x00" and head[40:44] == b" EMF":
        return _picture("an EMF drawing", "image/emf", ".emf")
    if re.match(rb"P[1-7fF]\s", head):
        return _picture("a PNM picture", "image/x-portable-anymap", ".pnm")
    if re.match(rb"\x0a[\x00\x02-\x05]\x01[\x01\x02\x04\x08]", head):
        return _PCX
    if head[128:132] == b"DICM":
        return _picture("a DICOM picture", "application/dicom", ".dcm")
    if head[257:262] == b"ustar":
        return Format("a TAR archive", None, "application/x-tar", ".tar")
    if len(head) < 22:
        return None
    if head[:4] == b"\x00\x00\x02\x00" and head[4] and not head[5] and not head[9] and head[18] >= 22:
        return _CUR
    return _TGA if _is_tga(head) else None


def _is_tga(head: bytes) -> bool:
    """Whether 18 bytes can be the header of a TGA, which has no mark at its beginning: kinds, sides and depth fit."""
    table, kind, depth = head[1], head[2], head[16]
    colours = int.from_bytes(head[5:7], "little")
    if kind in (1, 9):
        fits = table == 1 and 0 < colours <= 256 and head[7] in (15, 16, 24, 32) and depth in (8, 16)
    else:
        depths = (8, 16) if kind in (3, 11) else (15, 16, 24, 32)
        fits = kind in (2, 3, 10, 11) and table == 0 and not any(head[3:8]) and depth in depths
    return fits and any(head[12:14]) and any(head[14:16]) and not head[17] & 0xC0


def _read_stream(head: bytes) -> Format | None:
    """Formats made of packets: Matroska, Ogg, MPEG-TS and bare MPEG sound."""
    if head[:4] == b"\x1aE\xdf\xa3":
        return WEBM if re.search(rb"\x42\x82.{1,8}?webm", head[:80], re.DOTALL) else MKV
    if head[:4] == b"OggS":
        return OGV if b"\x80theora" in head else OGG
    for start in (0, 4):  # with the time stamps of a camera, a packet starts 4 bytes later
        step = 188 + start
        marks = head[start::step][:4]
        if len(marks) > 1 and set(marks) == {0x47} and {0, 0xFF} & set(head[start + 1 : start + 188]):
            return TS
    if head[:3] == b"ID3":
        size = sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=False))
        return FLAC if head[10 + size : 14 + size] == b"fLaC" else MP3
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE6 in (0xE2, 0xE4) and head[2] < 0xF0 and head[2] & 12 != 12:
        return MP3 if head[1] & 0xE6 == 0xE2 else _MP2
    return AAC if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0 else None


def _read_text(head: bytes) -> Format | None:
    """Formats that are written as text, and text itself."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = head.decode("utf-16", "replace").encode()
    else:
        text = head.removeprefix(b"\xef\xbb\xbf")
    text = text.lstrip()
    if b"%PDF-" in text[:1024]:
        return PDF
    if text[:2] == b"%!":
        return _EPS if b"EPSF" in text[:64] else _PS
    if text[:7] == b"#EXTM3U":
        return HLS
    if not text or not _is_text(text):
        return None
    bare = re.sub(rb"<\?.*?\?>|<!--.*?-->|<!doctype[^\[>]*(\[.*?\])?[^>]*>", b"", text, flags=re.DOTALL | re.IGNORECASE)
    start = bare.lstrip()[:16].lower()
    if re.match(rb"<(\w+:)?svg[\s/>]", start) or (text[:5] == b"<?xml" and b"<svg" in text):
        return _SVG
    if start[:4] == b"<mpd":
        return DASH
    if b"<html" in text.lower() or b"<!doctype html" in text.lower() or _MARKUP.match(start):
        return HTML
    return TEXT


def _is_text(head: bytes) -> bool:
    if re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return 0 < error.start > len(head) - 4  # the last character is cut
    return True


_NAMED = (
    *(JPEG, PNG, GIF, WEBP, BMP, TIFF, HEIC, AVIF, MP4, MOV, WEBM, MKV, TS, AVI, _3GP, _MPG, FLV, ASF, OGV, _MXF),
    *(M4A, MP3, _MP2, WAV, RF64, OGG, FLAC, AAC, AIFF, _AMR, _CAF, _AU),
)
_BY_SUFFIX = {each.suffix: each.media_type for each in _NAMED}
_BY_TYPE = {each.media_type: each for each in reversed((*_NAMED, *(known for _, known in _STARTS)))}
_SOUNDS = {each.sound_type: each for each in reversed(_NAMED) if each.kind is MediaKind.VIDEO and each.sound_type}
