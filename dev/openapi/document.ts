/**
 * The OpenAPI document of the API (3.1), made of its routes and operations.
 *
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { root } from "../../cli/local/paths.ts";
import { apiRoutes } from "../../src/http/api/api.ts";
import type { ApiOperation } from "../../src/http/api/operations/operation.ts";
import { operations } from "../../src/http/api/operations/operations.ts";
import type { Scope } from "../../src/http/auth/token.ts";
import { type ProblemCode, problems } from "../../src/http/problem.ts";
import { partOf } from "../../src/http/route-parts.ts";
import { webhooksOf } from "./webhooks.ts";

/** A route of the API, as its handlers say it. */
export type ApiRoute = {
  /** Method and path as Hono has them: `POST /calls/:id/cancel`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly scopes: readonly Scope[];
  readonly body: z.ZodType | null;
  readonly query: z.ZodType | null;
};

/** Every route of the API, each once. */
export function routesOfApi(): ApiRoute[] {
  const all = apiRoutes().routes;
  const routes = new Map<string, ApiRoute>();
  for (const { method, path } of all) {
    const name = `${method} ${path}`;
    if (method === "ALL" || routes.has(name)) continue;
    const parts = all
      .filter((one) => (one.method === method && one.path === path) || (one.method === "ALL" && covers(one.path, path)))
      .flatMap(({ handler }) => partOf(handler) ?? []);
    const schemaOf = (kind: "body" | "query") =>
      parts.flatMap((part) => (part.kind === kind ? [part.schema] : []))[0] ?? null;
    const scopes = parts.flatMap((part) => (part.kind === "scopes" ? part.anyOf : []));
    routes.set(name, { name, method, path, scopes, body: schemaOf("body"), query: schemaOf("query") });
  }
  return [...routes.values()];
}

/** Whether a middleware's path covers a route's. */
function covers(pattern: string, path: string): boolean {
  return pattern === path || (pattern.endsWith("/*") && `${path}/`.startsWith(pattern.slice(0, -1)));
}

type Json = Record<string, unknown>;

/** The document as the Worker serves it. */
export const openApiFile = join(root, "src", "http", "openapi.json");

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));

/** @returns the document of this version of the code */
export function openApiDocument(): Json {
  /** Schemas stand in zod's own registry under their ids: one that does not is written out in each place where it is used. */
  const place = (name: string, schema: z.ZodType): Json => {
    if (idOf(schema) === undefined) z.globalRegistry.add(schema, { ...z.globalRegistry.get(schema), id: name });
    return { $ref: `#/components/schemas/${idOf(schema)}` };
  };
  const responses = new Map<string, Json>();
  const paths: Record<string, Json> = {};
  for (const route of routesOfApi()) {
    const operation = operations[route.name];
    if (operation === undefined) throw new Error(`${route.name} has no operation`);
    const path = `/v1${route.path.replace(/:(\w+)/g, "{$1}")}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, operation, { place, responses }) };
  }
  const webhooks = webhooksOf(place);
  const { schemas } = z.toJSONSchema(z.globalRegistry, {
    io: "input",
    unrepresentable: "any",
    uri: (id) => `#/components/schemas/${id}`,
  });
  return inOneMap({
    openapi: "3.1.1",
    info: { title: "Hookline", version, license: { name: "MIT", identifier: "MIT" } },
    servers: [{ url: "/" }],
    security: [{ token: [] }],
    paths,
    webhooks,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      responses: Object.fromEntries([...responses].sort()),
      schemas: { ...schemas, Problem: problemSchema },
    },
  });
}

/** Zod keeps schemas that refer to themselves in a map of their own, to which a reference of OpenAPI cannot point. */
function inOneMap({
  components: { schemas, ...components },
  ...document
}: Json & { components: Json & { schemas: Json } }): Json {
  const { __shared: own, ...stated } = schemas;
  const named = Object.fromEntries(Object.entries(stated).map(([name, schema]) => [name, withoutIds(schema)]));
  const nameless = typeof own === "object" && own !== null && "$defs" in own ? own.$defs : {};
  const recursive = Object.fromEntries(
    Object.entries(nameless ?? {}).map(([name, schema]) => [`Shared-${name}`, schema]),
  );
  const text = JSON.stringify({ ...document, components: { ...components, schemas: { ...named, ...recursive } } });
  return JSON.parse(text.replaceAll("#/components/schemas/__shared#/$defs/", "#/components/schemas/Shared-"));
}

/** Zod names each schema by its place in the document, which is no id in JSON Schema (2020-12, section 8.2.1: it has no fragment). */
function withoutIds(schema: unknown): unknown {
  if (typeof schema !== "object" || schema === null) return schema;
  const { $id: _, $schema: __, ...rest } = schema as Json;
  return rest;
}

/** The document as a file: a line for each path and each component. */
export function openApiText(document: Json): string {
  const lines = (value: unknown, depth: number): string => {
    if (depth === 0 || typeof value !== "object" || value === null || Array.isArray(value))
      return JSON.stringify(value);
    const entries = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}:${lines(inner, depth - 1)}`);
    return `{\n${entries.join(",\n")}\n}`;
  };
  const { components, ...rest } = document;
  const top = Object.entries(rest).map(
    ([name, value]) => `${JSON.stringify(name)}:${lines(value, name === "paths" || name === "webhooks" ? 1 : 0)}`,
  );
  return `{\n${[...top, `"components":${lines(components, 2)}`].join(",\n")}\n}\n`;
}

const idOf = (schema: z.ZodType): string | undefined => z.globalRegistry.get(schema)?.id;

const problemSchema = {
  type: "object",
  description: "A failure (RFC 9457). `code` is stable, `detail` describes the case.",
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    code: { type: "string", enum: Object.keys(problems) },
    errors: {
      type: "array",
      items: {
        type: "object",
        properties: { path: { type: "array", items: { type: ["string", "integer"] } }, reason: { type: "string" } },
        required: ["path", "reason"],
      },
    },
  },
  required: ["type", "title", "status", "detail", "code"],
};

/** The parts that operations share. */
type Shared = {
  /** @returns A reference to the schema. A schema without a name gets this name. */
  readonly place: (name: string, schema: z.ZodType) => Json;
  readonly responses: Map<string, Json>;
};

function operationOf(route: ApiRoute, operation: ApiOperation, { place, responses }: Shared): Json {
  const { scopes, body } = route;
  const name = operation.id.charAt(0).toUpperCase() + operation.id.slice(1);
  const answers = Object.entries(operation.answers).map(([status, { description, schema, type }]) => [
    status,
    {
      description,
      ...(schema === null
        ? {}
        : { content: { [type ?? "application/json"]: { schema: place(`${name}${status}`, schema) } } }),
    },
  ]);
  return {
    operationId: operation.id,
    summary: operation.summary,
    description: [operation.description, scopes.length === 0 ? null : `Scope: ${scopesInWords(scopes, operation)}.`]
      .filter((part) => part != null)
      .join("\n\n"),
    tags: [route.path.split("/")[1] ?? ""],
    ...(scopes.length === 0 ? {} : { "x-scopes": scopes }),
    ...(operation.alsoNeeds === undefined ? {} : { "x-also-needs": operation.alsoNeeds }),
    parameters: parametersOf(route, operation),
    ...(body === null
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema: place(`${name}Body`, body) } } } }),
    responses: { ...Object.fromEntries(answers), ...problemResponses(possibleProblems(route, operation), responses) },
  };
}

function parametersOf(route: ApiRoute, { path = {}, headers = {} }: ApiOperation): Json[] {
  const jsonOf = (schema: z.ZodType) => {
    const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
    return rest;
  };
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    description: path[name],
    schema: { type: "string" },
  }));
  const fields: z.core.JSONSchema.BaseSchema = route.query === null ? {} : jsonOf(route.query);
  const required = new Set(Array.isArray(fields.required) ? fields.required : []);
  const inQuery = Object.entries(fields.properties ?? {}).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.has(name),
    schema,
  }));
  const inHeaders = Object.entries(headers).map(([name, { description, schema }]) => ({
    name,
    in: "header",
    required: false,
    description,
    schema: jsonOf(schema),
  }));
  return [...inPath, ...inQuery, ...inHeaders];
}

/** Problems of every route of a kind, and the problems that the operation names. */
export function possibleProblems(route: ApiRoute, operation: ApiOperation): ProblemCode[] {
  const codes: ProblemCode[] = ["unauthenticated", "database_unavailable", "internal"];
  if (route.scopes.length > 0) codes.push("forbidden");
  if (route.query !== null) codes.push("invalid");
  if (route.method !== "GET") codes.push("not_json", "unreadable", "too_large", "unsupported_media_type");
  if (route.body !== null) codes.push("invalid");
  return [...new Set([...codes, ...(operation.problems ?? [])])];
}

/** Operations with the same problems of a status share one response. @param shared is given it under its name */
function problemResponses(codes: readonly ProblemCode[], shared: Map<string, Json>): Json {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) byStatus.set(problems[code][0], [...(byStatus.get(problems[code][0]) ?? []), code]);
  const responses = [...byStatus].map(([status, some]) => {
    const name = some.sort().join("-or-").replaceAll("_", "-");
    shared.set(name, {
      description: some.map((code) => `\`${code}\`: ${problems[code][1]}`).join(" "),
      content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
    });
    return [String(status), { $ref: `#/components/responses/${name}` }];
  });
  return Object.fromEntries(responses);
}

/** `calls:write`, and `pii:read` for a number. Empty if any token may send the request. */
function scopesInWords(scopes: readonly Scope[], { alsoNeeds }: Pick<ApiOperation, "alsoNeeds">): string {
  const named = scopes.map((scope) => `\`${scope}\``).join(" or ");
  if (alsoNeeds === undefined) return named;
  const { scope, when } = alsoNeeds;
  return when === undefined ? `${named} and \`${scope}\`` : `${named}, and \`${scope}\` ${when}`;
}

/** A row for each operation: the request, its scopes, its name, its summary. */
export function operationRows(): string[][] {
  return routesOfApi().map(({ name, method, path, scopes }) => {
    const operation = operations[name];
    if (operation === undefined) throw new Error(`${name} has no operation`);
    const named = scopesInWords(scopes, operation);
    return [`\`${method} /v1${path}\``, named || "any", `\`${operation.id}\``, operation.summary];
  });
}
