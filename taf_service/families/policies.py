"""Who may register a family and record what concerns its people."""

from __future__ import annotations

from taf_service.core.actors import Standing
from taf_service.core.policies import ANYWHERE, Policy, Unset, policy

_WORKING = {Standing.PRACTITIONER, Standing.LEAD, Standing.DEPUTY, Standing.REGISTRAR}

register_family = policy(
    "register_family",
    "Practitioners and coordinators register families.",
    on=ANYWHERE,
    to={Standing.IN_DIRECTORY, Standing.COORDINATOR},
)


def _by_practitioners(name: str, words: str, *, on: str) -> Policy:
    return policy(name, f"Practitioners who work with the family {words}.", on=on, to=_WORKING)


change_family = _by_practitioners("change_family", "correct what is known of it", on="family")
add_family_member = _by_practitioners("add_family_member", "add its members", on="family")
record_birth = _by_practitioners("record_birth", "record a birth", on="family_member")
remove_family_member = _by_practitioners(
    "remove_family_member", "record who is no longer in it", on="family_member"
)
record_relationship = _by_practitioners(
    "record_relationship", "record who is what to whom", on="family"
)
record_parental_responsibility = _by_practitioners(
    "record_parental_responsibility", "record parental responsibility", on="family"
)
end_parental_responsibility = policy(
    "end_parental_responsibility",
    "Practitioners who work with the family record that parental responsibility ended.",
    on="parental_responsibility",
    to=_WORKING,
    when=(Unset("ended_on"),),
)
add_contact_channel = _by_practitioners(
    "add_contact_channel", "record how somebody is reached", on="family_member"
)
prefer_contact_channel = policy(
    "prefer_contact_channel",
    "Practitioners who work with the family record the way somebody prefers.",
    on="contact_channel",
    to=_WORKING,
    when=(Unset("ended_at"),),
)
end_contact_channel = policy(
    "end_contact_channel",
    "Practitioners who work with the family record that a way to reach somebody ended.",
    on="contact_channel",
    to=_WORKING,
    when=(Unset("ended_at"),),
)
record_shared_mailbox = policy(
    "record_shared_mailbox",
    "Practitioners who work with the family record that somebody else may read a mailbox.",
    on="contact_channel",
    to=_WORKING,
    when=(Unset("ended_at"),),
)
record_safe_contact = _by_practitioners(
    "record_safe_contact", "record how somebody is safely reached", on="family_member"
)
record_no_contact = _by_practitioners("record_no_contact", "record who must not meet", on="family")
end_no_contact = policy(
    "end_no_contact",
    "Practitioners who work with the family record that two people may meet again.",
    on="no_contact",
    to=_WORKING,
    when=(Unset("ended_at"),),
)
stop_contact = _by_practitioners(
    "stop_contact", "stop all contact with somebody", on="family_member"
)
resume_contact = policy(
    "resume_contact",
    "Practitioners who work with the family, and whoever stopped contact, let it begin again.",
    on="stop_contact",
    to={*_WORKING, Standing.OWNER},
    when=(Unset("lifted_at"),),
)
