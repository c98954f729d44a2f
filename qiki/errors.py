"""What QIKI raises. Each message says the value, the limit and the remedy."""


class QikiError(Exception):
    """Base of every error that QIKI raises on purpose."""


class SettingError(QikiError, ValueError):
    """A setting or argument outside its limits."""


class ScenarioError(QikiError, ValueError):
    """A scenario that cannot be used; names the place in the document."""


class FrameError(QikiError, ValueError):
    """A frame or detection that breaks the contract; names the field."""


class TracksError(QikiError, ValueError):
    """A track or tracks message that breaks the contract; names the field."""


class DecodeError(QikiError, ValueError):
    """Bytes that cannot be read; names the format, the offset and the reason."""


class LateFrameError(QikiError):
    """A frame older than one already used."""


class CapacityError(QikiError):
    """A table is full."""


class ModelError(QikiError, ValueError):
    """A user's model returned what it must not; names the model, its arguments and the value."""


class StaleResultError(QikiError):
    """The tracks of a step were first read after the tracker's next step."""


class SnapshotError(QikiError):
    """A snapshot that cannot be restored."""


class ListenError(QikiError):
    """A port that a service cannot listen on."""


class BrokerError(QikiError):
    """The NATS server cannot be found, reached, or used as asked."""


class RecoveryError(BrokerError):
    """What is stored does not allow to go on; starting again does not help, `--new-epoch` may."""
