"""A release's rows in the forms that other software reads: `export`, and the table of forms."""

from xlcorpus.release.exports.forms import FORMS
from xlcorpus.release.exports.write import Exported, SplitExport, export

__all__ = ["FORMS", "Exported", "SplitExport", "export"]
