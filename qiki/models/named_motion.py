"""Motion models that settings name, as text: ``module:function``."""

from types import ModuleType
from typing import Any

from qiki._core import CompiledMotion
from qiki.errors import SettingError
from qiki.models.module import imported

_REMEDY = "make one with qiki.models.motion_model or motion_from_capsule"


class MotionNames:
    """Finds the motion models of one reading of settings; each module is imported once.

    So two settings that name one function in the same words hold the same model.
    """

    def __init__(self) -> None:
        self._modules: dict[str, ModuleType] = {}

    def decode(self, _kind: type, value: Any) -> CompiledMotion:
        """Return the model that ``module:function`` names; a ``dec_hook`` of msgspec.

        Parameters
        ----------
        value : object
            What stands there. The module is a name that can be imported, or the path of a ``.py``
            file.

        Raises
        ------
        qiki.errors.SettingError
            No such text, module or model, or a module that cannot be imported.
        """
        module, _, function = value.rpartition(":") if isinstance(value, str) else ("", "", "")
        if not module or not function:
            raise SettingError(
                f"model is {value!r}, must be MODULE:FUNCTION or FILE.py:FUNCTION, a motion model: "
                f"{_REMEDY}"
            )
        return _model_of(self._module(module), module, function)

    def _module(self, name: str) -> ModuleType:
        if name not in self._modules:
            self._modules[name] = imported(name, "the module of a motion model")
        return self._modules[name]


def _model_of(found: ModuleType, module: str, function: str) -> CompiledMotion:
    model = vars(found).get(function)
    if isinstance(model, CompiledMotion):
        return model
    known = [name for name, value in vars(found).items() if isinstance(value, CompiledMotion)]
    raise SettingError(
        f"model is {f'{module}:{function}'!r}, must be a motion model of {module}, which has "
        f"{', '.join(known) or 'none'}: {_REMEDY}"
    )
