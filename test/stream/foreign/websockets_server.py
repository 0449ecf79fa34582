"""A peer written with Python's websockets. Each connection gets one event, then the next misdeed of the list."""
import asyncio
import json
import struct
import sys

import websockets

count = 0


def event(number):
    return json.dumps({"type": "TRANSCRIPT_FRAGMENT", "interactionId": "i", "text": f"{number} \u00e4\u20ac\U0001f600"}, ensure_ascii=False)


def raw(data):
    async def send(connection):
        connection.transport.write(data)
        await asyncio.sleep(5)
    return send


def close(code, reason=""):
    async def send(connection):
        await connection.close(code, reason)
    return send


async def oversize(connection):
    await connection.send("x" * (1024 * 1024 + 1))
    await asyncio.sleep(5)


async def fragments(connection):
    """One event in pieces that cut its characters, sent as continuation frames."""
    text = event("pieces").encode()
    pieces = [text[at:at + 3] for at in range(0, len(text), 3)]
    for index, piece in enumerate(pieces):
        first, last = index == 0, index == len(pieces) - 1
        head = (0x80 if last else 0) | (0x1 if first else 0x0)
        connection.transport.write(struct.pack("!BB", head, len(piece)) + piece)
    await connection.close(1001)


async def binary(connection):
    await connection.send(b"\x00\xff")
    await connection.close(1012)


async def pings(connection):
    """The client has to answer, or websockets would raise here."""
    for _ in range(5):
        await asyncio.wait_for(await connection.ping(), 5)
    await connection.close(1013)


misdeeds = [
    close(1000), close(1001, "rotation"), close(1011), close(1012), close(1013), close(4000),
    raw(b"\x81\x02\xc3\x28"),  # text that is not UTF-8
    raw(b"\xc1\x02{}"),  # RSV1 without an extension
    raw(b"\xa1\x02{}"),  # RSV2
    raw(b"\x91\x02{}"),  # RSV3
    raw(b"\x83\x02{}"),  # a reserved opcode
    raw(b"\x81\x82\x00\x00\x00\x00{}"),  # a server must not mask
    raw(b"\x09\x00"),  # a fragmented control frame
    raw(b"\x80\x02{}"),  # a continuation of nothing
    raw(b"\x89\x7e\x00\x7e" + b"x" * 126),  # a control frame that is too long
    raw(b"\x88\x02\x03\xed"),  # close code 1005 on the wire
    raw(b"\x88\x01\x03"),  # half a close code
    oversize, fragments, binary, pings, close(1008, "enough"),
]


async def serve(connection, _path=None):
    global count
    number = count
    count += 1
    assert connection.request_headers["Authorization"] == f"Bearer {connection.path.strip('/')}"
    await connection.send(event(number))
    await misdeeds[number](connection)


async def main():
    async with websockets.serve(serve, "127.0.0.1", 0, ping_interval=None) as server:
        print(json.dumps({"port": server.sockets[0].getsockname()[1], "misdeeds": len(misdeeds)}), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)

asyncio.run(main())
