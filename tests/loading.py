"""Clients that ask one address over and over, each on a connection of its own."""

import asyncio
import time
from dataclasses import dataclass, field


@dataclass
class Asked:
    """How a load was answered.

    Attributes
    ----------
    per_second
        Answers.
    p99_ms
        Time that 99 of 100 answers took at most.
    """

    per_second: float
    p99_ms: float


@dataclass
class _Client(asyncio.Protocol):
    """Asks again as soon as it is answered. Answers are known by their length: all are alike."""

    request: bytes
    until: float
    took: list[float]
    done: "asyncio.Future[None]"
    began: float = 0.0
    said: bytearray = field(default_factory=bytearray)
    length: int = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self.said += data
        head = self.said.find(b"\r\n\r\n")
        if head < 0:
            return
        if not self.length:
            assert self.said.startswith(b"HTTP/1.1 200"), bytes(self.said[:200])
            lines = bytes(self.said[:head]).lower().split(b"\r\n")
            told = next(line for line in lines if line.startswith(b"content-length:"))
            self.length = int(told.split(b":")[1])
        if len(self.said) < head + 4 + self.length:
            return
        now = time.perf_counter()
        self.took.append(now - self.began)
        self.said.clear()
        if now < self.until:
            self._ask()
        else:
            self.transport.close()
            self.done.set_result(None)

    def _ask(self) -> None:
        self.began, self.length = time.perf_counter(), 0
        self.transport.write(self.request)


def load(port: int, path: str, *, clients: int = 64, seconds: float = 4.0) -> Asked:
    """Load a server on this machine with clients for some seconds."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    took: list[float] = []

    async def run() -> float:
        loop = asyncio.get_running_loop()
        began = time.perf_counter()
        waits = [loop.create_future() for _ in range(clients)]
        for wait in waits:
            await loop.create_connection(
                lambda wait=wait: _Client(request, began + seconds, took, wait), "127.0.0.1", port
            )
        await asyncio.gather(*waits)
        return time.perf_counter() - began

    lasted = asyncio.run(run())
    took.sort()
    return Asked(len(took) / lasted, took[int(len(took) * 0.99)] * 1e3)
