"""A server at a distance: a proxy before a server of this machine that makes every round trip longer, and counts."""

import asyncio
import threading
from collections import Counter, deque
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit

#: By what the head of a request begins, after its method.
METHODS = (b"GET ", b"POST ", b"PUT ", b"PATCH ", b"DELETE ")


class Proxy:
    """`with Proxy("http://127.0.0.1:5000", 0.05) as proxy`: the server answers at `proxy.uri`, 50 ms farther away."""

    def __init__(self, server: str, round_trip: float) -> None:
        self.host, self.port = urlsplit(server).hostname, urlsplit(server).port
        self.delay = round_trip / 2
        self.requests: Counter[str] = Counter()
        """By method and path."""
        self.connections = 0
        self._loop = asyncio.new_event_loop()

    def __enter__(self) -> Self:
        listening = threading.Event()
        self._thread = threading.Thread(target=self._run, args=[listening], daemon=True)
        self._thread.start()
        listening.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self, listening: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.uri = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        listening.set()
        self._loop.run_forever()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))

    async def _serve(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """One connection; its opening is a round trip, too."""
        self.connections += 1
        await asyncio.sleep(2 * self.delay)
        far, on = await asyncio.open_connection(self.host, self.port)
        with suppress(asyncio.CancelledError):  # at the end, of those that are kept alive
            await asyncio.gather(self._carry(near, on, count=True), self._carry(far, back))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: bool = False) -> None:
        """One direction: each piece arrives later, and none waits for another."""
        pieces: deque[tuple[float, bytes]] = deque()
        told = asyncio.Event()
        sending = asyncio.ensure_future(self._send(pieces, told, writer))
        with suppress(ConnectionError):
            while piece := await reader.read(1 << 16):
                if count and piece.startswith(METHODS):
                    self.requests[_name(piece)] += 1
                pieces.append((self._loop.time() + self.delay, piece))
                told.set()
        pieces.append((self._loop.time() + self.delay, b""))
        told.set()
        await sending

    async def _send(
        self, pieces: deque[tuple[float, bytes]], told: asyncio.Event, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(ConnectionError):
            while True:
                while not pieces:
                    told.clear()
                    await told.wait()
                when, piece = pieces.popleft()
                await asyncio.sleep(max(0.0, when - self._loop.time()))
                if not piece:
                    break
                writer.write(piece)
        writer.close()


def _name(piece: bytes) -> str:
    """Its method and path, without ids and names of files."""
    method, path = piece.split(b" ", 2)[:2]
    parts = path.decode().partition("?")[0].split("/")
    kept = [part for part in parts if len(part) < 32]
    return f"{method.decode()} {'/'.join(kept[:6] if 'mlflow-artifacts' in kept else kept)}"
