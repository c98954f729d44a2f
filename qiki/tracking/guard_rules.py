"""Guard rules: YAML files that say of which tracks there is to be an alert."""

from importlib.resources import files

from qiki._core import CheckedGuardRules
from qiki.document_file import DocumentFile
from qiki.errors import GuardRulesError


class GuardRules(DocumentFile, CheckedGuardRules):
    """Which tracks are to be alerted of. Immutable.

    `docs/guard.md` has the format, `qiki/guard_rules/default.yaml` shows it with comments. Use
    `GuardRules.load` or `GuardRules.from_yaml`; the constructor takes the document as JSON text.

    Attributes
    ----------
    rule_ids : tuple of str
        Names of the rules, in the order of the file.
    """

    _folder = files("qiki.guard_rules")
    _refusal = GuardRulesError
