// A client as somebody would write it against what was generated: that it compiles is the test.
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print } from "graphql";

import { FirstQueryDocument, ReportDocument, type ReportMutationVariables } from "./build/operations.js";
import type { Meeting, Mutation, Problem, Query } from "./build/schema.js";

export async function ask<Answer, Variables>(
  document: TypedDocumentNode<Answer, Variables>,
  variables: Variables,
): Promise<Answer> {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: print(document), variables }),
  });
  const { data } = (await response.json()) as { data: Answer };
  return data;
}

// A mutation's answer is narrowed by its `__typename`: what happened, or a problem with words.
export async function report(variables: ReportMutationVariables): Promise<string> {
  const { reportProgress: done } = await ask(ReportDocument, variables);
  return done.__typename === "ProgressReported" ? (done.action?.status ?? "not yours") : done.message;
}

export async function leads(): Promise<string[]> {
  const { myFamilies } = await ask(FirstQueryDocument, {});
  return myFamilies.nodes.map(({ name, team }) => `${name}: ${team?.lead.membership?.name ?? "nobody"}`);
}

// The whole schema is at hand as types, for caches and for mocks.
export const words = (problem: Problem): string => problem.message;
export const startOf = (meeting: Meeting): string => meeting.startsAt;
export type Roots = keyof Query | keyof Mutation;
