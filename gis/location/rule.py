"""How reports are routed: what is assumed of pins, and what is done at which certainty."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Literal, get_args

import numpy as np

from gis.arrays import Floats
from gis.errors import InputError
from gis.location.prior import Whereabouts
from gis.location.tables import Objects

Unsure = Literal["ask_address", "parent"]


@dataclass(frozen=True)
class RoutingRule:
    """What is assumed and what is done; every answer carries its `version`.

    Attributes
    ----------
    dispatch_at
        Probability from which a report goes to a cell without asking.
    unsure
        What is done with less: ask for the address, or hand it to the desk of the lowest level that is certain.
    nearest_m
        A point outside goes to the nearest cell no farther than this, and is marked so.
    confidence
        Share of positions that lie within a stated accuracy: 0.68 for phones and photos.
    gps_m, pin_m, exif_m
        Accuracy where none is stated, by source; where no source is said either, that of `gps_m`. Nought: exact.
    where
        Where reports come from.
    """

    dispatch_at: float = 0.9
    unsure: Unsure = "ask_address"
    nearest_m: float = 50.0
    confidence: float = 0.68
    gps_m: float = 15.0
    pin_m: float = 8.0
    exif_m: float = 20.0
    where: Whereabouts = field(default_factory=Whereabouts)

    def __post_init__(self) -> None:
        if not 1 / 2 < self.dispatch_at <= 1:
            raise InputError(f"dispatching at {self.dispatch_at:g}: give a probability above 0.5, at most 1")
        if not 0 < self.confidence < 1:
            raise InputError(f"confidence {self.confidence:g}: give a share between 0 and 1")
        if not 0 <= self.nearest_m < np.inf or not min(self.gps_m, self.pin_m, self.exif_m) >= 0:
            raise InputError("metres cannot be below nought")
        if self.unsure not in get_args(Unsure):
            raise InputError(f"unsure {self.unsure}: choose {' or '.join(get_args(Unsure))}")

    @property
    def version(self) -> str:
        """Short name of this rule."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:8]

    def radius(self, stated: Floats, source: Objects) -> Floats:
        """Accuracy of each pin, in metres: the stated one, where it can be meant."""
        assumed = np.select(
            [source == "pin", source == "exif", np.isin(source, ("address", "qr"))],
            [self.pin_m, self.exif_m, 0.0],
            self.gps_m,
        )
        return np.where(stated > 0, stated, assumed)

    def sigma(self, radius: Floats) -> Floats:
        """Return the standard deviation in each direction of a round normal error with this radius of confidence."""
        return radius / np.sqrt(-2 * np.log1p(-self.confidence))
