"""Agencies, the practitioners who work for them, and their addresses."""

from taf_service.directory import policies as policies
from taf_service.directory.closed_days import bank_holiday as bank_holiday
from taf_service.directory.closed_days import is_working_day as is_working_day
from taf_service.directory.closed_days import working_days_between as working_days_between
from taf_service.directory.facts import AffiliationEnded as AffiliationEnded
from taf_service.directory.facts import AgencyChanged as AgencyChanged
from taf_service.directory.facts import AgencyClosed as AgencyClosed
from taf_service.directory.facts import AgencyRegistered as AgencyRegistered
from taf_service.directory.facts import PractitionerAffiliated as PractitionerAffiliated
from taf_service.directory.facts import PractitionerRegistered as PractitionerRegistered
from taf_service.directory.facts import PractitionerRenamed as PractitionerRenamed
from taf_service.directory.facts import RoleMailboxAdded as RoleMailboxAdded
from taf_service.directory.models import Affiliation as Affiliation
from taf_service.directory.models import Agency as Agency
from taf_service.directory.models import AgencyKind as AgencyKind
from taf_service.directory.models import DomainPolicy as DomainPolicy
from taf_service.directory.models import EmailAddress as EmailAddress
from taf_service.directory.models import Mailbox as Mailbox
from taf_service.directory.models import MailboxKind as MailboxKind
from taf_service.directory.models import Person as Person
from taf_service.directory.models import Practitioner as Practitioner
from taf_service.directory.operations.agencies import add_role_mailbox as add_role_mailbox
from taf_service.directory.operations.agencies import change_agency as change_agency
from taf_service.directory.operations.agencies import close_agency as close_agency
from taf_service.directory.operations.agencies import register_agency as register_agency
from taf_service.directory.operations.practitioners import (
    affiliate_practitioner as affiliate_practitioner,
)
from taf_service.directory.operations.practitioners import end_affiliation as end_affiliation
from taf_service.directory.operations.practitioners import (
    register_practitioner as register_practitioner,
)
from taf_service.directory.operations.practitioners import (
    rename_practitioner as rename_practitioner,
)
from taf_service.directory.queries import ClaimedMailbox as ClaimedMailbox
from taf_service.directory.queries import affiliation_for as affiliation_for
from taf_service.directory.queries import affiliation_with as affiliation_with
from taf_service.directory.queries import agency_for as agency_for
from taf_service.directory.queries import claim_mailbox as claim_mailbox
from taf_service.directory.queries import name_of as name_of
from taf_service.directory.queries import practitioner_for as practitioner_for
from taf_service.directory.rules import normalised_address as normalised_address
