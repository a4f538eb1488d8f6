"""Rows of results, as a table for people and as JSON for comparisons between versions."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class Row:
    """One measurement: our work on n records and, where there is one, its floor in SQL."""

    name: str
    scale: float
    n: int
    ours_s: float
    floor_s: float | None = None
    memory_mb: float | None = None
    must: str = ""
    ok: bool | None = None
    extra: dict = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        return self.ours_s / self.floor_s if self.floor_s else None

    def as_dict(self) -> dict:
        """The row for JSON; extra figures stand beside the fixed ones.

        >>> Row("x", 1, 10, 3.0, 2.0, extra={"queries": 4}).as_dict()["ratio"]
        1.5
        """
        row = asdict(self)
        extra = row.pop("extra")
        row["ratio"] = round(self.ratio, 3) if self.ratio is not None else None
        for key in ("ours_s", "floor_s", "memory_mb"):
            row[key] = round(row[key], 5) if row[key] is not None else None
        return row | extra


HEADERS = ("benchmark", "n", "ours", "floor", "ratio", "memory", "must", "", "more")


def table(rows: list[Row]) -> str:
    """A table of fixed width."""
    lines = [HEADERS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADERS))]
    text = [_aligned(line, widths) for line in lines]
    return "\n".join([text[0], "-" * len(text[0]), *text[1:]])


def write_json(rows: list[Row], path: str) -> None:
    Path(path).write_text(json.dumps([row.as_dict() for row in rows], indent=2) + "\n")


def seconds(value: float | None) -> str:
    """A duration in the unit in which it reads best.

    >>> seconds(None), seconds(0.0042), seconds(1.5)
    ('-', '4.2 ms', '1.50 s')
    """
    if value is None:
        return "-"
    return f"{value * 1000:.1f} ms" if value < 0.1 else f"{value:.2f} s"


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        f"{row.n:,}",
        seconds(row.ours_s),
        seconds(row.floor_s),
        "-" if row.ratio is None else f"{row.ratio:.2f}",
        "-" if row.memory_mb is None else f"{row.memory_mb:.0f} MB",
        row.must,
        {True: "ok", False: "MISSED", None: ""}[row.ok],
        ", ".join(f"{key} {value}" for key, value in row.extra.items()),
    )


def _aligned(cells: tuple[str, ...], widths: list[int]) -> str:
    left = {0, 6, 7, 8}
    return "  ".join(
        cell.ljust(width) if column in left else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ).rstrip()
