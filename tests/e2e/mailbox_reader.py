"""Read what the mail catcher keeps, and follow its links, as a recipient would."""
import re
import time
import urllib.error
import urllib.request
from email import message_from_bytes, policy
from pathlib import Path

HUMAN = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
# A person reads before the click; a hit within 10 s of sending (Settings) is a mail gateway's.
READING = 12


class Mailbox:
    def __init__(self, folder: Path):
        self.folder = folder

    def mails(self, to: str) -> list:
        found = []
        for path in sorted(self.folder.glob("*.eml")):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            if to in str(mail["X-Envelope-To"]):
                found.append(mail)
        return found

    def wait_for(self, to: str, count: int = 1, seconds: int = 600):
        """The newest mail to this address, once there are `count`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            mails = self.mails(to)
            if len(mails) >= count:
                return mails[-1]
            time.sleep(1)
        raise AssertionError(f"{to} has {len(self.mails(to))} mails after {seconds} s, not {count}")


def links(mail) -> list[str]:
    """Addresses behind the links of the HTML part, in order."""
    content = mail.get_body(preferencelist=("html",)).get_content()
    return [link.replace("&amp;", "&") for link in re.findall(r'href="(http[^"]+)"', content)]


def hit(link: str, method: str) -> int:
    """What a browser's first request gets; the redirect is not followed."""
    request = urllib.request.Request(link, method=method, headers={"User-Agent": HUMAN})
    try:
        with urllib.request.build_opener(_StayHere).open(request) as answer:
            return answer.status
    except urllib.error.HTTPError as answer:
        return answer.code


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None
