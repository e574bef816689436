"""Licences as the Hub names them, and what to say of many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NAMES = """
apache-2.0 mit openrail bigscience-openrail-m creativeml-openrail-m bigscience-bloom-rail-1.0
bigcode-openrail-m afl-3.0 artistic-2.0 bsl-1.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear c-uda cc
cc0-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0
cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0
cdla-sharing-1.0 cdla-permissive-1.0 cdla-permissive-2.0 wtfpl ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1
eupl-1.2 agpl-3.0 gfdl gpl gpl-2.0 gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 isc lppl-1.3c ms-pl mpl-2.0 odc-by odbl
openrail++ osl-3.0 postgresql ofl-1.1 ncsa unlicense zlib pddl lgpl-lr deepfloyd-if-license llama2 gemma
unknown other
"""

HUB_LICENSES = frozenset(_NAMES.split())
"""Licence tags that a card may name (Hub documentation, "Licenses")."""

_SPDX = {
    "odc-by-1.0": "odc-by",
    "odbl-1.0": "odbl",
    "pddl-1.0": "pddl",
    "gfdl-1.3": "gfdl",
    "gfdl-1.2": "gfdl",
}


def hub_license(name: str) -> str | None:
    """The Hub's tag for a licence given as Hub tag or SPDX id, in any case; None if the Hub has none."""
    wanted = name.strip().lower()
    wanted = wanted.removesuffix("-only").removesuffix("-or-later")
    wanted = _SPDX.get(wanted, wanted)
    return wanted if wanted in HUB_LICENSES else None


def license_header(whole: str | None, rows: Mapping[str | None, int]) -> dict[str, Any]:
    """The licence keys of a card's header.

    Args:
        whole: licence of the whole release, if its maker says so.
        rows: rows by licence; None is unknown.
    """
    licenses = {whole: 0} if whole else rows
    if len(licenses) > 1:
        said = ", ".join(f"{name or 'unknown'} ({count:,} rows)" for name, count in licenses.items())
        return {"license": "other", "license_name": "mixed", "license_details": said}
    name = next(iter(licenses), None)
    if name is None:
        return {"license": "unknown"}
    tag = hub_license(name)
    return {"license": tag} if tag else {"license": "other", "license_name": name}
