"""Who may change the directory."""

from __future__ import annotations

from taf_service.core.actors import Standing
from taf_service.core.policies import ANYWHERE, policy

_KEEPERS = {Standing.ADMINISTRATOR, Standing.COORDINATOR}

register_agency = policy(
    "register_agency",
    "Administrators and coordinators register agencies.",
    on=ANYWHERE,
    to=_KEEPERS,
)
register_agency_of_authority = policy(
    "register_agency_of_authority",
    "Administrators and coordinators of an authority register the agencies that belong to it.",
    on="authority",
    to=_KEEPERS,
)
change_agency = policy(
    "change_agency",
    "Administrators change agencies; one that belongs to an authority, administrators there.",
    on="agency",
    to={Standing.ADMINISTRATOR},
)
close_agency = policy(
    "close_agency",
    "Administrators close agencies; one that belongs to an authority, administrators there.",
    on="agency",
    to={Standing.ADMINISTRATOR},
)
add_role_mailbox = policy(
    "add_role_mailbox",
    "Administrators and coordinators add an agency's mailboxes; where the agency belongs to an"
    " authority, those there.",
    on="agency",
    to=_KEEPERS,
)
register_practitioner = policy(
    "register_practitioner",
    "Administrators and coordinators register practitioners.",
    on=ANYWHERE,
    to=_KEEPERS,
)
rename_practitioner = policy(
    "rename_practitioner",
    "Administrators and coordinators correct a practitioner's name.",
    on="practitioner",
    to=_KEEPERS,
)
staff_agency = policy(
    "staff_agency",
    "Administrators and coordinators record who works for an agency; where it belongs to an"
    " authority, those there.",
    on="agency",
    to=_KEEPERS,
)
affiliate_practitioner = policy(
    "affiliate_practitioner",
    "Administrators and coordinators record where a practitioner works.",
    on="practitioner",
    to=_KEEPERS,
)
end_affiliation = policy(
    "end_affiliation",
    "Administrators, coordinators and the practitioner record that they leave an agency; where it"
    " belongs to an authority, those there.",
    on="affiliation",
    to={*_KEEPERS, Standing.SELF},
)
