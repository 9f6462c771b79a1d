/**
 * `docs/api.md`: the introductions of `api-page.md`, with the operations of the API between them. Each operation has its request, scope,
 * fields, answers, problems and an example.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../cli/local/paths.ts";
import { isJson, type Json, openApiDocument, variantsOf } from "../openapi/document.ts";
import { type Example, examplesOf } from "../openapi/examples.ts";
import { table, withTables } from "./generated.ts";

/** The page, and the text from which it is made. */
export const apiPageFile = join(root, "docs", "api.md");
const templateFile = join(root, "dev", "docs", "api-page.md");

/** Problems that the page explains once for all requests. */
const commonProblems: ReadonlySet<string> = new Set(
  [
    "unauthenticated",
    "forbidden",
    "not_json",
    "unreadable",
    "too_large",
    "unsupported_media_type",
    "invalid",
    "internal",
  ].concat("database_unavailable", "migrations_missing"),
);

/** Width of a line of an example, characters of a text in it, and the depth of objects that it shows. */
const widthMax = 140;
const charactersMax = 60;
const depthMax = 3;
const cut = "…";
/** Lines of an example. The rest of it is cut. */
const linesMax = 10;

type Operation = { readonly name: string; readonly method: string; readonly path: string; readonly said: Json };

/** @throws if the template names an operation that does not exist, or does not name each operation once */
export function apiPage(): string {
  const document = openApiDocument();
  const left = new Map(operationsOf(document).map((operation) => [operation.name, operation]));
  /** The operation that shows a schema first, by the schema's name. */
  const shown = new Map<string, Operation>();
  const template = readFileSync(templateFile, "utf8");
  const page = template.replace(/^<!-- operations: ([\w, ]+) -->$/gm, (_, names: string) =>
    names
      .split(", ")
      .map((name) => {
        const operation = left.get(name);
        if (operation === undefined)
          throw new Error(`${templateFile} names "${name}", which is no operation, or twice`);
        left.delete(name);
        return sectionOf(operation, document, shown);
      })
      .join("\n\n"),
  );
  if (left.size > 0) throw new Error(`${templateFile} does not name ${[...left.keys()].join(", ")}`);
  return withTables(page);
}

function operationsOf({ paths }: Json): Operation[] {
  return Object.entries(isJson(paths) ? paths : {}).flatMap(([path, methods]) =>
    Object.entries(isJson(methods) ? methods : {}).flatMap(([method, said]) =>
      isJson(said) && "operationId" in said
        ? [
            {
              name: String(said.operationId),
              method: method.toUpperCase(),
              path: path.replace(/\{(\w+)\}/g, ":$1"),
              said,
            },
          ]
        : [],
    ),
  );
}

function sectionOf(operation: Operation, document: Json, shown: Map<string, Operation>): string {
  const { name, said } = operation;
  const [summary, ...more] = [String(said.summary), ...String(said.description).split("\n\n")];
  const scope = more.find((text) => text.startsWith("Scope: ")) ?? "Any token.";
  const about = more.filter((text) => text !== scope && text !== "");
  return [
    `### \`${operation.method} ${operation.path}\``,
    [`${summary}.`, ...about].join(" "),
    `${scope} Operation: \`${name}\`.`,
    fieldsOf(operation, document),
    answersOf(operation, document, shown),
    exampleOf(operation, shown),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function fieldsOf({ said }: Operation, document: Json): string {
  const parameters = (Array.isArray(said.parameters) ? said.parameters : []).filter(isJson);
  const asked = parameters
    .filter((one) => one.in !== "path")
    .map((one) =>
      fieldRow(String(one.name), isJson(one.schema) ? one.schema : {}, one.required === true, one.description),
    );
  const body = bodyOf(said, document);
  const place = typeof said["x-fields-at"] === "string" ? said["x-fields-at"] : null;
  const where = place === null ? "" : `The body has the fields of [${place.split("#")[0]}](${place}).`;
  const rows = [...asked, ...(body === null || place !== null ? [] : bodyRows(body))];
  return [where, rows.length === 0 ? "" : table(["field", "type", "meaning"], rows)]
    .filter((part) => part !== "")
    .join("\n\n");
}

function bodyOf({ requestBody }: Json, document: Json): Json | null {
  if (!isJson(requestBody)) return null;
  return resolved(at(requestBody, "content", "application/json", "schema"), document);
}

/** Rows for the fields of a body. A field of several variants has one row. */
function bodyRows(body: Json): string[][] {
  const variants = variantsOf(body).filter(({ properties }) => isJson(properties));
  const names = new Set(variants.flatMap(({ properties }) => Object.keys(isJson(properties) ? properties : {})));
  return [...names].map((name) => {
    const own = variants.filter(({ properties }) => isJson(properties) && name in properties);
    const [first] = own;
    const schema = at(first ?? {}, "properties", name);
    const isRequired =
      own.length === variants.length && own.every(({ required }) => Array.isArray(required) && required.includes(name));
    const types = own.map((variant) => at(variant, "properties", name)).filter(isJson);
    const one = types.length > 1 ? { anyOf: types } : (types[0] ?? {});
    return fieldRow(name, one, isRequired, isJson(schema) ? schema.description : undefined);
  });
}

function fieldRow(name: string, schema: Json, isRequired: boolean, description: unknown): string[] {
  const type = typeOf(schema);
  const rest = isRequired
    ? ", required"
    : "default" in schema && schema.default !== null
      ? `, default \`${schema.default}\``
      : "";
  return [`\`${name}\``, `${type}${rest}`, typeof description === "string" ? description : ""];
}

/** The type of a field in a few words. */
function typeOf(schema: Json): string {
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => `\`${value}\``).join(", ");
  if ("const" in schema) return `\`${schema.const}\``;
  if (schema.format === "uuid") return "id";
  const parts = [schema.anyOf, schema.oneOf].flatMap((some) => (Array.isArray(some) ? some : [])).filter(isJson);
  if (parts.some(({ format }) => format === "date-time")) return "time";
  if (parts.length > 0) return [...new Set(parts.map(typeOf).filter((type) => type !== "null"))].join(" or ");
  if (schema.type === "array") return `list of ${isJson(schema.items) ? typeOf(schema.items) : "any JSON"}`;
  if (typeof schema.type === "string") return schema.type === "string" ? "text" : schema.type;
  return "any JSON";
}

function answersOf(operation: Operation, document: Json, shown: Map<string, Operation>): string {
  const responses = Object.entries(isJson(operation.said.responses) ? operation.said.responses : {}).filter(
    (entry): entry is [string, Json] => isJson(entry[1]),
  );
  const good = responses
    .filter(([status]) => Number(status) < 400)
    .map(([status, answer]) => `- ${status}: ${answer.description}${earlierOf(answer, operation, shown)}`);
  const problems = responses
    .filter(([status]) => Number(status) >= 400)
    .flatMap(([status, answer]) => {
      const { description } = resolved(answer, document);
      const codes = [...String(description).matchAll(/`(\w+)`: /g)].map(([, code = ""]) => code);
      const own = codes.filter((code) => !commonProblems.has(code)).map((code) => `\`${code}\``);
      return own.length === 0 ? [] : [`- ${status}: ${own.join(", ")}`];
    });
  return [...good, ...problems].join("\n");
}

/** Names the operation whose example shows the same schema already. */
function earlierOf(answer: Json, operation: Operation, shown: Map<string, Operation>): string {
  const schema = at(answer, "content", "application/json", "schema");
  const name = isJson(schema) ? String(schema.$ref) : null;
  if (name === null) return "";
  const first = shown.get(name) ?? operation;
  shown.set(name, first);
  return first === operation ? "" : ` As of \`${first.method} ${first.path}\`.`;
}

/** Operations whose answer is a list of objects that another operation shows. */
const lists: ReadonlySet<string> = new Set(
  ["listCalls", "listEvents", "listSources", "listRules", "listLines", "listPresets", "listHooks", "listTasks"].concat(
    "listDeliveries",
  ),
);

/**
 * The first recorded request with its answer. Empty values are left out, and all but the first element of a list. An answer that another
 * operation shows already is not shown again.
 */
function exampleOf({ name, method, said }: Operation, shown: ReadonlyMap<string, Operation>): string {
  const [example] = examplesOf(name);
  if (example === undefined || lists.has(name)) return "";
  const { path, body, status, answer } = example;
  const schema = isJson(said) ? at(said, "responses", String(status), "content", "application/json", "schema") : null;
  const isShown = isJson(schema) && shown.get(String(schema.$ref))?.name !== name;
  const lines = [`${method} ${path}`, body === undefined ? "" : printed(shortened(body)), `// ${status}`];
  if (isShown) lines.pop();
  else lines.push(answerText(answer));
  const text = lines.filter((line) => line !== "").join("\n");
  // Without a body and an answer the example says no more than the heading.
  return body === undefined && (isShown || answer === null) ? "" : ["```jsonc", `// ${text}`, "```"].join("\n");
}

function answerText(answer: Example["answer"]): string {
  if (answer === null) return "";
  if (typeof answer === "string") return `// ${answer}`;
  const lines = printed(shortened(answer)).split("\n");
  return lines.length <= linesMax ? lines.join("\n") : [...lines.slice(0, linesMax - 1), "  // …"].join("\n");
}

function shortened(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return value.length > charactersMax ? `${value.slice(0, charactersMax)}…` : value;
  if (Array.isArray(value)) return value.slice(0, 1).map((one) => shortened(one, depth + 1));
  if (!isJson(value)) return value;
  if (depth > depthMax) return cut;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null && !(Array.isArray(inner) && inner.length === 0))
      .map(([name, inner]) => [name, shortened(inner, depth + 1)]),
  );
}

/** JSON in as few lines as fit. */
function printed(value: unknown, indent = "", before = 0): string {
  const flat = JSON.stringify(value, null, 1)?.replace(/\n\s*/g, " ") ?? "null";
  if (indent.length + before + flat.length <= widthMax || typeof value !== "object" || value === null) return flat;
  const deeper = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((one) => printed(one, deeper))
    : Object.entries(value).map(
        ([name, inner]) => `${JSON.stringify(name)}: ${printed(inner, deeper, name.length + 4)}`,
      );
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  return `${open}\n${filled(parts, deeper)}\n${indent}${close}`;
}

/** Short parts share a line. */
function filled(parts: readonly string[], indent: string): string {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const fits =
      last !== undefined && !part.includes("\n") && !last.includes("\n") && last.length + part.length + 2 <= widthMax;
    if (fits) lines[lines.length - 1] = `${last}, ${part}`;
    else {
      if (last !== undefined) lines[lines.length - 1] = `${last},`;
      lines.push(`${indent}${part}`);
    }
  }
  return lines.join("\n");
}

function resolved(schema: unknown, document: Json): Json {
  if (!isJson(schema)) return {};
  if (typeof schema.$ref !== "string") return schema;
  const found = at(document, ...schema.$ref.slice(2).split("/"));
  return isJson(found) ? found : {};
}

function at(value: Json, ...names: readonly string[]): unknown {
  return names.reduce<unknown>((inner, name) => (isJson(inner) ? inner[name] : undefined), value);
}
