// What every server here is told, by the environment: where the database is, who signs in, how wide.
import cluster from "node:cluster";

export const port = Number(process.env.BENCH_PORT);
export const pool = Number(process.env.BENCH_POOL);
export const url = process.env.BENCH_DATABASE_URL;

// A bearer token stands for a person: the look-up that the service makes for each request is spared.
const people = new Map(Object.entries(JSON.parse(process.env.BENCH_PEOPLE)));

export function personBehind(authorization) {
  const person = people.get((authorization ?? "").replace(/^Bearer /, ""));
  if (person === undefined) throw new Error("This token is not accepted.");
  return person;
}

// One process serves; more than one share the port by Node's own cluster.
export function inProcesses(serve) {
  const processes = Number(process.env.BENCH_PROCESSES);
  if (processes === 1 || cluster.isWorker) return serve();
  for (let n = 0; n < processes; n++) cluster.fork();
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));
}
