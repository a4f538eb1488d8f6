"""Odd requests: what scanners, robots and strangers send to links that are not theirs.

Not one of them gives a reason to write a row: questions are looked at and answered with what is no
answer, keys are forged, forms lack what they need or come without their proof.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from .data.doors import Doors

NASTY = (
    "", "x", "é", "\x00", "a\x00b", "%", "%zz", "'; DROP TABLE care_case; --", "../../etc/passwd",
    "<script>alert(1)</script>", "9" * 40, "-1", "11", str(2**31), str(2**63), "1e1", "None", "[]",
    "{}", "{{7*7}}", "${7*7}", "\ud800".encode("utf-8", "surrogatepass"), b"\xff\xfe\xfd",
    "😀" * 50, "a" * 5_000, "\r\nSet-Cookie: a=b", "٣", "NaN", "true", "1.5", " 9",
)  # fmt: skip
NAMES = (
    "v", "why", "change", "access_token", "reason", "value", "words", "said", "search", "sortby",
    "filterby", "pid", "hash", "subject", "message", "name", "phone", "order", "stamp", "website",
    "category_id", "line_id", "csrf_token", "debug", "lang", "step", "page",
)  # fmt: skip
LOOKING = ("GET", "GET", "GET", "HEAD", "OPTIONS")
WORDS = ("settle", "rate", "reopen")
ODD_METHODS = ("PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "FOO")
HEADERS = {
    "Cookie": "session_id=é; care_ask_1=\x7f; tz=../../etc; frontend_lang=x",
    "Accept-Language": "xx" * 200,
    "Content-Type": "application/json",
    "Origin": "https://evil.example",
    "Sec-Fetch-Site": "cross-site",
    "X-Forwarded-For": "not an address, 1.2.3.4.5",
    "User-Agent": "GoogleImageProxy " + "x" * 3_000,
    "Range": "bytes=0-,-1",
    "Referer": "javascript:alert(1)",
    "X-HTTP-Method-Override": "POST",
}
LARGE = 40_000
FORM = "application/x-www-form-urlencoded"
PART = b'--b\r\nContent-Disposition: form-data; name="v"; filename="../\x00.exe"\r\n\r\n'


@dataclass
class Visit:
    """A browser that is here already: its session, and the proof that its forms are ours."""

    cookie: str
    csrf: str
    #: a customer who is logged in
    known: bool = False

    def fill(self, odd: "Odd", values: dict) -> "Odd":
        """The form with the proof: what is wrong with it is something else."""
        odd.body = urlencode(values | {"csrf_token": self.csrf}).encode()
        odd.headers = {"Content-Type": FORM, "Cookie": self.cookie}
        return odd


@dataclass
class Odd:
    """One request."""

    kind: str
    method: str
    path: str
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


def odd_requests(
    doors: Doors, count: int, visits: tuple[Visit, Visit], seed: int = 8
) -> Iterator[Odd]:
    """So many, the same ones each time; of visitors one is nobody and one a customer."""
    dice = random.Random(seed)
    kinds: list[Callable] = [_look, _look, _forge, _forge, _misanswer, _misform, _method, _walk]
    for number in range(count):
        odd = kinds[number % len(kinds)](dice, doors, dice.choice(visits))
        if dice.random() < 0.3:
            name = dice.choice(list(HEADERS))
            odd.headers = odd.headers | {name: HEADERS[name].encode("utf-8").decode("latin-1")}
        yield odd


def _nasty(dice: random.Random) -> dict[str, str | bytes]:
    return {name: dice.choice(NASTY) for name in dice.sample(NAMES, dice.randint(0, 5))}


def _links(doors: Doors) -> list[str]:
    """Every true link."""
    return [
        *(f"/care/ask/{token}" for token in (*doors.asked, doors.expired)),
        f"/care/ask/open/{doors.counter}",
        *(f"/care/ask/stop/{one}/{token}" for one, token in doors.stops),
        *(f"/care/reminder/{one}/{token}" for one, token in doors.reminders),
        *(f"/my/cases/{one}?access_token={token}" for one, token in doors.cases),
        "/care/contact", f"/care/contact/{doors.form}", f"/care/contact/{doors.form}/frame",
        "/my/cases", "/my/cases/new", "/my/cases/page/2",
    ]  # fmt: skip


def _look(dice, doors, visit) -> Odd:
    """A scanner that opens every link with whatever behind it."""
    path = dice.choice(_links(doors))
    query = urlencode(_nasty(dice))
    return Odd("look", dice.choice(LOOKING), f"{path}{'&' if '?' in path else '?'}{query}",
               headers={"Cookie": visit.cookie})  # fmt: skip


def _forge(dice, doors, visit) -> Odd:
    """Keys that are nearly right, or right for somebody else; and what would be a true answer."""
    (one, token), (other, others) = dice.sample(doors.stops, 2)
    remind, remind_token = dice.choice(doors.reminders)
    case, case_token = dice.choice(doors.cases)
    wrong = dice.choice([others, token[:-1] + "g", token[::-1], token[:32], token.upper(),
                         token + "0", "0" * 64, quote(dice.choice(NASTY))])  # fmt: skip
    asked = dice.choice(doors.asked)
    bad = dice.choice([asked[:-1] + "g", asked[::-1], asked + "0", "0" * 32, token, doors.expired])
    path = dice.choice([
        f"/care/ask/{bad}", f"/care/ask/open/{bad}", f"/care/ask/stop/{one}/{wrong}",
        f"/care/ask/stop/oneclick/{one}/{wrong}", f"/care/ask/stop/oneclick/{other}/{token}",
        f"/care/reminder/oneclick/{remind}/{wrong}", f"/care/reminder/oneclick/{one}/{token}x",
        f"/care/ask/stop/oneclick/{remind}/{remind_token}",
        *(f"/my/cases/{case}/{word}?access_token={wrong}" for word in WORDS),
        f"/care/reminder/{remind}/{wrong}", f"/my/cases/{2**31}/settle",
        f"/my/cases/{10**30}/reopen",
    ])  # fmt: skip
    values = {"v": "9", "why": "Because", "value": "5", "reason": "It is not"}
    if not visit.known and dice.random() < 0.5:
        return visit.fill(Odd("forge", "POST", path), values)
    unproven = [f"/my/cases/{case}/{word}?access_token={case_token}" for word in WORDS]
    path = dice.choice([path, path, *unproven, f"/care/reminder/{remind}/{remind_token}"])
    return _posted("forge", dice, path, values | _nasty(dice))


def _misanswer(dice, doors, _visit) -> Odd:
    """The right key, and what is no answer."""
    path = dice.choice([
        *(f"/care/ask/{token}" for token in doors.asked), f"/care/ask/open/{doors.counter}"])
    answers = [one for one in NASTY if one not in ("0", "9")]
    return _posted("misanswer", dice, path, {**_nasty(dice), "v": dice.choice(answers)})


def _misform(dice, doors, visit) -> Odd:
    """The public form with its signed time forged or over, a customer's without a message."""
    stamp = dice.choice([doors.old_stamp, "1" * 10 + "-" + "0" * 64, dice.choice(NASTY)])
    path = f"/care/contact/{doors.form}{dice.choice(['', '/frame', '/frame'])}"
    values = {"name": "Robot", "subject": "Beans", "message": "Buy beans", **_nasty(dice),
              "email": dice.choice(["robot@example.com", *NASTY]), "stamp": stamp}  # fmt: skip
    if visit.known:
        return visit.fill(Odd("misform", "POST", "/my/cases/new"), values | {"message": ""})
    if dice.random() < 0.5:
        return visit.fill(Odd("misform", "POST", path), values)
    return _posted("misform", dice, path, values)


def _method(dice, doors, _visit) -> Odd:
    """Verbs that nobody expects."""
    return _posted("method", dice, dice.choice(_links(doors)), _nasty(dice),
                   dice.choice(ODD_METHODS))  # fmt: skip


def _walk(dice, doors, _visit) -> Odd:
    """Addresses that are none."""
    base = dice.choice(["/care/ask/", "/care/ask/open/", "/care/ask/stop/1/", "/care/reminder/1/",
                        "/care/reminder/", "/care/contact/", "/my/cases/", "/my/cases/page/",
                        "/care/ask/stop/oneclick/"])  # fmt: skip
    tail = quote(dice.choice(NASTY), safe=dice.choice(["", "/.%"]).replace("%", ""))
    return Odd("walk", dice.choice(["GET", "HEAD", "POST"]), base + tail,
               b"" if dice.random() < 0.5 else None)  # fmt: skip


def _posted(kind: str, dice, path: str, values: dict, method: str = "POST") -> Odd:
    """As a form, as a form of parts that may be cut, as JSON, as nothing that can be read."""
    shape = dice.random()
    if shape < 0.6:
        return Odd(kind, method, path, urlencode(values).encode(),
                   {"Content-Type": FORM})  # fmt: skip
    if shape < 0.75:
        body = PART + b"\x00" * 99 + dice.choice([b"\r\n--b--\r\n", b""])
        return Odd(kind, method, path, body, {"Content-Type": "multipart/form-data; boundary=b"})
    if shape < 0.9:
        return Odd(kind, method, path, b'{"params": {"v": "9"', {"Content-Type": "text/plain"})
    return Odd(kind, method, path, b"v=" + b"9" * LARGE,
               {"Content-Type": FORM})  # fmt: skip
