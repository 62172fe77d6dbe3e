"""Closed sets of the domain, published under the names they are stored by."""

from __future__ import annotations

import strawberry

from notifications.outbox import DeliveryState as _DeliveryState
from taf_service import directory, families, meetings, partnership, plans, teams

Office = strawberry.enum(partnership.Office)
AgencyKind = strawberry.enum(directory.AgencyKind)
DomainPolicy = strawberry.enum(directory.DomainPolicy)
FamilyRole = strawberry.enum(families.FamilyRole)
RelationshipKind = strawberry.enum(families.RelationshipKind)
ResponsibilityBasis = strawberry.enum(families.ResponsibilityBasis)
ChannelKind = strawberry.enum(families.ChannelKind)
StopReason = strawberry.enum(families.StopReason)
MemberKind = strawberry.enum(teams.MemberKind)
CoverKind = strawberry.enum(teams.CoverKind)
Engagement = strawberry.enum(teams.Engagement)
LeadAnswer = strawberry.enum(teams.LeadAnswer)
MeetingKind = strawberry.enum(meetings.MeetingKind)
PlaceKind = strawberry.enum(meetings.PlaceKind)
Answer = strawberry.enum(meetings.Answer)
AnswerSource = strawberry.enum(meetings.AnswerSource)
InvitedBy = strawberry.enum(meetings.InvitedBy)
GuestRole = strawberry.enum(meetings.GuestRole)
InviteBasis = strawberry.enum(meetings.InviteBasis)
Attendance = strawberry.enum(meetings.Attendance)
ActionStatus = strawberry.enum(plans.ActionStatus)
DeliveryState = strawberry.enum(_DeliveryState)
