"""A peer written with Autobahn: frames by hand, chopped into single bytes on the wire, and strict with what it is sent."""
import asyncio
import json
import sys

from autobahn.asyncio.websocket import WebSocketServerFactory, WebSocketServerProtocol


class Peer(WebSocketServerProtocol):
    count = 0
    heartbeats = 0

    def onConnect(self, request):
        self.token_in_query = request.params.get("access_token") == ["token-1"]

    def onOpen(self):
        number = Peer.count
        Peer.count += 1
        event = json.dumps({"type": "TRANSCRIPT_FRAGMENT", "interactionId": "i", "text": f"{number} {self.token_in_query} \u20ac"}, ensure_ascii=False).encode()
        if number == 0:
            self.sendFrame(opcode=1, payload=event, chopsize=1)
            self.sendClose(4001, "chopped")
        elif number == 1:
            self.sendMessage(event, fragmentSize=2)
            self.sendClose(4012, "fragmented")
        elif number == 2:
            self.sendMessage(event)
            self.sendFrame(opcode=1, payload=b"{}", rsv=4)
        elif number == 3:
            self.sendMessage(event)
            self.sendFrame(opcode=1, payload=b"{}", rsv=2)
        elif number == 4:
            # Messages and control frames in between the pieces of another one.
            half = len(event) // 2
            self.sendFrame(opcode=1, payload=event[:half], fin=False)
            self.sendPing(b"in between")
            self.sendFrame(opcode=0, payload=event[half:])
        else:
            self.sendMessage(event)

    def onPong(self, payload):
        if payload == b"in between":
            self.sendClose(4013, "pong came")

    def onPing(self, payload):
        self.sendPong(payload)
        self.sendMessage(json.dumps({"type": "PING_SEEN"}).encode())

    def onClose(self, wasClean, code, reason):
        print(json.dumps({"clean": wasClean, "code": code}), flush=True)


async def main():
    factory = WebSocketServerFactory("ws://127.0.0.1")
    factory.protocol = Peer
    factory.setProtocolOptions(utf8validateIncoming=True, requireMaskedClientFrames=True, applyMask=True, failByDrop=False, closeHandshakeTimeout=30)
    server = await asyncio.get_running_loop().create_server(factory, "127.0.0.1", 0)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)

asyncio.run(main())
