// What a front-end developer does first: makes a typed client from our SDL and documents, with npm's
// graphql-codegen. Writes build/; exits with 1 on whatever the generator complains of.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { codegen } from "@graphql-codegen/core";
import * as documentNodes from "@graphql-codegen/typed-document-node";
import * as types from "@graphql-codegen/typescript";
import * as operations from "@graphql-codegen/typescript-operations";
import { parse } from "graphql";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");

// Every scalar of ours travels as text, but one.
const config = { useTypeImports: true, defaultScalarType: "string", scalars: { JSON: "unknown" } };
const pluginMap = { documentNodes, operations, types };
const outputs = { "schema.ts": ["types"], "operations.ts": ["operations", "documentNodes"] };

const complaints = [];
for (const level of ["warn", "error"]) console[level] = (...words) => complaints.push(words.join(" "));
process.on("warning", (warning) => complaints.push(String(warning)));

const schema = parse(read("schema/schema.graphql"));
const documents = [fromReadme(), ...documentFiles("bench/documents"), ...documentFiles("taf_service/web/documents")];

mkdirSync(join(here, "build"), { recursive: true });
for (const [filename, names] of Object.entries(outputs)) {
  const plugins = names.map((name) => ({ [name]: {} }));
  const written = await codegen({ filename, schema, documents, config, plugins, pluginMap });
  writeFileSync(join(here, "build", filename), written);
}
await new Promise(setImmediate); // a warning of the process comes a turn later

for (const complaint of complaints) console.log(`graphql-codegen complains: ${complaint}`);
console.log(`${documents.length} documents, ${complaints.length} complaints of graphql-codegen`);
process.exitCode = complaints.length > 0 ? 1 : 0;

function read(path) {
  return readFileSync(join(root, path), "utf8");
}

// Its first query bears no name, but a generated client is called by names.
function fromReadme() {
  const [, request] = read("README.md").match(/-d '(\{"query":.*\})'/);
  const text = `query FirstQuery ${JSON.parse(request).query}`;
  return { location: "README.md", document: parse(text) };
}

// PostGraphile's documents lie beside ours and are about its schema.
function documentFiles(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(({ name }) => name.endsWith(".graphql") && !name.startsWith("postgraphile-"))
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)))
    .map((location) => ({ location, document: parse(read(location)) }));
}
