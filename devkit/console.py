"""What `./dev` says: steps with their time, and errors as sentences."""
import contextlib
import sys
import threading
import time


class DevError(Exception):
    """Something the reader can act on. The text is a sentence that says what to do."""


def say(text: str = "") -> None:
    print(text, flush=True)


@contextlib.contextmanager
def step(title: str):
    """Announce a piece of work, keep the elapsed seconds moving on a terminal, print the total."""
    start = time.monotonic()
    live = sys.stdout.isatty()
    finished = threading.Event()

    def tick():
        while not finished.wait(1):
            print(f"\r  {title} … {time.monotonic() - start:.0f} s ", end="", flush=True)

    if live:
        threading.Thread(target=tick, daemon=True).start()
    else:
        say(f"  {title} …")
    try:
        yield
    except BaseException:
        finished.set()
        say(f"{chr(13) if live else ''}  {title}: stopped after {time.monotonic() - start:.0f} s")
        raise
    finished.set()
    say(f"{chr(13) if live else ''}  {title}: done in {time.monotonic() - start:.0f} s ")
