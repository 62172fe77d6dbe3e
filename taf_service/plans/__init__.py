"""The plan: for now its actions, who owes what by when."""

from taf_service.plans import policies as policies
from taf_service.plans.models import Action as Action
from taf_service.plans.models import ActionProgress as ActionProgress
from taf_service.plans.models import ActionStatus as ActionStatus
from taf_service.plans.operations import ActionRaised as ActionRaised
from taf_service.plans.operations import Owner as Owner
from taf_service.plans.operations import ProgressReported as ProgressReported
from taf_service.plans.operations import raise_action as raise_action
from taf_service.plans.operations import report_progress as report_progress
from taf_service.plans.queries import action_for as action_for
from taf_service.plans.queries import open_actions_of as open_actions_of
