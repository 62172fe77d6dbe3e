"""What the mutations about actions answer: a past fact, and what it changed."""

from __future__ import annotations

from schema.plans.types import Action
from schema.sources import loaded, payload


@payload
class ActionRaised:
    """An action was raised."""

    action: Action | None = loaded("What is to be done, by whom and by when.")


@payload
class ProgressReported:
    """Progress was reported."""

    action: Action | None = loaded("The action, as it stands now.")
