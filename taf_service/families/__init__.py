"""Families, the people in them, and how each may safely be reached."""

from taf_service.families import policies as policies
from taf_service.families.models import ChannelKind as ChannelKind
from taf_service.families.models import ContactChannel as ContactChannel
from taf_service.families.models import Family as Family
from taf_service.families.models import FamilyMember as FamilyMember
from taf_service.families.models import FamilyRole as FamilyRole
from taf_service.families.models import NoContact as NoContact
from taf_service.families.models import RelationshipKind as RelationshipKind
from taf_service.families.models import ResponsibilityBasis as ResponsibilityBasis
from taf_service.families.models import SafeContact as SafeContact
from taf_service.families.models import StopContact as StopContact
from taf_service.families.models import StopReason as StopReason
from taf_service.families.queries import EmailReach as EmailReach
from taf_service.families.queries import Pair as Pair
from taf_service.families.queries import contact_channel_for as contact_channel_for
from taf_service.families.queries import email_reach_of as email_reach_of
from taf_service.families.queries import family_for as family_for
from taf_service.families.queries import family_member_for as family_member_for
from taf_service.families.queries import pairs_kept_apart as pairs_kept_apart
from taf_service.families.queries import pairs_sharing_a_mailbox as pairs_sharing_a_mailbox
from taf_service.families.queries import people_stopped as people_stopped
