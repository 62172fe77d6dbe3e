"""Families: registering them, who is in them, how each may safely be reached."""

from __future__ import annotations

from typing import Any

import strawberry

from schema.context import Info, request_of
from schema.families import inputs, payloads
from schema.ids import optional_row_id, row_id
from schema.mutation import mutation
from taf_service import families


def _member(given: inputs.NewMemberInput) -> families.NewMember:
    return families.NewMember(given.name, given.role, given.born_on, given.expected_on)


def _member_id(given: strawberry.ID, field: str = "familyMemberId") -> Any:
    return row_id(given, "FamilyMember", field=field)


def _channel_id(given: strawberry.ID) -> Any:
    return row_id(given, "ContactChannel", field="contactChannelId")


@strawberry.type
class FamilyMutations:
    @mutation(families.register_family, payloads.FamilyRegistered)
    async def register_family(self, info: Info, input: inputs.RegisterFamilyInput) -> Any:
        return await families.register_family(
            request_of(info, input),
            authority_id=row_id(input.authority_id, "Authority", field="authorityId"),
            locality_id=optional_row_id(input.locality_id, "Locality", field="localityId"),
            name=input.name,
            language=input.language,
            interpreter_needs=input.interpreter_needs or "",
            members=tuple(_member(member) for member in input.members),
        )

    @mutation(families.change_family, payloads.FamilyChanged)
    async def change_family(self, info: Info, input: inputs.ChangeFamilyInput) -> Any:
        return await families.change_family(
            request_of(info, input),
            family_id=row_id(input.family_id, "Family", field="familyId"),
            version=input.version,
            name=input.name,
            language=input.language,
            interpreter_needs=input.interpreter_needs,
            locality_id=optional_row_id(input.locality_id, "Locality", field="localityId"),
        )

    @mutation(families.add_family_member, payloads.FamilyMemberAdded)
    async def add_family_member(self, info: Info, input: inputs.AddFamilyMemberInput) -> Any:
        return await families.add_family_member(
            request_of(info, input),
            family_id=row_id(input.family_id, "Family", field="familyId"),
            member=_member(input.member),
            same_person_as_id=optional_row_id(
                input.same_person_as_id, "FamilyMember", field="samePersonAsId"
            ),
            practitioner_id=optional_row_id(
                input.practitioner_id, "Practitioner", field="practitionerId"
            ),
        )

    @mutation(families.record_birth, payloads.BirthRecorded)
    async def record_birth(self, info: Info, input: inputs.RecordBirthInput) -> Any:
        return await families.record_birth(
            request_of(info, input),
            family_member_id=_member_id(input.family_member_id),
            version=input.version,
            born_on=input.born_on,
            name=input.name,
        )

    @mutation(families.remove_family_member, payloads.FamilyMemberRemoved)
    async def remove_family_member(self, info: Info, input: inputs.RemoveFamilyMemberInput) -> Any:
        return await families.remove_family_member(
            request_of(info, input),
            family_member_id=_member_id(input.family_member_id),
            version=input.version,
        )

    @mutation(families.record_relationship, payloads.RelationshipRecorded)
    async def record_relationship(self, info: Info, input: inputs.RecordRelationshipInput) -> Any:
        return await families.record_relationship(
            request_of(info, input),
            first_id=_member_id(input.first_id, "firstId"),
            kind=input.kind,
            second_id=_member_id(input.second_id, "secondId"),
        )

    @mutation(families.record_parental_responsibility, payloads.ParentalResponsibilityRecorded)
    async def record_parental_responsibility(
        self, info: Info, input: inputs.RecordParentalResponsibilityInput
    ) -> Any:
        return await families.record_parental_responsibility(
            request_of(info, input),
            holder_id=_member_id(input.holder_id, "holderId"),
            child_id=_member_id(input.child_id, "childId"),
            basis=input.basis,
            from_on=input.from_on,
        )

    @mutation(families.end_parental_responsibility, payloads.ParentalResponsibilityEnded)
    async def end_parental_responsibility(
        self, info: Info, input: inputs.EndParentalResponsibilityInput
    ) -> Any:
        return await families.end_parental_responsibility(
            request_of(info, input),
            parental_responsibility_id=row_id(
                input.parental_responsibility_id,
                "ParentalResponsibility",
                field="parentalResponsibilityId",
            ),
            ended_on=input.ended_on,
        )

    @mutation(families.add_contact_channel, payloads.ContactChannelAdded)
    async def add_contact_channel(self, info: Info, input: inputs.AddContactChannelInput) -> Any:
        return await families.add_contact_channel(
            request_of(info, input),
            family_member_id=_member_id(input.family_member_id),
            kind=input.kind,
            value=input.value,
            preferred=input.preferred,
            read_by_others=input.read_by_others,
        )

    @mutation(families.prefer_contact_channel, payloads.ContactChannelPreferred)
    async def prefer_contact_channel(
        self, info: Info, input: inputs.PreferContactChannelInput
    ) -> Any:
        return await families.prefer_contact_channel(
            request_of(info, input), contact_channel_id=_channel_id(input.contact_channel_id)
        )

    @mutation(families.end_contact_channel, payloads.ContactChannelEnded)
    async def end_contact_channel(self, info: Info, input: inputs.EndContactChannelInput) -> Any:
        return await families.end_contact_channel(
            request_of(info, input), contact_channel_id=_channel_id(input.contact_channel_id)
        )

    @mutation(families.record_shared_mailbox, payloads.SharedMailboxRecorded)
    async def record_shared_mailbox(
        self, info: Info, input: inputs.RecordSharedMailboxInput
    ) -> Any:
        return await families.record_shared_mailbox(
            request_of(info, input), contact_channel_id=_channel_id(input.contact_channel_id)
        )

    @mutation(families.record_safe_contact, payloads.SafeContactRecorded)
    async def record_safe_contact(self, info: Info, input: inputs.RecordSafeContactInput) -> Any:
        return await families.record_safe_contact(
            request_of(info, input),
            family_member_id=_member_id(input.family_member_id),
            instructions=input.instructions,
            email_allowed=input.email_allowed,
        )

    @mutation(families.record_no_contact, payloads.NoContactRecorded)
    async def record_no_contact(self, info: Info, input: inputs.RecordNoContactInput) -> Any:
        return await families.record_no_contact(
            request_of(info, input),
            first_id=_member_id(input.first_id, "firstId"),
            second_id=_member_id(input.second_id, "secondId"),
            reason=input.reason,
        )

    @mutation(families.end_no_contact, payloads.NoContactEnded)
    async def end_no_contact(self, info: Info, input: inputs.EndNoContactInput) -> Any:
        return await families.end_no_contact(
            request_of(info, input),
            no_contact_id=row_id(input.no_contact_id, "NoContact", field="noContactId"),
            reason=input.reason,
        )

    @mutation(families.stop_contact, payloads.ContactStopped)
    async def stop_contact(self, info: Info, input: inputs.StopContactInput) -> Any:
        return await families.stop_contact(
            request_of(info, input),
            family_member_id=optional_row_id(
                input.contact.family_member_id, "FamilyMember", field="contact.familyMemberId"
            ),
            contact_channel_id=optional_row_id(
                input.contact.contact_channel_id,
                "ContactChannel",
                field="contact.contactChannelId",
            ),
            reason=input.reason,
            note=input.note or "",
        )

    @mutation(families.resume_contact, payloads.ContactResumed)
    async def resume_contact(self, info: Info, input: inputs.ResumeContactInput) -> Any:
        return await families.resume_contact(
            request_of(info, input),
            stop_contact_id=row_id(input.stop_contact_id, "StopContact", field="stopContactId"),
            reason=input.reason,
        )
