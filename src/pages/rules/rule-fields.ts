/** The fields of a rule's form, and the API's document made of them. */
import type { Mistake, RuleDefinition, RuleMode } from "../../domain/rules/rule.ts";
import type { Field } from "../forms/fields.tsx";

/** A saved version of a rule, as the API shows it. */
export type RuleShown = RuleDefinition & {
  readonly name: string;
  readonly mode: RuleMode;
  readonly position: number;
  readonly version: number;
  readonly saved_at: string | null;
  readonly saved_by: string;
};
export type RuleVersionShown = RuleShown & { readonly by: string; readonly in_force: boolean };

/** A rule's document with its name, as the API takes it in a list. */
export type NamedDocument = { readonly name: string } & Readonly<Record<string, unknown>>;

/** Fields of a rule that the form has as one JSON object. */
const restNames = ["also", "once_per", "burst", "try_again", "fetch", "country", "test_number"] as const;
const ownNames = [
  "on",
  "when",
  "line",
  "number",
  "about",
  "prompt",
  "greeting",
  "zone",
  "expires",
  "withdraw",
] as const;

export const nameField: Field = {
  kind: "line",
  name: "name",
  label: "Name",
  hint: "Lower-case letters, digits and hyphens. Calls are listed by it.",
  required: true,
  charactersMax: 63,
};

export const eventFields: readonly Field[] = [
  {
    kind: "text",
    name: "on",
    label: "Types of events",
    hint: "One per line: `orders/updated`. Empty: every type.",
    rows: 2,
    code: true,
  },
  {
    kind: "text",
    name: "when",
    label: "Condition",
    hint: "A call is made only if this is true: `data.total > 100.0`. Empty: always.",
    rows: 4,
    code: true,
    takes: "cel",
  },
  {
    kind: "text",
    name: "number",
    label: "Numbers",
    hint: "One per line. The first that can be called is called: `{{ data.phone }}`.",
    rows: 3,
    code: true,
    takes: "text",
  },
  { kind: "line", name: "line", label: "Line", hint: "The line that places the calls.", charactersMax: 63 },
];

export const textFields: readonly Field[] = [
  {
    kind: "text",
    name: "about",
    label: "About",
    hint: "The facts of the call: `Their order is {{ data.name }}.`",
    rows: 5,
    takes: "text",
  },
  { kind: "text", name: "prompt", label: "Prompt", hint: "Empty: the agent's own.", rows: 6, takes: "text" },
  { kind: "check", name: "overwrite", label: "The prompt replaces the agent's own" },
  { kind: "text", name: "greeting", label: "Greeting", hint: "Empty: the agent's own.", rows: 2, takes: "text" },
];

export const moreFields: readonly Field[] = [
  {
    kind: "text",
    name: "withdraw",
    label: "Withdraw",
    hint: "A later event of the record for which this is true cancels a call that waits.",
    rows: 2,
    code: true,
    takes: "cel",
  },
  {
    kind: "line",
    name: "zone",
    label: "Time zone",
    hint: "Of the customer: `{{ data.zone }}` or `Europe/Berlin`. Empty: by the number.",
    takes: "text",
  },
  { kind: "line", name: "expires", label: "Expires", hint: "Age of an event that is too old for a call: `4h`, `2d`." },
  {
    kind: "text",
    name: "rest",
    label: "The rest, as JSON",
    hint: `An object with any of ${restNames.map((name) => `\`${name}\``).join(", ")}.`,
    rows: 8,
    code: true,
  },
];

/** @returns The form of a stored rule. */
export function filledRule(rule: RuleShown): URLSearchParams {
  const form = new URLSearchParams({ base: String(rule.version), name: rule.name });
  for (const name of ["when", "line", "about", "greeting", "zone", "expires", "withdraw"] as const)
    form.set(name, rule[name] ?? "");
  form.set("on", (rule.on ?? []).join("\n"));
  form.set("number", [rule.number].flat().join("\n"));
  form.set("prompt", (typeof rule.prompt === "string" ? rule.prompt : rule.prompt?.text) ?? "");
  if (typeof rule.prompt === "object" && rule.prompt.overwrite === true) form.set("overwrite", "true");
  const rest = restNames.filter((name) => rule[name] !== undefined).map((name) => [name, rule[name]] as const);
  form.set("rest", rest.length === 0 ? "" : JSON.stringify(Object.fromEntries(rest), null, 2));
  return form;
}

/** Writes a path of a payload at the end of the field that the form has chosen for it, as the field names paths. */
export function insertPath(form: URLSearchParams, path: string): void {
  const into = [...eventFields, ...textFields, ...moreFields].find(({ name }) => name === (form.get("into") ?? "when"));
  if (into === undefined || into.kind === "kept" || into.takes === undefined) return;
  const text = form.get(into.name) ?? "";
  const gap = text === "" || /\s$/.test(text) ? "" : into.name === "number" ? "\n" : " ";
  form.set(into.name, `${text}${gap}${into.takes === "cel" ? path : `{{ ${path} }}`}`);
}

type ReadDocument = { ok: true; document: Record<string, unknown> } | { ok: false; mistakes: Mistake[] };

/**
 * Reads a sent form.
 *
 * @param stored The stored version. Its shape is kept where the form leaves a choice, so that an unchanged form changes
 *   nothing.
 * @returns The rule's document without its name and mode.
 */
export function ruleDocument(form: URLSearchParams, stored: RuleShown | null): ReadDocument {
  const rest = restOf(form.get("rest") ?? "");
  if (typeof rest === "string") return { ok: false, mistakes: [{ path: ["rest"], reason: rest }] };
  const text = (name: string) => {
    const value = (form.get(name) ?? "").replaceAll("\r\n", "\n");
    return value.trim() === "" ? undefined : value;
  };
  const lines = (name: string) => (text(name) ?? "").split("\n").flatMap((line) => line.trim() || []);
  const [on, numbers, prompt] = [lines("on"), lines("number"), text("prompt")];
  const overwrite = form.get("overwrite") === "true";
  const isShort = !overwrite && typeof stored?.prompt !== "object";
  const all = {
    ...rest,
    on: on.length === 0 ? undefined : on,
    when: text("when"),
    withdraw: text("withdraw"),
    line: (form.get("line") ?? "").trim(),
    number: numbers.length === 1 && typeof stored?.number === "string" ? numbers[0] : numbers,
    about: text("about") ?? "",
    prompt: prompt === undefined ? undefined : isShort ? prompt : { text: prompt, overwrite },
    greeting: text("greeting"),
    zone: text("zone")?.trim(),
    expires: text("expires")?.trim(),
  };
  return { ok: true, document: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) };
}

/** @returns The object; or the reason why the text is none that a rule can have. */
function restOf(text: string): Record<string, unknown> | string {
  if (text.trim() === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return "is no JSON";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "must be a JSON object";
  const names = Object.keys(value);
  const own = names.find((name) => ownNames.some((one) => one === name));
  if (own !== undefined) return `has \`${own}\`, which has a field of its own above`;
  const foreign = names.find((name) => !restNames.some((one) => one === name));
  return foreign === undefined ? { ...value } : `has \`${foreign}\`, which is no field of a rule here`;
}

/** @returns The document of a stored version. */
export function storedDocument(rule: RuleShown): NamedDocument {
  const { position: _, version: __, saved_at: ___, saved_by: ____, ...document } = rule as RuleVersionShown;
  const { by: _____, in_force: ______, ...named } = document;
  return named;
}

/** @returns The mistakes by the field that they stand beside. */
export function mistakesByField(mistakes: readonly Mistake[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { path, line, column, reason } of mistakes) {
    // Lists of rules are sent whole, and each mistake names the rule's place in it first.
    const [first = "", ...inner] = (path[0] === "rules" ? path.slice(2) : path).map(String);
    const isRest = restNames.some((name) => name === first);
    const isList = (first === "on" || first === "number") && inner.length > 0;
    const where = [
      isRest ? `\`${[first, ...inner].join(".")}\`` : "",
      isList ? `The ${Number(inner[0]) + 1}. ` : "",
      line === undefined ? "" : `Line ${line}, column ${column ?? 1}: `,
    ].join(isRest ? " " : "");
    const field = isRest ? "rest" : first;
    found.set(field, [found.get(field) ?? "", `${where}${reason}`].join(" ").trim());
  }
  return found;
}

/** @returns A document's text, line by line and in one order of its fields, for reading and comparing. */
export function ruleLines({ name: _, ...document }: NamedDocument): string[] {
  const places: readonly string[] = ["mode", ...ownNames, ...restNames];
  const entries = Object.entries(document).sort(([one], [other]) => places.indexOf(one) - places.indexOf(other));
  return entries.flatMap(([field, value]) => {
    const text = typeof value === "string" ? value.replace(/\n$/, "") : JSON.stringify(value, null, 2);
    if (!text.includes("\n")) return [`${field}: ${text}`];
    const [first = "", ...more] = text.split("\n");
    return typeof value === "string"
      ? [`${field}:`, ...text.split("\n").map((line) => `  ${line}`)]
      : [`${field}: ${first}`, ...more];
  });
}
