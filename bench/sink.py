"""A mail server on loopback that counts what it takes, reads mails as a gateway does, and fails as
real ones do. It runs in a thread of the process that asks for it."""

import asyncio
import contextlib
import html
import http.client
import itertools
import re
import threading
import urllib.parse
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy

LINKS = re.compile(r'(?:href|src)="(https?://[^"]+)"')
GREETING, READY, BYE = b"220 sink\r\n", b"250 OK\r\n", b"221 Bye\r\n"

#: what a server may answer to a mail, told apart by (Message-Id, how often it came before)
Answer = Callable[[str, int], bytes | None]
CUT = b""


class Sink:
    """Deliveries by (Message-Id, recipient), and dialogues that broke off with a mail in them.

    `prefetch` reads every picture and link of a mail before it is taken, as security gateways do.
    `answer` may refuse a mail (a line as b"451 ...") or break the line inside DATA (CUT).
    """

    def __init__(self, prefetch: bool = False, answer: Answer | None = None):
        self.deliveries: Counter[tuple[str, str]] = Counter()
        self.tries: Counter[str] = Counter()
        self.broken_off = 0
        self.fetched: Counter[int] = Counter()
        self.port = 0
        self._prefetch, self._answer = prefetch, answer
        self._readers = ThreadPoolExecutor(4)
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Sink":
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_error) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._readers.shutdown(wait=False)

    @property
    def delivered(self) -> int:
        """Mails taken, extra copies included."""
        return sum(self.deliveries.values())

    @property
    def extra_copies(self) -> int:
        return self.delivered - len(self.deliveries)

    # what one dialogue does

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._talk, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()

    async def _talk(self, reader, writer) -> None:
        dialogue = {"taken": False, "quit": False}
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._converse(reader, writer, dialogue)
        if dialogue["taken"] and not dialogue["quit"]:
            self.broken_off += 1
        writer.close()

    async def _converse(self, reader, writer, dialogue) -> None:
        recipients: list[str] = []
        writer.write(GREETING)
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"RCPT":
                recipients.append(line.decode().partition("<")[2].partition(">")[0])
            elif verb == b"DATA":
                writer.write(b"354 Go\r\n")
                content = await reader.readuntil(b"\r\n.\r\n")
                dialogue["taken"] = True
                reply = await self._take(content, recipients)
                recipients = []
                if reply == CUT:
                    dialogue["quit"] = True  # broken off by us, not by the sender
                    return
                writer.write(reply)
                await writer.drain()
                continue
            elif verb == b"RSET":
                recipients = []
            elif verb == b"QUIT":
                dialogue["quit"] = True
                writer.write(BYE)
                return
            writer.write(READY)

    async def _take(self, content: bytes, recipients: list[str]) -> bytes:
        mail = message_from_bytes(content, policy=policy.default)
        message_id = str(mail["Message-Id"]).strip()
        answer = self._answer and self._answer(message_id, self.tries[message_id])
        self.tries[message_id] += 1
        if answer is not None:
            return answer
        if self._prefetch:
            await self._loop.run_in_executor(self._readers, self._read, mail)
        for recipient in recipients:
            self.deliveries[message_id, recipient] += 1
        return READY

    def _read(self, mail) -> None:
        part = mail.get_body(preferencelist=("html",))
        for link in dict.fromkeys(LINKS.findall(part.get_content() if part else "")):
            self.fetched[_fetch(html.unescape(link))] += 1


#: gateways call themselves browsers
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
#: each reader comes from a network of its own, or the limit per network would keep most of them out
_networks = itertools.cycle(f"127.{a}.{b}.1" for a in range(1, 200) for b in range(200))


def _fetch(address: str) -> int:
    """The status of the page; where it redirects to is not on this machine."""
    url = urllib.parse.urlsplit(address)
    connection = http.client.HTTPConnection(
        url.hostname, url.port, timeout=600, source_address=(next(_networks), 0)
    )
    try:
        connection.request("GET", f"{url.path}?{url.query}", headers={"User-Agent": BROWSER})
        return connection.getresponse().status
    finally:
        connection.close()
