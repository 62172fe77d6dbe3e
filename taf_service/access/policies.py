"""Who may let somebody sign in, and give them an office."""

from __future__ import annotations

from taf_service.core.actors import Standing
from taf_service.core.policies import ANYWHERE, policy

link_account = policy(
    "link_account",
    "Administrators link accounts to practitioners who work in their authority.",
    on=ANYWHERE,
    to={Standing.ADMINISTRATOR},
)
disable_account = policy(
    "disable_account",
    "Administrators disable the accounts of people who work, or hold an office, in their"
    " authority.",
    on="account",
    to={Standing.ADMINISTRATOR},
)
appoint_to_office = policy(
    "appoint_to_office",
    "Administrators of the authority appoint to its offices.",
    on="authority",
    to={Standing.ADMINISTRATOR},
)
end_office = policy(
    "end_office",
    "Administrators of the authority end an office there.",
    on="authority",
    to={Standing.ADMINISTRATOR},
)
