"""How well a text stands out from its ground, as WCAG 2.1 reckons it."""
import re

WHITE = (255, 255, 255)
# of normal text, level AA
READABLE = 4.5


def parse(css: str) -> tuple[int, ...]:
    """The colour of a computed style; without any, a sheet of paper is white."""
    parts = [float(part) for part in re.findall(r"[\d.]+", css)]
    return WHITE if len(parts) > 3 and parts[3] == 0 else tuple(int(part) for part in parts[:3])


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: tuple[int, ...]) -> float:
    shares = [part / 255 for part in colour]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
