"""What all our public pages have in common: who may knock how often, and what nobody keeps."""
import time

from odoo.addons.customer_care.engine.window import Window, network_of
from odoo.http import request
from werkzeug.exceptions import TooManyRequests


def admit(door: Window, caller: str | None = None) -> None:
    """Refuse what comes too often: of the caller named, else of the network that asks."""
    if caller is None:
        caller = network_of(request.httprequest.remote_addr)
    if not door.admits(caller, time.monotonic()):
        raise TooManyRequests()


def render_private(template: str, values: dict, status: int = 200, frames: list[str] = ()):
    """A page behind a link that is a key: kept nowhere, found by nobody, told to no other site.

    :param frames: other sites whose pages may show it
    """
    response = request.render(template, values, status=status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Content-Security-Policy"] = " ".join(["frame-ancestors 'self'", *frames])
    return response
