"""The flags of a broker of one's own, which another broker makes void."""

from qiki.bus.addresses import without_credentials
from qiki.errors import SettingError
from qiki.setting_layers import LoadedSettings

FLAGS = {"broker.port": "--port", "up.data_dir": "--data-dir"}


def require_own_broker_where_flags_ask(loaded: LoadedSettings) -> None:
    """Refuse flags of the broker that would be started, where ``nats.url`` names one that runs.

    Only what was typed is refused: the environment and files may serve several commands.

    Raises
    ------
    SettingError : says which of the two wins and what to do.
    """
    url = loaded.settings.nats.url
    given = [flag for key, flag in FLAGS.items() if loaded.origins[key] == flag]
    if url is None or not given:
        return
    origin = loaded.origins["nats.url"]
    raise SettingError(
        f"{' and '.join(given)} would be of a broker of its own, but nats.url (from {origin}) is "
        f"{without_credentials(url)}, and the broker there wins: remove {origin} for a system of "
        "its own, or leave the flags out to use that broker (registrar.path is where the "
        "registrar then stores)"
    )
