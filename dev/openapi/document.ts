/**
 * The OpenAPI document of the API (3.1), made of its routes and operations.
 *
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { root } from "../../cli/local/paths.ts";
import type { ApiOperation } from "../../src/http/api/operations/operation.ts";
import { operations } from "../../src/http/api/operations/operations.ts";
import { type ProblemCode, problems } from "../../src/http/problem.ts";
import { examplesOf } from "./examples.ts";
import { type ApiRoute, possibleProblems, routesOfApi, scopesInWords } from "./routes.ts";
import { webhooksOf } from "./webhooks.ts";

export type Json = Record<string, unknown>;

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
  const described: { readonly body: Json; readonly fields: Readonly<Record<string, string>> }[] = [];
  for (const route of routesOfApi()) {
    const operation = operations[route.name];
    if (operation === undefined) throw new Error(`${route.name} has no operation`);
    const path = `/v1${route.path.replace(/:(\w+)/g, "{$1}")}`;
    const made = operationOf(route, operation, { place, responses });
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: made };
    if (route.body !== null)
      described.push({ body: place(bodyName(operation), route.body), fields: operation.fields ?? {} });
  }
  const webhooks = webhooksOf(place);
  const { schemas } = z.toJSONSchema(z.globalRegistry, {
    io: "input",
    unrepresentable: "any",
    uri: (id) => `#/components/schemas/${id}`,
  });
  for (const { body, fields } of described) describeFields(body, fields, schemas);
  return inOneMap({
    openapi: "3.1.1",
    info: { title: "Hookline", version, description: about, license: { name: "MIT", identifier: "MIT" } },
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

/** Rules of all requests. */
const about = [
  "Requests carry `Authorization: Bearer <token>`. Scopes are in `x-scopes`: one of them is needed, and that of `x-also-needs` as well.",
  "Lists have pages: `next_cursor` of an answer is the `cursor` of the next request. Times are ISO 8601 in UTC.",
  "Without the scope `pii:read`, numbers, texts, summaries and recordings are masked.",
  "A problem is `application/problem+json` (RFC 9457) with a stable `code`. Another method than those of a path gets 405 `method_not_allowed`, " +
    "and the header `Allow` names them.",
  "Examples are real answers. Their ids, times, hashes and keys are replaced, and long lists and texts are cut.",
].join("\n\n");

/** The name of an operation's request schema, unless the schema has one of its own. */
const bodyName = ({ id }: ApiOperation): string => `${inCapitals(id)}Body`;
const inCapitals = (id: string): string => id.charAt(0).toUpperCase() + id.slice(1);

/** Writes the meanings of an operation's fields into its request schema, and into each variant of it. */
function describeFields({ $ref }: Json, fields: Readonly<Record<string, string>>, schemas: Json): void {
  const found = schemas[String($ref).replace("#/components/schemas/", "")];
  for (const schema of isJson(found) ? variantsOf(found) : [])
    for (const [name, property] of Object.entries(isJson(schema.properties) ? schema.properties : {})) {
      const description = fields[name];
      if (description !== undefined && isJson(property)) property.description = description;
    }
}

/** A schema, and the schemas of which a value has to match one or all. */
export function variantsOf(schema: Json): Json[] {
  const parts = [schema.anyOf, schema.oneOf, schema.allOf].flatMap((some) => (Array.isArray(some) ? some : []));
  return [schema, ...parts.filter(isJson).flatMap(variantsOf)];
}

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Zod puts a schema that refers to itself and has no id into a map of its own, to which a reference of OpenAPI cannot point. */
function inOneMap(document: Json & { components: Json & { schemas: Json } }): Json {
  const { components } = document;
  if ("__shared" in components.schemas) throw new Error("a schema that refers to itself needs an id");
  const schemas = Object.fromEntries(
    Object.entries(components.schemas).map(([name, schema]) => [name, withoutIds(schema)]),
  );
  return { ...document, components: { ...components, schemas } };
}

/** Zod gives each schema its place in the document as `$id`. JSON Schema allows no fragment in an id (2020-12, section 8.2.1). */
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
  const examples = examplesOf(operation.id);
  const answers = Object.entries(operation.answers).map(([status, { description, schema, type }]) => {
    if (schema === null) return [status, { description }];
    const shown = examples.find((one) => one.status === Number(status));
    const example = shown === undefined ? {} : { example: shown.answer };
    const content = { schema: place(`${inCapitals(operation.id)}${status}`, schema), ...example };
    const types = [type ?? "application/json"].flat();
    return [status, { description, content: Object.fromEntries(types.map((name) => [name, content])) }];
  });
  const asked = examples.find((one) => one.body !== undefined)?.body;
  return {
    operationId: operation.id,
    summary: operation.summary,
    description: [operation.description, scopes.length === 0 ? null : `Scope: ${scopesInWords(scopes, operation)}.`]
      .filter((part) => part != null)
      .join("\n\n"),
    tags: [route.path.split("/")[1] ?? ""],
    ...(scopes.length === 0 ? {} : { "x-scopes": scopes }),
    ...(operation.alsoNeeds === undefined ? {} : { "x-also-needs": operation.alsoNeeds }),
    ...(operation.fieldsAt === undefined ? {} : { "x-fields-at": operation.fieldsAt }),
    parameters: parametersOf(route, operation),
    ...(body === null
      ? {}
      : {
          requestBody: {
            // Without a body the routes read an empty object.
            required: !body.safeParse({}).success,
            content: {
              "application/json": {
                schema: place(bodyName(operation), body),
                ...(asked === undefined ? {} : { example: asked }),
              },
            },
          },
        }),
    responses: { ...Object.fromEntries(answers), ...problemResponses(possibleProblems(route, operation), responses) },
  };
}

function parametersOf(route: ApiRoute, { path = {}, headers = {}, fields: meanings = {} }: ApiOperation): Json[] {
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
    ...(meanings[name] === undefined ? {} : { description: meanings[name] }),
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

/** Operations with the same problems of a status share one response. @param shared is given it under its name */
function problemResponses(codes: readonly ProblemCode[], shared: Map<string, Json>): Json {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) byStatus.set(problems[code][0], [...(byStatus.get(problems[code][0]) ?? []), code]);
  const responses = [...byStatus].map(([status, some]) => [String(status), problemResponse(some, shared)]);
  return Object.fromEntries(responses);
}

/** @returns A reference to the response with one of these problems */
function problemResponse(codes: readonly ProblemCode[], shared: Map<string, Json>): Json {
  const some = [...codes].sort();
  const name = some.join("-or-").replaceAll("_", "-");
  shared.set(name, {
    description: some.map((code) => `\`${code}\`: ${problems[code][1]}`).join(" "),
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  });
  return { $ref: `#/components/responses/${name}` };
}
