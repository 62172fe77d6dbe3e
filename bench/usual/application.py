"""One transaction for each request, in which the viewer is bound for row-level security."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache
from tortoise import Tortoise, connections
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from bench.serving import bearer, ready
from bench.usual.loading import Asking, Info
from bench.usual.types import Action, Actions, Family, PageInfo
from schema.ids import decode
from taf_service import database, directory, plans, teams
from taf_service.core.audit import AuditEntry

PEOPLE: dict[str, str] = json.loads(os.environ["BENCH_PEOPLE"])


@strawberry.type
class Me:
    @strawberry.field
    async def actions(self, info: Info, first: int, after: str | None = None) -> Actions:
        person_id = info.context.person_id
        places = await teams.Membership.filter(person_id=person_id, left_at=None)
        entries = await directory.Practitioner.filter(person_id=person_id)
        mine = plans.Action.filter(
            Q(owner_membership_id__in=[place.id for place in places])
            | Q(owner_contact_id__in=[entry.id for entry in entries])
        )
        if after is not None:
            due_on, row_id = json.loads(base64.urlsafe_b64decode(after))
            mine = mine.filter(Q(due_on__gt=due_on) | Q(due_on=due_on, id__gt=row_id))
        rows = await mine.order_by("due_on", "id").limit(first + 1)
        page = rows[:first]
        cursor = json.dumps([str(page[-1].due_on), str(page[-1].id)]) if page else ""
        return Actions(
            nodes=[Action(row=row) for row in page],
            page_info=PageInfo(
                has_next_page=len(rows) > first,
                end_cursor=base64.urlsafe_b64encode(cursor.encode()).decode() or None,
            ),
        )


@strawberry.type
class Query:
    @strawberry.field
    async def family(self, info: Info, id: strawberry.ID) -> Family | None:
        row = await info.context.families.load(decode(id)[1])
        return Family(row=row) if row else None

    @strawberry.field
    def me(self) -> Me:
        return Me()


@strawberry.input
class ReportProgressInput:
    action_id: strawberry.ID
    version: str
    status: str
    note: str


@strawberry.interface
class Problem:
    code: str
    message: str


@strawberry.type
class Refused(Problem):
    """Whatever forbids it."""


@strawberry.type
class ProgressReported:
    action: Action


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def report_progress(
        self, info: Info, input: ReportProgressInput
    ) -> ProgressReported | Refused:
        row_id = decode(input.action_id)[1]
        action = await plans.Action.filter(id=row_id).select_for_update().get_or_none()
        if action is None or not await _may_report(info.context.person_id, action):
            return Refused(code="NOT_PERMITTED", message="The owner or the lead reports.")
        version, status = uuid4(), plans.ActionStatus(input.status)
        changed = await plans.Action.filter(id=row_id, version=UUID(input.version)).update(
            status=status, version=version
        )
        if not changed:
            return Refused(code="STALE", message="Somebody was quicker.")
        await _record(info.context.person_id, action, status, input.note)
        action.status, action.version = status, version
        return ProgressReported(action=Action(row=action))


async def _may_report(person_id: UUID, action: plans.Action) -> bool:
    """The owner may, and who leads; what else there is to the policy needs no query here."""
    place = await teams.Membership.get_or_none(
        team_id=action.team_id, person_id=person_id, left_at=None
    )
    if place is None:
        return False
    if place.id == action.owner_membership_id:
        return True
    lead = await teams.LeadTenure.filter(membership_id=place.id, until_at=None)
    return bool(lead)


async def _record(
    person_id: UUID, action: plans.Action, status: plans.ActionStatus, note: str
) -> None:
    now = datetime.now(UTC)
    await plans.ActionProgress.create(
        id=uuid4(),
        action_id=action.id,
        status=status,
        note=note.strip(),
        reported_by_id=person_id,
        reported_at=now,
    )
    team = await teams.Team.get(id=action.team_id)
    await AuditEntry.create(
        id=uuid4(),
        family_id=team.family_id,
        at=now,
        actor_id=person_id,
        event="action.progress_reported",
        subject_id=action.id,
        facts={"status": status.value},
    )


class Bound(SchemaExtension):
    """The whole operation in a transaction of the viewer's."""

    async def on_operation(self) -> AsyncIterator[None]:
        person_id = str(self.execution_context.context.person_id)
        reads = not (self.execution_context.query or "").startswith("mutation")
        async with in_transaction():
            connection = connections.get("default")
            if reads:
                await connection.execute_query(f"set local role {database.READER}")
            bind = "read_as($1)" if reads else "set_config('taf.actor', $1, true)"
            await connection.execute_query(f"select {bind}", [person_id])
            yield


class Endpoint(GraphQL[Asking, None]):
    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # noqa: ARG002
    ) -> Asking:
        assert isinstance(request, Request)
        return Asking(UUID(PEOPLE[bearer(request)]))


# Made once, so that what they remember outlives a request.
PARSED, VALIDATED = ParserCache(maxsize=128), ValidationCache(maxsize=128)
schema = strawberry.Schema(
    Query,
    Mutation,
    extensions=[Bound, lambda: PARSED, lambda: VALIDATED],
)


@asynccontextmanager
async def _lifespan(_app: Starlette) -> AsyncIterator[None]:
    config = database.orm_config(
        os.environ["BENCH_DATABASE_URL"], pool=int(os.environ["BENCH_POOL"])
    )
    await Tortoise.init(config=config, _enable_global_fallback=True)
    yield
    await Tortoise.close_connections()


endpoint = Endpoint(schema, graphql_ide=None)
app = Starlette(
    routes=[Route("/graphql", endpoint), Route("/ready", ready)],
    lifespan=_lifespan,
)
