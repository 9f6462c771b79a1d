/**
 * Requests that the API's description allows, and requests that it does not allow: no answer is a fault of Hookline,
 * and each has the described form.
 * Every answer that comes by `fetch` is checked against its schema (test/answers.ts). Requests are made from the served
 * document with a seed.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { routesOfApi } from "../../../dev/openapi/routes.ts";
import { chance } from "../../chance.ts";
import { line, openShop, type Shop, source } from "../shop.ts";

type Schema = { readonly [name: string]: unknown };

let shop: Shop;
let document: Schema;
beforeAll(async () => {
  shop = await openShop();
  const { eventId } = await shop.send({ name: "#1" });
  own.push(eventId, (await shop.call("#1", "placed")).id);
  document = (await (await fetch(`${shop.url}/openapi.json`)).json()) as Schema;
});
afterAll(() => shop?.stop());

const random = chance(15);
const below = (count: number) => Math.floor(random() * count);
const oneOf = <T>(values: readonly T[]): T => values[below(values.length)] as T;

/** Texts that mean something to some part of the product, and texts that mean harm. */
const texts = [
  ...[
    "",
    " ",
    "0",
    "null",
    "a".repeat(5_000),
    "\u0000",
    "\ud800",
    "東京",
    "<b>",
    "' or 1=1 --",
    "../..",
    "%",
    "%2e%2e",
  ],
  ...["__proto__", "constructor", "{{ data.x }}", "{{", "true", "data.x == 1", "1h", "-1s", "999999999d", "12:00"],
  ...["2026-01-01", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "+14155550100", "+1", "US", "Europe/Paris"],
  ...[line, source, "call-me", "shopify", "support", "calls:read", "00000000-0000-0000-0000-000000000000"],
];
const strange = [null, true, -1, 0, 1.5, 2 ** 53, 1e308, [], {}, [[]], "x", { __proto__: null }, ["", null]];

function resolved(schema: Schema): Schema {
  const { $ref: ref } = schema;
  if (typeof ref !== "string") return schema;
  return ref
    .slice(2)
    .split("/")
    .reduce<Schema>((at, name) => at[name] as Schema, document);
}

/** Ids of the shop's own event and call. */
const own: string[] = [];

const formats: Readonly<Record<string, RegExp>> = {
  uuid: /^[0-9a-f]{8}-[0-9a-f-]{27}$/,
  "date-time": /T.*Z$/,
  date: /^\d{4}-\d{2}-\d{2}$/,
};

/** Mostly a text that the schema allows. */
function textBy({ pattern, format, minLength = 0, maxLength = 1e6 }: Schema): string {
  const fits = (text: string) =>
    (typeof pattern !== "string" || new RegExp(pattern, "u").test(text)) &&
    (typeof format !== "string" || (formats[format]?.test(text) ?? true)) &&
    text.length >= Number(minLength) &&
    text.length <= Number(maxLength);
  const fitting = [...texts, ...own].filter(fits);
  return fitting.length > 0 && random() < 0.9 ? oneOf(fitting) : oneOf(texts);
}

/** A value that the schema allows, but for what it cannot say; and now and then one that it does not. */
function valueBy(given: Schema, depth = 0): unknown {
  if (depth > 6 || random() < 0.03) return oneOf([...strange, ...texts]);
  const schema = resolved(given);
  const variants = (schema.anyOf ?? schema.oneOf) as readonly Schema[] | undefined;
  if (variants !== undefined) return valueBy(oneOf(variants), depth + 1);
  const parts = schema.allOf as readonly Schema[] | undefined;
  if (parts !== undefined) return valueBy(oneOf(parts), depth + 1);
  if ("const" in schema) return schema.const;
  if (Array.isArray(schema.enum)) return oneOf(schema.enum);
  switch (Array.isArray(schema.type) ? oneOf(schema.type) : schema.type) {
    case "object":
      return objectBy(schema, depth);
    case "array":
      return Array.from({ length: below(3) }, () => valueBy((schema.items ?? {}) as Schema, depth + 1));
    case "integer":
    case "number":
      return oneOf([schema.minimum ?? 0, schema.maximum ?? 10, Number(schema.maximum ?? 10) + 1, 1, 2]);
    case "boolean":
      return random() < 0.5;
    case "null":
      return null;
    default:
      return textBy(schema);
  }
}

/** A value as a parameter's text. */
function textOf(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function objectBy(schema: Schema, depth: number): Schema {
  const required = new Set((schema.required ?? []) as readonly string[]);
  const named = Object.entries((schema.properties ?? {}) as Record<string, Schema>)
    .filter(([name]) => random() < (required.has(name) ? 0.97 : 0.4))
    .map(([name, inner]): [string, unknown] => [name, valueBy(inner, depth + 1)]);
  const free = typeof schema.additionalProperties === "object" ? (schema.additionalProperties as Schema) : null;
  const more = free === null || random() < 0.3 ? [] : [[oneOf(texts), valueBy(free, depth + 1)] as [string, unknown]];
  const unknown = random() < 0.05 ? [["unknown", 1] as [string, unknown]] : [];
  return Object.fromEntries([...named, ...more, ...unknown]);
}

type Parameter = { readonly name: string; readonly in: string; readonly required: boolean; readonly schema: Schema };

test("a method that a path does not have gets 405 with the methods that it has", async () => {
  for (const [path, methods] of Object.entries(document.paths as Record<string, Schema>)) {
    const method = "patch" in methods ? "PUT" : "PATCH";
    const answer = await shop.api(path.replace(/\{\w+\}/g, "x"), { method });
    const { code } = (await answer.json()) as { code: string };
    expect([path, answer.status, code]).toEqual([path, 405, "method_not_allowed"]);
    const described = Object.keys(methods).map((name) => name.toUpperCase());
    expect(answer.headers.get("allow")?.split(", ")).toEqual(expect.arrayContaining(described));
  }
});

describe("requests made from the description", () => {
  test.each(routesOfApi().map(({ method, path }) => ({ method, path })))("$method $path", async ({ method, path }) => {
    const place = path.replace(/:(\w+)/g, "{$1}");
    const operation = (document.paths as Schema)[`/v1${place}`] as Schema;
    const { parameters, requestBody } = operation[method.toLowerCase()] as {
      parameters: readonly Parameter[];
      requestBody?: { content: Record<string, { schema: Schema }> };
    };
    const body = requestBody?.content["application/json"]?.schema;
    // The tokens of this run are not revoked: nothing would be tried after it.
    const rounds = body === undefined && parameters.length === 0 ? 1 : 20;
    for (let round = 0; round < rounds; round++) {
      const names = [line, source, "call-me", ...own, ...texts.filter((text) => text !== "" && text.isWellFormed())];
      const at = place.replace(/\{\w+\}/g, () => encodeURIComponent(oneOf(random() < 0.7 ? names.slice(0, 5) : names)));
      const query = new URLSearchParams();
      for (const { name, schema, required, in: where } of parameters)
        if (where === "query" && random() < (required ? 0.9 : 0.4)) query.set(name, textOf(valueBy(schema)));
      const json = body === undefined ? {} : { json: valueBy(body) };
      const answer = await shop.api(`/v1${at}?${query}`, { method, redirect: "manual", ...json });
      const said = await answer.text();
      // 502: Mihu's own answer to what was asked of it.
      expect([answer.status, said].concat(JSON.stringify(json)), `${method} ${at}?${query}`).toSatisfy(
        ([status]) => Number(status) < 500 || status === 502,
      );
    }
  });
});
