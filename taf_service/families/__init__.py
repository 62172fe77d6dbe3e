"""Families, the people in them, and how each may safely be reached."""

from taf_service.families import policies as policies
from taf_service.families.models import ContactChannel as ContactChannel
from taf_service.families.models import Family as Family
from taf_service.families.models import FamilyMember as FamilyMember
from taf_service.families.models import NoContact as NoContact
from taf_service.families.models import ParentalResponsibility as ParentalResponsibility
from taf_service.families.models import Relationship as Relationship
from taf_service.families.models import RelationshipKind as RelationshipKind
from taf_service.families.models import ResponsibilityBasis as ResponsibilityBasis
from taf_service.families.models import SafeContact as SafeContact
from taf_service.families.models import StopContact as StopContact
from taf_service.families.models import StopReason as StopReason
from taf_service.families.operations.belonging import BirthRecorded as BirthRecorded
from taf_service.families.operations.belonging import FamilyMemberAdded as FamilyMemberAdded
from taf_service.families.operations.belonging import FamilyMemberRemoved as FamilyMemberRemoved
from taf_service.families.operations.belonging import add_family_member as add_family_member
from taf_service.families.operations.belonging import record_birth as record_birth
from taf_service.families.operations.belonging import remove_family_member as remove_family_member
from taf_service.families.operations.protecting import NoContactEnded as NoContactEnded
from taf_service.families.operations.protecting import NoContactRecorded as NoContactRecorded
from taf_service.families.operations.protecting import SafeContactRecorded as SafeContactRecorded
from taf_service.families.operations.protecting import end_no_contact as end_no_contact
from taf_service.families.operations.protecting import record_no_contact as record_no_contact
from taf_service.families.operations.protecting import record_safe_contact as record_safe_contact
from taf_service.families.operations.reaching import ContactChannelAdded as ContactChannelAdded
from taf_service.families.operations.reaching import ContactChannelEnded as ContactChannelEnded
from taf_service.families.operations.reaching import (
    ContactChannelPreferred as ContactChannelPreferred,
)
from taf_service.families.operations.reaching import SharedMailboxRecorded as SharedMailboxRecorded
from taf_service.families.operations.reaching import add_contact_channel as add_contact_channel
from taf_service.families.operations.reaching import end_contact_channel as end_contact_channel
from taf_service.families.operations.reaching import (
    prefer_contact_channel as prefer_contact_channel,
)
from taf_service.families.operations.reaching import record_shared_mailbox as record_shared_mailbox
from taf_service.families.operations.registering import FamilyChanged as FamilyChanged
from taf_service.families.operations.registering import FamilyRegistered as FamilyRegistered
from taf_service.families.operations.registering import change_family as change_family
from taf_service.families.operations.registering import register_family as register_family
from taf_service.families.operations.relating import (
    ParentalResponsibilityEnded as ParentalResponsibilityEnded,
)
from taf_service.families.operations.relating import (
    ParentalResponsibilityRecorded as ParentalResponsibilityRecorded,
)
from taf_service.families.operations.relating import RelationshipRecorded as RelationshipRecorded
from taf_service.families.operations.relating import (
    end_parental_responsibility as end_parental_responsibility,
)
from taf_service.families.operations.relating import (
    record_parental_responsibility as record_parental_responsibility,
)
from taf_service.families.operations.relating import record_relationship as record_relationship
from taf_service.families.operations.stopping import ContactResumed as ContactResumed
from taf_service.families.operations.stopping import ContactStopped as ContactStopped
from taf_service.families.operations.stopping import resume_contact as resume_contact
from taf_service.families.operations.stopping import stop_contact as stop_contact
from taf_service.families.queries import EmailReach as EmailReach
from taf_service.families.queries import Pair as Pair
from taf_service.families.queries import contact_channel_for as contact_channel_for
from taf_service.families.queries import email_reach_of as email_reach_of
from taf_service.families.queries import family_for as family_for
from taf_service.families.queries import family_member_for as family_member_for
from taf_service.families.queries import kept_apart_from as kept_apart_from
from taf_service.families.queries import members_of as members_of
from taf_service.families.queries import pairs_kept_apart as pairs_kept_apart
from taf_service.families.queries import pairs_sharing_a_mailbox as pairs_sharing_a_mailbox
from taf_service.families.queries import people_stopped as people_stopped
from taf_service.families.rules import ChannelKind as ChannelKind
from taf_service.families.rules import FamilyRole as FamilyRole
from taf_service.families.rules import NewMember as NewMember
