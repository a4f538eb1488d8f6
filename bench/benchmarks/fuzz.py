"""RELIABILITY 3, CC-3, CC-8: what strangers send to the doors of Customer Care breaks nothing."""

import http.client
import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from odoo.api import Environment
from odoo.tools import SQL

from bench.data.doors import PASSWORD, Doors, open_doors
from bench.harness import Bench, resident_mb
from bench.odd import Odd, Visit, odd_requests
from bench.workers import Workers
from devkit.processes import free_port

REQUESTS = 10_000
#: at one time
CROWD = 4
#: the first requests fill the caches of a server; what grows after them goes on growing
WARM = 0.2
MOST_GROWTH_MB = 48
PATIENCE_S = 120
#: what customers could write besides the tables of Customer Care
MORE_TABLES = ("survey_user_input", "survey_user_input_line", "rating_rating", "res_partner",
               "mail_message", "mail_mail", "mail_blacklist", "mail_activity")  # fmt: skip
ANSWER = "/care/ask/{}"
SESSION = re.compile(r"session_id=[\w-]+")
CSRF = re.compile(r'name="csrf_token" value="(\w+)"')


def run(bench: Bench) -> None:
    """10,000 odd requests: none of them 5xx, no row, no error logged, memory bounded."""
    env, port = bench.env, free_port()
    doors = open_doors(env, f"http://127.0.0.1:{port}")
    env.cr.commit()
    with Workers(env.cr.dbname, 1, 25, threads=0, http=port) as workers:
        crowd = Crowd(port)
        crowd.wait()
        visits = crowd.visit(), crowd.visit(doors.login, PASSWORD)
        wanted = list(odd_requests(doors, bench.sized(REQUESTS, 200), visits))
        before, start = _fingerprints(env), time.monotonic()
        warm = int(len(wanted) * WARM)
        found = crowd.send(wanted[:warm])
        [server] = workers.alive()
        memory = resident_mb(server)
        found += crowd.send(wanted[warm:])
        spent, growth = time.monotonic() - start, max(resident_mb(server) - memory, 0.0)
        changed = sorted(set(before.items()) ^ set(_fingerprints(env).items()))
        heard = _answers_still(env, crowd, doors)
        faults = len(workers.faults())
    worst = [odd for odd, status in zip(wanted, found, strict=True) if status >= 500]
    bench.add(
        "fuzz: odd requests at the customers' doors", len(wanted), spent, memory_mb=growth,
        must=f"no 5xx, no row, no error, growth <= {MOST_GROWTH_MB} MB",
        ok=not worst and not changed and not faults and heard and growth <= MOST_GROWTH_MB,
        extra={
            **{str(status): number for status, number in sorted(Counter(found).items())},
            "written": len(changed), "errors_logged": faults, "heard_after": heard,
            **({"tables": changed} if changed else {}),
            **({"first_5xx": [(odd.kind, odd.method, odd.path[:80]) for odd in worst[:3]]}
               if worst else {}),
        },
    )  # fmt: skip


class Crowd:
    """Strangers, each from a network of his own, so that no limit of one keeps them away."""

    def __init__(self, port: int):
        self.port = port
        self._numbers = count(1)

    def wait(self) -> None:
        """Until the server answers."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                if self.knock(Odd("wait", "GET", "/web/health")) == 200:
                    return
            except OSError:
                time.sleep(0.5)
        raise TimeoutError("the server does not answer")

    def visit(self, login: str = "", password: str = "") -> Visit:
        """A browser that has a form of ours, logged in or not."""
        cookie, page = self._browse(Odd("visit", "GET", "/web/login"))
        visit = Visit(cookie, CSRF.search(page)[1], bool(login))
        if login:
            values = {"login": login, "password": password}
            entry = visit.fill(Odd("visit", "POST", "/web/login"), values)
            visit.cookie, page = self._browse(entry)
            _cookie, page = self._browse(
                Odd("visit", "GET", "/my/cases/new", None, {"Cookie": visit.cookie}))  # fmt: skip
            visit.csrf = CSRF.search(page)[1]
        return visit

    def _browse(self, odd: Odd) -> tuple[str, str]:
        """The session that an answer begins, and its page."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            line.request(odd.method, odd.path, odd.body, odd.headers)
            answer = line.getresponse()
            session = SESSION.search(" ".join(answer.headers.get_all("Set-Cookie", [])))
            return session[0] if session else "", answer.read().decode()
        finally:
            line.close()

    def send(self, wanted: list[Odd]) -> list[int]:
        """The status of each answer; 0 where the server hung up on what it would not read."""
        with ThreadPoolExecutor(CROWD) as strangers:
            return list(strangers.map(self._try, wanted))

    def _try(self, odd: Odd) -> int:
        try:
            return self.knock(odd)
        except (ConnectionError, http.client.HTTPException):
            return 0

    def knock(self, odd: Odd) -> int:
        """All of 127/8 is this machine: the third part of the address is the network."""
        number = next(self._numbers)
        source = f"127.{1 + number // 250 % 250}.{1 + number % 250}.7"
        line = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=60, source_address=(source, 0)
        )
        try:
            line.request(odd.method, odd.path, odd.body, odd.headers)
            answer = line.getresponse()
            answer.read()
            return answer.status
        finally:
            line.close()


def _answers_still(env: Environment, crowd: Crowd, doors: Doors) -> bool:
    """Whether the doors open to whom they are for: else it would prove nothing."""
    [asked, *_others] = doors.asked
    status = crowd.knock(Odd("answer", "POST", ANSWER.format(asked), b"v=9", {
        "Content-Type": "application/x-www-form-urlencoded"}))  # fmt: skip
    [(state,)] = env.execute_query(SQL(
        "SELECT state FROM care_survey_invitation WHERE token = %s", asked))  # fmt: skip
    env.cr.rollback()
    return status == 200 and state == "answered"


def _fingerprints(env: Environment) -> dict[str, str]:
    """What stands in each table, in one word."""
    names = [name for [name] in env.execute_query(SQL(
        """SELECT table_name FROM information_schema.tables
            WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
              AND (table_name LIKE 'care\\_%%' OR table_name = ANY(%s))""",
        list(MORE_TABLES)))]  # fmt: skip
    found = {
        name: env.execute_query(SQL(
            "SELECT count(*) || ' ' || md5(COALESCE(string_agg(t::text, '|' ORDER BY t::text), ''))"
            " FROM %s t", SQL.identifier(name)))[0][0]
        for name in names
    }  # fmt: skip
    env.cr.rollback()
    return found
