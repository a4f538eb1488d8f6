"""Read what the mail catcher keeps, as a recipient would."""
import re
import time
from email import message_from_bytes, policy
from pathlib import Path


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

    def wait_for(self, to: str, count: int = 1, seconds: int = 150):
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
