"""Odoo 19 itself: the tree in $ODOO_HOME, else Debian's package, unpacked without installing it."""
import os
import shutil
import subprocess
from pathlib import Path

from . import paths, run, venv
from .console import DevError, step

PACKAGE = "odoo-19"
# The package links to these for fonts and scripts. Its icon font is not among them: the archive
# has moved on to Font Awesome 7, Odoo needs 4.7, which comes as a Python wheel.
LINKED = (
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-inconsolata",
    "fonts-ocr-b",
)
# Left out of the package for its licence; without the file every backend page logs an error.
MISSING_SCRIPT = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"
ROLLING_SUITE = {"debian": "sid", "ubuntu": "devel"}
COMPONENT = {"debian": "main", "ubuntu": "universe main"}
ALTERNATIVES = (
    "Set ODOO_HOME to a folder that holds Odoo 19's `odoo` package (a checkout of its sources), "
    "or use Docker: see docker/."
)


def ensure() -> Path:
    """Return the folder to put on PYTHONPATH."""
    given = os.environ.get("ODOO_HOME")
    if given:
        return _check_home(Path(given))
    home = paths.ODOO_TREE / "usr/lib/python3/dist-packages"
    stamp = run.digest(PACKAGE, *LINKED, MISSING_SCRIPT)
    if not run.stamped(paths.ODOO_TREE, stamp):
        with step("Odoo 19 from the distribution's archive into .dev/odoo"):
            shutil.rmtree(paths.ODOO_TREE, ignore_errors=True)
            _unpack()
            _complete(home)
            run.put_stamp(paths.ODOO_TREE, stamp)
    return home


def extra_addons(home: Path) -> list[Path]:
    """A checkout keeps most addons beside the package, a packaged copy inside it."""
    beside = home / "addons"
    return [beside] if (beside / "web" / "static").is_dir() else []


def _check_home(home: Path) -> Path:
    release = home / "odoo" / "release.py"
    if not release.is_file():
        raise DevError(f"ODOO_HOME is {home}, but there is no odoo/release.py in it.")
    if "version_info = (19, 0" not in release.read_text():
        raise DevError(f"ODOO_HOME is {home}, but that is not Odoo 19.0.")
    return home


def _unpack() -> None:
    if not shutil.which("apt-get"):
        raise DevError(f"This machine has no apt-get to fetch Odoo with. {ALTERNATIVES}")
    work = paths.DEV / "apt"
    shutil.rmtree(work, ignore_errors=True)
    options = _private_apt(work)
    run.logged(
        "apt-update",
        ["apt-get", *options, "update"],
        hint=f"The distribution's package lists could not be read. Is the network up? "
        f"{ALTERNATIVES}",
    )
    downloads = work / "debs"
    downloads.mkdir()
    run.logged(
        "apt-download",
        ["apt-get", *options, "download", PACKAGE, *LINKED],
        hint=f"The distribution's archive has no package {PACKAGE} to download. {ALTERNATIVES}",
        cwd=downloads,
    )
    for package in sorted(downloads.glob("*.deb")):
        run.logged(
            "dpkg",
            ["dpkg", "-x", package, paths.ODOO_TREE],
            hint=f"{package.name} could not be unpacked; is the disk full?",
        )
    shutil.rmtree(work)


def _private_apt(work: Path) -> list[str]:
    """Lists of our own, so that nothing of the machine changes and root is not needed."""
    for folder in ("lists/partial", "archives/partial"):
        (work / folder).mkdir(parents=True)
    (work / "status").touch()
    (work / "sources.list").write_text(_source_line())
    return [
        "-q",
        "-o", f"Dir::Etc::sourcelist={work / 'sources.list'}",
        "-o", "Dir::Etc::sourceparts=/dev/null",
        "-o", "Dir::Etc::preferencesparts=/dev/null",
        "-o", f"Dir::State::lists={work / 'lists'}",
        "-o", f"Dir::State::status={work / 'status'}",
        "-o", f"Dir::Cache={work}",
        "-o", "APT::Sandbox::User=root",
    ]  # fmt: skip


def _source_line() -> str:
    """The rolling suite at the archive that the machine itself uses."""
    system = _os_id()
    listing = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN)|$(REPO_URI)|$(SUITE)"],
        capture_output=True,
        text=True,
    ).stdout
    for line in listing.splitlines():
        origin, address, suite = line.split("|")
        if origin.lower() == system and "security" not in suite:
            keyring = Path(f"/usr/share/keyrings/{system}-archive-keyring.gpg")
            signed = f"[signed-by={keyring}] " if keyring.is_file() else ""
            return f"deb {signed}{address} {ROLLING_SUITE[system]} {COMPONENT[system]}\n"
    raise DevError(
        "apt on this machine knows no Debian or Ubuntu archive (or has no package lists yet: "
        f"run `apt-get update` once). {ALTERNATIVES}"
    )


def _os_id() -> str:
    lines = Path("/etc/os-release").read_text().splitlines()
    facts = dict(line.split("=", 1) for line in lines if "=" in line)
    names = [facts.get("ID", ""), *facts.get("ID_LIKE", "").split()]
    for name in (name.strip('"') for name in names):
        if name in ROLLING_SUITE:
            return name
    raise DevError(f"Only Debian and Ubuntu carry Odoo as a package. {ALTERNATIVES}")


def _complete(home: Path) -> None:
    """Fill what the unpacked package links to, or lacks."""
    wheel = venv.site_packages() / "xstatic/pkg/font_awesome/data/fonts"
    fonts = paths.ODOO_TREE / "usr/share/fonts-font-awesome/fonts"
    shutil.copytree(wheel, fonts, dirs_exist_ok=True)
    script = home / "odoo/addons" / MISSING_SCRIPT
    if not script.exists():
        script.parent.mkdir(parents=True, exist_ok=True)
        script.touch()
