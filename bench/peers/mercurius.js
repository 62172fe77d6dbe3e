// Mercurius: hand-written resolvers with batched loaders, compiled by its JIT. A request has one
// connection: to read, in a transaction in which the viewer is bound; to change, bound by itself.
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";
import { connectionsFor, inProcesses, personBehind, port } from "./settings.js";

const TYPES = { Family: 6, FamilyMember: 7, Team: 12, Membership: 13, Meeting: 16, Action: 19 };

const schema = `
  scalar Date
  scalar DateTime
  type Query { family(id: ID!): Family  me: Me! }
  type Mutation { reportProgress(input: ReportProgressInput!): ReportProgressResult! }
  input ReportProgressInput { actionId: ID!  version: String!  status: String!  note: String! }
  interface Problem { code: String!  message: String! }
  type ProgressReported { action: Action }
  type NotPermitted implements Problem { code: String!  message: String! }
  union ReportProgressResult = ProgressReported | NotPermitted
  type Me { actions(first: Int, after: String): ActionConnection! }
  type Family { id: ID!  name: String!  reference: String!  members: [FamilyMember!]!  team: Team }
  type FamilyMember { id: ID!  name: String!  role: String! }
  type Team {
    id: ID!
    family: Family
    lead: LeadTenure!
    members: [Membership!]!
    meetings(upcoming: Boolean, first: Int): MeetingConnection!
    actions(first: Int): ActionConnection!
  }
  type LeadTenure { membership: Membership }
  type Membership { id: ID!  name: String  kind: String!  agency: Agency  practitioner: Practitioner }
  type Agency { name: String! }
  type Practitioner { name: String! }
  type MeetingConnection { nodes: [Meeting!]! }
  type Meeting { id: ID!  startsAt: DateTime!  place: String!  invitations: [Invitation!]! }
  type Invitation { name: String  answer: String! }
  type ActionConnection { nodes: [Action!]!  pageInfo: PageInfo! }
  type PageInfo { hasNextPage: Boolean!  endCursor: String }
  type Action {
    id: ID!
    text: String!
    dueOn: Date!
    status: String!
    version: String!
    team: Team
    owner: Membership
  }
`;

const encode = (type, id) =>
  Buffer.from(TYPES[type].toString(16).padStart(4, "0") + id.replaceAll("-", ""), "hex").toString("base64url");
const decode = (id) => Buffer.from(id, "base64url").toString("hex", 2);
const globalId = (type) => ({ id: (row) => encode(type, row.id) });

// One row for each parent that has one, in the parents' order.
const one = (name, text, key) => async (queries, { client }) => {
  const { rows } = await client.query({ name, text, values: [queries.map(({ obj }) => obj[key])] });
  const found = new Map(rows.map((row) => [row.parent, row]));
  return queries.map(({ obj }) => found.get(obj[key]) ?? null);
};

// A list for each parent; `limit` reads the arguments of the first, as all of a field are the same.
const many = (name, text, shape = (list) => list, limit) => async (queries, { client }) => {
  const values = [queries.map(({ obj }) => obj.id)];
  if (limit) values.push(limit(queries[0].params));
  const { rows } = await client.query({ name, text, values });
  const lists = new Map(queries.map(({ obj }) => [obj.id, []]));
  for (const row of rows) lists.get(row.parent).push(row);
  return queries.map(({ obj }) => shape(lists.get(obj.id)));
};

const MEMBERSHIP = `b.id as parent, b.id, b.kind, b.agency_id, b.practitioner_id,
  (select p.name from person p where p.id = b.person_id) as name`;
const ACTION = `a.id, a.team_id, a.owner_membership_id, a.text, a.due_on::text as "dueOn", a.status`;
const MINE = `(a.owner_membership_id = any (array(select m.id from membership m
    where m.person_id = $1 and m.left_at is null))
  or a.owner_contact_id = any (array(select p.id from practitioner p where p.person_id = $1)))`;
const membership = (name, key) =>
  one(name, `select ${MEMBERSHIP} from membership b where b.id = any($1::uuid[])`, key);
const nodes = (list) => ({ nodes: list });

const loaders = {
  Family: {
    members: many(
      "members",
      `select m.family_id as parent, m.id, m.role,
         (select p.name from person p where p.id = m.person_id) as name
       from family_member m where m.family_id = any($1::uuid[]) and m.left_at is null
       order by m.role <> 'CHILD', m.joined_at, m.id`,
    ),
    team: one(
      "team-of-family",
      `select t.family_id as parent, t.id, t.family_id from team t
       where t.family_id = any($1::uuid[]) and t.closed_at is null`,
      "id",
    ),
  },
  Team: {
    family: one(
      "family-of-team",
      "select f.id as parent, f.id, f.name, f.reference from family f where f.id = any($1::uuid[])",
      "family_id",
    ),
    lead: one(
      "lead",
      `select l.team_id as parent, l.id, l.membership_id from lead_tenure l
       where l.team_id = any($1::uuid[]) and l.until_at is null`,
      "id",
    ),
    members: many(
      "memberships",
      `select b.team_id as parent, b.id, b.kind, b.agency_id, b.practitioner_id,
         (select p.name from person p where p.id = b.person_id) as name
       from membership b where b.team_id = any($1::uuid[]) and b.left_at is null
       order by b.kind = 'FAMILY', b.joined_at, b.id`,
    ),
    meetings: many(
      "meetings",
      `select m.* from unnest($1::uuid[]) as team (id) cross join lateral (
         select m.team_id as parent, m.id, m.place, to_json(m.starts_at) #>> '{}' as "startsAt"
         from meeting m
         where m.team_id = team.id and m.ends_at >= now() and m.cancelled_at is null
         order by m.starts_at, m.id limit $2) m`,
      nodes,
      ({ first }) => first,
    ),
    actions: many(
      "actions-of-team",
      `select a.* from unnest($1::uuid[]) as team (id) cross join lateral (
         select a.team_id as parent, ${ACTION} from action a where a.team_id = team.id
         order by a.due_on, a.id limit $2) a`,
      nodes,
      ({ first }) => first,
    ),
  },
  LeadTenure: { membership: membership("membership-of-lead", "membership_id") },
  Membership: {
    agency: one(
      "agency",
      "select a.id as parent, a.name from agency a where a.id = any($1::uuid[])",
      "agency_id",
    ),
    practitioner: one(
      "practitioner",
      `select q.id as parent, (select p.name from person p where p.id = q.person_id) as name
       from practitioner q where q.id = any($1::uuid[])`,
      "practitioner_id",
    ),
  },
  Meeting: {
    invitations: many(
      "invitations",
      `select i.meeting_id as parent, i.answer,
         (select p.name from person p where p.id = i.person_id) as name
       from invitation i where i.meeting_id = any($1::uuid[]) and i.withdrawn_at is null
       order by not i.required, i.invited_at, i.id`,
    ),
  },
  Action: {
    team: one(
      "team",
      "select t.id as parent, t.id, t.family_id from team t where t.id = any($1::uuid[])",
      "team_id",
    ),
    owner: membership("owner", "owner_membership_id"),
  },
};

const resolvers = {
  Query: {
    family: async (_, { id }, { client }) => {
      const text = "select f.id, f.name, f.reference from family f where f.id = $1";
      const { rows } = await client.query({ name: "family", text, values: [decode(id)] });
      return rows[0] ?? null;
    },
    me: () => ({}),
  },
  Me: { actions: myActions },
  Mutation: { reportProgress },
  Family: globalId("Family"),
  FamilyMember: globalId("FamilyMember"),
  Team: globalId("Team"),
  Membership: globalId("Membership"),
  Meeting: globalId("Meeting"),
  Action: { ...globalId("Action"), version: ({ version }) => version.replaceAll("-", "") },
  ReportProgressResult: { resolveType: (row) => (row.code ? "NotPermitted" : "ProgressReported") },
};

async function myActions(_, { first, after }, { client, person }) {
  const values = [person, first + 1];
  if (after) values.push(...JSON.parse(Buffer.from(after, "base64url")));
  const { rows } = await client.query({
    name: after ? "my-actions-after" : "my-actions",
    text: `select ${ACTION} from action a where ${MINE}
      ${after ? "and (a.due_on, a.id) > ($3::date, $4::uuid)" : ""}
      order by a.due_on, a.id limit $2`,
    values,
  });
  const page = rows.slice(0, first);
  const last = page.at(-1);
  const cursor = last && Buffer.from(JSON.stringify([last.dueOn, last.id])).toString("base64url");
  return { nodes: page, pageInfo: { hasNextPage: rows.length > first, endCursor: cursor } };
}

async function reportProgress(_, { input }, { client }) {
  const { rows } = await client.query({
    name: "report-progress",
    text: "select id, status, version from peers.report_progress($1, $2, $3, $4)",
    values: [decode(input.actionId), input.version, input.status, input.note],
  });
  return { action: rows[0] };
}

const CHANGING = { name: "bind", text: "select set_config('taf.actor', $1, false)" };
const READING = { name: "read-as", text: "select read_as($1)" };

inProcesses(async () => {
  const reading = new pg.Pool(connectionsFor("reading"));
  const changing = new pg.Pool(connectionsFor("changing"));
  const app = Fastify({ logger: false });
  app.decorateRequest("client", null);
  app.addHook("preHandler", async (request) => {
    request.person = personBehind(request.headers.authorization);
    request.changes = request.body.query.startsWith("mutation");
    request.client = await (request.changes ? changing : reading).connect();
    if (!request.changes) request.client.query("begin");
    const binding = request.changes ? CHANGING : READING;
    await request.client.query({ ...binding, values: [request.person] });
  });
  // Once the answer is there: also when nobody waits for it any more.
  app.addHook("onSend", async (request) => {
    if (!request.client) return;
    const { client } = request;
    request.client = null;
    if (!request.changes) client.query("commit");
    client.release();
  });
  app.register(mercurius, {
    schema,
    resolvers,
    loaders,
    jit: 1,
    cache: 1024,
    graphiql: false,
    context: ({ client, person }) => ({ client, person }),
  });
  await app.listen({ port, host: "127.0.0.1" });
});
