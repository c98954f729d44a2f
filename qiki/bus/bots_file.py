"""Who the bots of a fleet are for the broker: a user with a password for the account of each."""

import os
import secrets
from pathlib import Path

import msgspec

from qiki.bus.addresses import without_credentials
from qiki.data_folder import up_data_dir
from qiki.errors import SettingError
from qiki.settings import NatsSettings, Settings

BOTS_FILE = "bots.json"
PASSWORD_BYTES = 24


class BotUser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A user of the account of one bot."""

    user: str
    password: str


class BotsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The users of a fleet, by number of the bot, and the broker that knows them.

    Attributes
    ----------
    url : where it listens.
    bots : the first is that of bot 1.
    """

    url: str
    bots: tuple[BotUser, ...]

    def write(self, path: Path) -> None:
        """Write the file, which nobody else may read.

        Raises
        ------
        SettingError : it cannot be written.
        """
        try:
            write_private(path, msgspec.json.format(msgspec.json.encode(self)))
        except OSError as error:
            raise SettingError(
                f"the bots' file is {path}, must be writable ({error.strerror}): choose another "
                "folder with --data-dir"
            ) from error

    @classmethod
    def read(cls, path: Path) -> "BotsFile":
        """Read the file.

        Raises
        ------
        SettingError : there is none, or it is not one.
        """
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except OSError as error:
            raise SettingError(
                f"nats.bots_file is {path}, must be readable ({error.strerror}): start the bots "
                "with `qiki up --bots N`, or name the file of those that run"
            ) from error
        except msgspec.MsgspecError as error:
            raise SettingError(
                f"nats.bots_file is {path}, must have url and bots, each with user and password "
                f"({' '.join(str(error).split())}): correct it"
            ) from error


def write_private(path: Path, content: bytes) -> None:
    """Write a file that none but its owner may read, whatever was there before.

    Raises
    ------
    OSError : it cannot be written.
    """
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def new_users(count: int) -> tuple[BotUser, ...]:
    """Return users for so many bots, each with a password that is drawn anew."""
    return tuple(
        BotUser(f"bot-{number}", secrets.token_urlsafe(PASSWORD_BYTES))
        for number in range(1, count + 1)
    )


def bots_file(settings: Settings) -> Path:
    """Return where the file of the users is."""
    if settings.nats.bots_file is not None:
        return Path(settings.nats.bots_file).expanduser()
    return up_data_dir(settings.up) / BOTS_FILE


def nats_of_bot(settings: Settings, number: int) -> NatsSettings:
    """Return how one bot of a fleet reaches the broker.

    Raises
    ------
    SettingError : the file cannot be used, has no such bot, or is of another broker.
    """
    file = BotsFile.read(bots_file(settings))
    _require_broker_of(file, settings)
    if not 1 <= number <= len(file.bots):
        raise SettingError(
            f"bot is {number}, must be 1 to {len(file.bots)}, as {bots_file(settings)} has them: "
            "name one of them"
        )
    user = file.bots[number - 1]
    return msgspec.structs.replace(
        settings.nats,
        url=settings.nats.url or file.url,
        user=user.user,
        password=user.password,
    )


def _require_broker_of(file: BotsFile, settings: Settings) -> None:
    """Refuse to give passwords to another broker than theirs, unless the file is named for it."""
    nats, path = settings.nats, bots_file(settings)
    if nats.bots_file is None and nats.url not in (None, file.url):
        raise SettingError(
            f"nats.url is {without_credentials(nats.url)}, must be "
            f"{without_credentials(file.url)}, whose bots {path} has: leave it out, or name the "
            "file of that broker's bots by nats.bots_file"
        )


def require_no_bots(settings: Settings) -> None:
    """Refuse to reach a broker on which several bots run without saying which of them is meant.

    Raises
    ------
    SettingError : they run there, and no user is set.
    """
    path, nats = bots_file(settings), settings.nats
    if nats.user is not None or not path.exists():
        return
    file = BotsFile.read(path)
    if nats.url in (None, file.url):
        raise SettingError(
            f"several bots run at {file.url}, one of 1 to {len(file.bots)} must be meant: name it "
            f"by --bot, or remove {path} where they run no more"
        )


def nats_of_bots(settings: Settings) -> list[NatsSettings]:
    """Return how each bot of the settings reaches the broker; a single one needs no file.

    Raises
    ------
    SettingError : as of `nats_of_bot`.
    """
    count = settings.sim.bots
    if count == 1:
        return [settings.nats]
    return [nats_of_bot(settings, number) for number in range(1, count + 1)]


def numbered(path: Path, number: int) -> Path:
    """Return the file of one bot: ``registrar.sqlite3`` becomes ``registrar-2.sqlite3``."""
    return path.with_name(f"{path.stem}-{number}{path.suffix}")
