"""Photos: drawn anew, so that nothing but the picture is kept; what cannot be drawn anew is not kept.

Phones write into photos who took them, when and where. The place is read first, since it may be all that a report says
of it; then the picture alone is painted into a new file.
"""

import io
from dataclasses import dataclass

from PIL import ExifTags, Image, ImageOps

from api.uploads import TooLargeError
from gis.errors import InputError

MEDIA_TYPE = "image/jpeg"
_FORMATS = ("JPEG", "PNG", "WEBP")
_MOST_PIXELS = 50_000_000
_LONGEST, _QUALITY = 1600, 85
_SOUTH_WEST = {"S": -1, "W": -1}
_SIXTY = (1, 60, 3600)


@dataclass(frozen=True)
class Photo:
    """A picture that says nothing of who took it.

    Attributes
    ----------
    content
        JPEG.
    lon, lat
        Where the camera was, degrees of WGS 84; None where the file did not say.
    """

    content: bytes
    lon: float | None
    lat: float | None


def draw_anew(content: bytes, most_mb: int) -> Photo:
    """Draw a photo anew.

    Raises
    ------
    TooLargeError
        Where it is, packed or unpacked.
    InputError
        Where it is no photo.
    """
    if len(content) > most_mb << 20:
        raise TooLargeError(f"the photo is larger than {most_mb} MB")
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as given:
            small = given.width * given.height <= _MOST_PIXELS
            lon, lat = _where(given.getexif())
            # Decoded only now, when it is known how much that is.
            upright = ImageOps.exif_transpose(given).convert("RGB") if small else None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        upright = None
    except Exception as error:  # whatever a broken file makes the decoder raise: it is not kept
        raise InputError("this is no photo: send JPEG, PNG or WebP") from error
    if upright is None:
        raise TooLargeError(f"the photo has more than {_MOST_PIXELS // 10**6} million pixels")
    upright.thumbnail((_LONGEST, _LONGEST))
    # Into a new picture: the old one still carries what its file said.
    picture = Image.new("RGB", upright.size)
    picture.paste(upright)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY)
    return Photo(out.getvalue(), lon, lat)


def _where(exif: Image.Exif) -> tuple[float | None, float | None]:
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    try:
        lon = _degrees(gps[ExifTags.GPS.GPSLongitude], gps[ExifTags.GPS.GPSLongitudeRef])
        lat = _degrees(gps[ExifTags.GPS.GPSLatitude], gps[ExifTags.GPS.GPSLatitudeRef])
    except (LookupError, TypeError, ValueError, ZeroDivisionError):
        return None, None
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else (None, None)  # noqa: PLR2004 (degrees)


def _degrees(parts: tuple[float, ...], side: str) -> float:
    return _SOUTH_WEST.get(side, 1) * sum(float(part) / sixty for part, sixty in zip(parts, _SIXTY, strict=True))
