// What every server here is told, by the environment: where the database is, who signs in, how wide.
import cluster from "node:cluster";
import pg from "pg";

export const port = Number(process.env.BENCH_PORT);
const size = Number(process.env.BENCH_POOL);
const url = process.env.BENCH_DATABASE_URL;
const SERVER = "-c plan_cache_mode=force_generic_plan -c jit=off -c timezone=UTC";

// Connections that read take on the role that reads, as the service's own do.
export const connectionsFor = (purpose) => ({
  connectionString: url,
  max: size,
  idleTimeoutMillis: 0, // kept open, as the others keep theirs
  options: purpose === "reading" ? `${SERVER} -c role=taf_reader` : SERVER,
});

// A bearer token stands for a person: the look-up that the service makes for each request is spared.
const people = new Map(Object.entries(JSON.parse(process.env.BENCH_PEOPLE)));

export function personBehind(authorization) {
  const person = people.get((authorization ?? "").replace(/^Bearer /, ""));
  if (person === undefined) throw new Error("This token is not accepted.");
  return person;
}

// What `read_as` keeps for one transaction, for whoever has to say it again in another.
export async function thatReadAs() {
  const connections = new pg.Pool(connectionsFor("reading"));
  const { rows } = await connections.query("select prosrc from pg_proc where proname = 'read_as'");
  const names = [...new Set(rows[0].prosrc.match(/taf\.\w+/g))];
  const columns = names.map((name) => `current_setting('${name}', true) as "${name}"`);
  const text = `select held.* from (select read_as($1) as person offset 0) bound
    cross join lateral (select ${columns} where bound.person is not null) held`;
  return async (person) =>
    (await connections.query({ name: "held", text, values: [person] })).rows[0];
}

// One process serves; more than one share the port by Node's own cluster.
export function inProcesses(serve) {
  const processes = Number(process.env.BENCH_PROCESSES);
  if (processes === 1 || cluster.isWorker) return serve();
  for (let n = 0; n < processes; n++) cluster.fork();
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));
}
