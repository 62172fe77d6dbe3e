"""Plans that were made before, the latest used: what to run for a document and its variables."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

from graphql.execution.values import VariableValues

from schema.compiler.document import Document
from schema.compiler.statement import Plan

KEPT = 512


class Plans:
    """At most `kept` plans; the one used longest ago goes first."""

    def __init__(self, kept: int = KEPT) -> None:
        self.kept = kept
        self._plans: OrderedDict[Hashable, Plan] = OrderedDict()

    def __len__(self) -> int:
        return len(self._plans)

    def find(
        self,
        document: Document,
        variables: VariableValues,
        make: Callable[[Document, VariableValues], Plan],
        *,
        at: Hashable = None,
    ) -> Plan:
        """The plan of a whole query, or of the object that stands `at` a path of the answer.

        Errors: whatever `make` raises; then nothing is kept.
        """
        key = (document, at, document.steered(variables))
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = make(document, variables)
            if len(self._plans) > self.kept:
                self._plans.popitem(last=False)
        else:
            self._plans.move_to_end(key)
        return plan

    def forget(self, document: Document, variables: VariableValues, *, at: Hashable) -> None:
        self._plans.pop((document, at, document.steered(variables)), None)
