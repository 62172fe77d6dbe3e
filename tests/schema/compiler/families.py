"""Records what is known of one family, apart from its team: who must not meet, who is safe how."""

from __future__ import annotations

from tests.schema.compiler.building import Builder
from tests.stage import AFamily, Somebody, place_of


async def record(builder: Builder, family: AFamily, registrar: Somebody) -> None:
    """What is known of a family, apart from its team."""
    stage = builder.stage
    gone = await stage.family_member(family.family_id, "Gone Grandparent", "OTHER")
    await builder.change("family_member", place_of(gone), left_at=builder.now)
    await _relate(builder, family)
    await _guard(builder, family, registrar)
    await stage.insert(
        "contact_channel",
        family_id=family.family_id,
        family_member_id=family.parent.family_member_id,
        kind="TEXT",
        value="07700 900000",
        added_at=builder.now,
        ended_at=builder.now if builder.maybe(0.3) else None,
    )
    await stage.insert(
        "lead_enquiry",
        family_id=family.family_id,
        authority_id=stage.authority_id,
        locality_id=stage.locality_id,
        asked_by_id=registrar.person_id,
        asked_at=builder.moment(-5, -1),
        question=builder.text(),
        version=builder.new_id(),
    )


async def _relate(builder: Builder, family: AFamily) -> None:
    child = family.child.family_member_id
    for number, parent in enumerate((family.parent, family.other_parent)):
        ended_at = builder.now if builder.maybe(0.25) else None
        await builder.stage.insert(
            "relationship",
            family_id=family.family_id,
            from_member_id=parent.family_member_id,
            to_member_id=child,
            kind="PARENT" if number == 0 else "STEP_PARENT",
            recorded_at=builder.moment(-9, -1),
            ended_at=ended_at,
        )
        await builder.stage.insert(
            "parental_responsibility",
            family_id=family.family_id,
            holder_id=parent.family_member_id,
            child_id=child,
            basis="MOTHER" if number == 0 else "COURT_ORDER",
            from_on=builder.day(-900, -300) if builder.maybe() else None,
            ended_on=builder.today if ended_at else None,
        )


async def _guard(builder: Builder, family: AFamily, registrar: Somebody) -> None:
    """Who must not meet, whom nothing is sent to, and how somebody may safely be reached."""
    stage = builder.stage
    if builder.maybe(0.85):
        no_contact = await stage.no_contact(family, family.parent, family.other_parent)
        if builder.maybe(0.25):
            await builder.change("no_contact", no_contact, ended_at=builder.now)
    if builder.maybe(0.2):
        await stage.no_contact(family, family.parent, builder.chance.choice(builder.practitioners))
    await stage.insert(
        "safe_contact",
        family_id=family.family_id,
        family_member_id=family.parent.family_member_id,
        instructions=builder.text(),
        email_allowed=builder.maybe(),
        recorded_by_id=registrar.person_id,
        recorded_at=builder.now,
    )
    for whom in ("person_id", "address_id"):
        if builder.maybe(0.8):
            await _stop(builder, family, registrar, whom)


async def _stop(builder: Builder, family: AFamily, registrar: Somebody, whom: str) -> None:
    address_id = await builder.stage.owner.fetchval(
        "select b.address_id from mailbox b where b.person_id = $1", family.parent.person_id
    )
    found = {"person_id": family.parent.person_id, "address_id": address_id}[whom]
    await builder.stage.insert(
        "stop_contact",
        family_id=family.family_id,
        reason=builder.chance.choice(["DANGER", "BEREAVEMENT"]),
        note=builder.text(),
        stopped_by_id=registrar.person_id,
        stopped_at=builder.now,
        lifted_at=builder.now if builder.maybe(0.3) else None,
        **{whom: found},
    )
