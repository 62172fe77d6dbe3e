"""The team around a family: who is in it, who leads it, who stands in."""

from taf_service.teams import policies as policies
from taf_service.teams.models import Cover as Cover
from taf_service.teams.models import CoverKind as CoverKind
from taf_service.teams.models import Engagement as Engagement
from taf_service.teams.models import LeadAnswer as LeadAnswer
from taf_service.teams.models import LeadEnquiry as LeadEnquiry
from taf_service.teams.models import LeadTenure as LeadTenure
from taf_service.teams.models import MemberKind as MemberKind
from taf_service.teams.models import Membership as Membership
from taf_service.teams.models import Team as Team
from taf_service.teams.operations.covering import CoverArranged as CoverArranged
from taf_service.teams.operations.covering import CoverEnded as CoverEnded
from taf_service.teams.operations.covering import arrange_cover as arrange_cover
from taf_service.teams.operations.covering import end_cover as end_cover
from taf_service.teams.operations.enquiries import LeadEnquiryAnswered as LeadEnquiryAnswered
from taf_service.teams.operations.enquiries import LeadEnquiryAsked as LeadEnquiryAsked
from taf_service.teams.operations.enquiries import answer_lead_enquiry as answer_lead_enquiry
from taf_service.teams.operations.enquiries import ask_for_existing_lead as ask_for_existing_lead
from taf_service.teams.operations.joining import FamilyMemberAddedToTeam as FamilyMemberAddedToTeam
from taf_service.teams.operations.joining import PractitionerAdded as PractitionerAdded
from taf_service.teams.operations.joining import (
    add_family_member_to_team as add_family_member_to_team,
)
from taf_service.teams.operations.joining import add_practitioner as add_practitioner
from taf_service.teams.operations.opening import TeamOpened as TeamOpened
from taf_service.teams.operations.opening import open_team as open_team
from taf_service.teams.operations.pace import EngagementRecorded as EngagementRecorded
from taf_service.teams.operations.pace import ReviewIntervalChanged as ReviewIntervalChanged
from taf_service.teams.operations.pace import change_review_interval as change_review_interval
from taf_service.teams.operations.pace import record_engagement as record_engagement
from taf_service.teams.operations.places import end_membership as end_membership
from taf_service.teams.operations.places import seat_lead as seat_lead
from taf_service.teams.queries import agencies_in as agencies_in
from taf_service.teams.queries import enquiry_for as enquiry_for
from taf_service.teams.queries import lead_tenure_of as lead_tenure_of
from taf_service.teams.queries import leader_of as leader_of
from taf_service.teams.queries import members_of as members_of
from taf_service.teams.queries import membership_for as membership_for
from taf_service.teams.queries import practitioner_in as practitioner_in
from taf_service.teams.queries import settings_for as settings_for
from taf_service.teams.queries import team_for as team_for
