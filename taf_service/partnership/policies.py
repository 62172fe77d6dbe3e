"""Who may change an authority."""

from __future__ import annotations

from taf_service.core.actors import Standing
from taf_service.core.policies import policy

change_settings = policy(
    "change_settings",
    "Administrators of the authority change its settings.",
    on="authority",
    to={Standing.ADMINISTRATOR},
)
add_locality = policy(
    "add_locality",
    "Administrators of the authority add its localities.",
    on="authority",
    to={Standing.ADMINISTRATOR},
)
