"""A slow line on loopback: a TCP proxy that holds every byte back and lets only so many through a second.

`python -m benchmarks.slow_line TARGET_PORT` prints the port it listens on, and serves until it is ended.
"""

import asyncio
import subprocess
import sys
from contextlib import contextmanager

DELAY = 0.075  # seconds in each direction: a round trip takes 150 ms
BYTES_A_SECOND = 10_000_000 / 8
CHUNK = 16_384


class Direction:
    """One direction of the line, shared by all connections: a chunk leaves when those before it have left."""

    def __init__(self):
        self._free = 0.0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        chunks = asyncio.Queue(64)
        sending = asyncio.create_task(self._send(chunks, writer))
        clock = asyncio.get_running_loop().time
        try:
            while chunk := await reader.read(CHUNK):
                self._free = max(self._free, clock()) + len(chunk) / BYTES_A_SECOND
                await chunks.put((self._free + DELAY, chunk))
        except ConnectionError:
            pass
        await chunks.put((0, b""))
        await sending

    async def _send(self, chunks: asyncio.Queue, writer: asyncio.StreamWriter) -> None:
        clock = asyncio.get_running_loop().time
        broken = False
        while True:
            due, chunk = await chunks.get()
            if not chunk:
                break
            await asyncio.sleep(max(0, due - clock()))
            if not broken:
                try:
                    writer.write(chunk)
                    await writer.drain()
                except ConnectionError:
                    broken = True
        writer.close()


async def serve(target: int) -> None:
    down, up = Direction(), Direction()

    async def connect(reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(up.carry(reader, far_writer), down.carry(far_reader, writer))

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def slow_line(target: int):
    """The port of a slow line to the local port `target`, in a process of its own so that it delays nothing else."""
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.slow_line", str(target)], stdout=subprocess.PIPE, text=True)
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    try:
        asyncio.run(serve(int(sys.argv[1])))
    except KeyboardInterrupt:
        pass
