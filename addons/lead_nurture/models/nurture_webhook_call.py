import socket
import threading
from contextlib import contextmanager, suppress
from uuid import uuid4

import certifi
import urllib3
from odoo import api, models
from odoo.addons.lead_nurture.engine import webhook as engine

TIMEOUT = urllib3.Timeout(connect=5, read=10)
# seconds for the whole call: the limits above are for each piece that arrives
DEADLINE = 20
READ = 500  # bytes of an answer that are looked at
SECRET = "lead_nurture.webhook_secret"


class NurtureWebhook(models.Model):
    """The call itself. It goes to the address that was checked, not to what the name means a moment
    later; it follows no redirect; and it never raises."""

    _inherit = "nurture.webhook"

    def _post(self, now):
        """→ engine.Answer"""
        self.ensure_one()
        sentence = self._refusal_text(self.url)
        if sentence:
            return engine.Answer(text=sentence)
        target = engine.read_url(self.url)
        try:
            return self._read_answer(self._send(target, now))
        except (OSError, urllib3.exceptions.HTTPError) as error:
            return engine.Answer(passing=True, text=f"{error.__class__.__name__}: {error}"[:500])
        except engine.PrivateAddressError:
            return engine.Answer(
                text=self.env._("%s has an address inside this network.", target.host)
            )

    def _send(self, target, now):
        with self._pool(target) as pool, self._deadline(pool):
            response = pool.urlopen(
                "POST", target.path, body=self.body.encode(), headers=self._headers(target, now),
                redirect=False, retries=False, preload_content=False,
            )  # fmt: skip
            text = response.read(READ).decode("utf-8", "replace")
            status = response.status
            response.close()
        return status, text

    @contextmanager
    def _deadline(self, pool):
        """Cut the connection of a receiver that lets its answer drip, a byte at a time."""
        opened = []

        class Connection(pool.ConnectionCls):
            def _new_conn(self):
                sock = super()._new_conn()
                opened.append(sock.dup())  # TLS takes the first one over
                return sock

        def cut():
            for sock in opened:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

        pool.ConnectionCls = Connection
        timer = threading.Timer(DEADLINE, cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
            for sock in opened:
                sock.close()

    def _read_answer(self, got):
        status, text = got
        if 300 <= status < 400:
            text = self.env._("The address moved. Redirects are not followed.")
        return engine.Answer(status, engine.may_pass(status), f"{status}: {text}"[:500])

    def _headers(self, target, now):
        moment = int(now.timestamp())
        return {
            "Host": target.netloc,
            "Content-Type": "application/json",
            "User-Agent": "Odoo-Lead-Nurture/1",
            "X-Nurture-Delivery": f"{self.enrolment_id.id}-{self.node_uid}-{self.visit}",
            "X-Nurture-Timestamp": str(moment),
            "X-Nurture-Signature": engine.sign(self._secret(), moment, self.body),
        }

    def _pool(self, target):
        address = self._address(target)
        if target.scheme == "http":
            return urllib3.HTTPConnectionPool(address, target.port, timeout=TIMEOUT)
        return urllib3.HTTPSConnectionPool(
            address, target.port, timeout=TIMEOUT, server_hostname=target.host,
            assert_hostname=target.host, cert_reqs="CERT_REQUIRED", ca_certs=certifi.where(),
        )  # fmt: skip

    def _address(self, target):
        """The address to connect to; PrivateAddressError for one that the list does not name."""
        found = [
            entry[4][0]
            for entry in socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        ]
        if not engine.may_be_private(target, self._rules()):
            if not all(engine.is_public(address) for address in found):
                raise engine.PrivateAddressError(target.host)
        return found[0]

    @api.model
    def _secret(self):
        """The key of the signatures, made when it is first needed."""
        parameters = self.env["ir.config_parameter"].sudo()  # sudo: a secret of the system
        secret = parameters.get_param(SECRET)
        if not secret:
            secret = uuid4().hex + uuid4().hex
            parameters.set_param(SECRET, secret)
        return secret
