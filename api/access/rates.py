"""How often somebody may ask: a bucket each, filled evenly (token bucket)."""

import ipaddress
import math
import threading
from collections import OrderedDict

# Buckets that are kept; whoever asked longest ago is forgotten first, which only ever allows more.
_KEPT = 100_000
# Of an address of IPv6: what belongs to one subscriber, who has as many addresses below as there are.
_NETWORK = 64


def network(address: str) -> str:
    """Return by what somebody without a key is counted: the address, of IPv6 its network."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.IPv6Network((address.partition("%")[0], _NETWORK), strict=False))
    except ValueError:
        return address


class Rates:
    """Buckets of requests, one for each name, in one worker.

    Parameters
    ----------
    per_minute
        Requests that one may make; as many may come at once. 0: no limit.
    """

    def __init__(self, per_minute: int) -> None:
        self._most, self._per_s = float(per_minute), per_minute / 60
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        # Two threads at one bucket: the second would find none, and begin with a full one.
        self._here = threading.Lock()

    def wait(self, name: str, now: float) -> int:
        """Take one from a bucket; return 0, or the whole seconds to wait where it is empty."""
        if not self._most:
            return 0
        with self._here:
            left, since = self._left.pop(name, (self._most, now))
            # A clock that is set back takes nothing away.
            left = min(self._most, left + max(0.0, now - since) * self._per_s)
            granted = left >= 1
            self._left[name] = left - granted, now
            if len(self._left) > _KEPT:
                self._left.popitem(last=False)
        return 0 if granted else math.ceil((1 - left) / self._per_s)
