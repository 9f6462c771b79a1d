/** The fields of a rule's form, and the API's document made of them. */
import { againOutcomes, type Mistake, type RuleDefinition, type RuleMode } from "../../domain/rules/rule.ts";
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

/** Fields of a rule in the order in which documents are shown. */
const fieldNames = [
  ...["on", "when", "line", "number", "country", "about", "prompt", "greeting", "zone", "expires", "withdraw", "also"],
  ...["once_per", "burst", "try_again", "fetch", "test_number"],
];

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
];

/** @param lines Names of the lines that exist. */
export function lineField(lines: readonly string[]): Field {
  return {
    kind: "line",
    name: "line",
    label: "Line",
    hint: "The line that places the calls.",
    charactersMax: 63,
    offers: lines,
  };
}

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
    name: "country",
    label: "Country",
    hint: "Of numbers without a calling code: `US`, or `{{ data.address.country }}`. One for all numbers, or one per line for each. Empty: the source's.",
    rows: 2,
    code: true,
    takes: "text",
  },
  {
    kind: "text",
    name: "once_per.key",
    label: "Once per",
    hint: "A customer is called once for each value of this text: `{{ data.order_id }}`. Empty: for each event.",
    rows: 2,
    code: true,
    takes: "text",
  },
  { kind: "line", name: "once_per.in", label: "Once per: within", hint: "`30d`. Needed with the text above." },
  {
    kind: "line",
    name: "burst.calls",
    label: "Burst: calls",
    hint: "More calls than this within the time below wait for a person. Empty: the default.",
    charactersMax: 7,
  },
  { kind: "line", name: "burst.in", label: "Burst: within", hint: "`10m`, `1h`." },
  { kind: "check", name: "try_again.no_answer", label: "Try again if nobody answers" },
  { kind: "check", name: "try_again.busy", label: "Try again if the number is busy" },
  { kind: "line", name: "try_again.after", label: "Try again after", hint: "One time for each further try: `2h, 1d`." },
  {
    kind: "line",
    name: "fetch",
    label: "Records that it fetches",
    hint: "Names with commas: `ticket, contact`. Empty: as the source's settings say. `none`: no record.",
  },
  { kind: "check", name: "also", label: "It also calls if an earlier rule has decided about the event" },
  {
    kind: "line",
    name: "test_number",
    label: "Test number",
    hint: "The number that the mode Test calls in place of the customer: `+14155550100`.",
    charactersMax: 40,
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
  form.set("country", [rule.country ?? []].flat().join("\n"));
  form.set("once_per.key", rule.once_per?.key ?? "");
  form.set("once_per.in", rule.once_per?.in ?? "");
  form.set("burst.calls", rule.burst === undefined ? "" : String(rule.burst.calls));
  form.set("burst.in", rule.burst?.in ?? "");
  for (const outcome of againOutcomes)
    if (rule.try_again?.on.includes(outcome) === true) form.set(`try_again.${outcome}`, "true");
  form.set("try_again.after", (rule.try_again?.after ?? []).join(", "));
  form.set("fetch", rule.fetch?.length === 0 ? noRecord : (rule.fetch ?? []).join(", "));
  if (rule.also === true) form.set("also", "true");
  form.set("test_number", rule.test_number ?? "");
  return form;
}

/** Writes a path of a payload at the end of the field that the form has chosen for it, as the field names paths. */
export function insertPath(form: URLSearchParams, path: string): void {
  const into = [...eventFields, ...textFields, ...moreFields].find(({ name }) => name === (form.get("into") ?? "when"));
  if (into === undefined || into.kind === "kept" || into.takes === undefined) return;
  const text = form.get(into.name) ?? "";
  const gap = text === "" || /\s$/.test(text) ? "" : into.name === "number" || into.name === "country" ? "\n" : " ";
  form.set(into.name, `${text}${gap}${into.takes === "cel" ? path : `{{ ${path} }}`}`);
}

/** The text of the field for records by which a rule fetches none, whatever its source says. */
const noRecord = "none";

/**
 * Reads a sent form.
 *
 * @param stored The stored version. Its shape is kept where the form leaves a choice, so that an unchanged form changes
 *   nothing.
 * @returns The rule's document without its name and mode. A value that cannot be right stays as it was typed, so that
 *   the API says why.
 */
export function ruleDocument(form: URLSearchParams, stored: RuleShown | null): Record<string, unknown> {
  const text = (name: string) => {
    const value = (form.get(name) ?? "").replaceAll("\r\n", "\n");
    return value.trim() === "" ? undefined : value;
  };
  const word = (name: string) => text(name)?.trim();
  const lines = (name: string) => (text(name) ?? "").split("\n").flatMap((line) => line.trim() || []);
  const names = (name: string) => (text(name) ?? "").split(",").flatMap((one) => one.trim() || []);
  const [on, numbers, prompt] = [lines("on"), lines("number"), text("prompt")];
  const countries = lines("country");
  const overwrite = form.get("overwrite") === "true";
  const isShort = !overwrite && typeof stored?.prompt !== "object";
  const oncePer = { key: text("once_per.key") ?? "", in: word("once_per.in") ?? "" };
  const burst = { calls: wholeOf(word("burst.calls") ?? ""), in: word("burst.in") ?? "" };
  const tryAgain = { on: outcomesOf(form, stored), after: names("try_again.after") };
  const all = {
    on: on.length === 0 ? undefined : on,
    when: text("when"),
    withdraw: text("withdraw"),
    line: word("line") ?? "",
    number: numbers.length === 1 && typeof stored?.number === "string" ? numbers[0] : numbers,
    country:
      countries.length === 0
        ? undefined
        : countries.length === 1 && !Array.isArray(stored?.country)
          ? countries[0]
          : countries,
    about: text("about") ?? "",
    prompt: prompt === undefined ? undefined : isShort ? prompt : { text: prompt, overwrite },
    greeting: text("greeting"),
    zone: word("zone"),
    expires: word("expires"),
    also: form.get("also") === "true" ? true : stored?.also === false ? false : undefined,
    once_per: oncePer.key === "" && oncePer.in === "" ? undefined : oncePer,
    burst: burst.calls === "" && burst.in === "" ? undefined : burst,
    try_again: tryAgain.on.length === 0 && tryAgain.after.length === 0 ? undefined : tryAgain,
    fetch: text("fetch") === undefined ? undefined : word("fetch") === noRecord ? [] : names("fetch"),
    test_number: word("test_number"),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function wholeOf(text: string): number | string {
  return /^\d{1,7}$/.test(text) ? Number(text) : text;
}

/** @returns The outcomes that are ticked, in the stored order if they are the stored ones. */
function outcomesOf(form: URLSearchParams, stored: RuleShown | null): string[] {
  const ticked = againOutcomes.filter((outcome) => form.get(`try_again.${outcome}`) === "true");
  const before = stored?.try_again?.on ?? [];
  const isSame = before.length === ticked.length && ticked.every((outcome) => before.includes(outcome));
  return isSame ? [...before] : ticked;
}

/** @returns The document of a stored version. */
export function storedDocument(rule: RuleShown): NamedDocument {
  const { position: _, version: __, saved_at: ___, saved_by: ____, ...document } = rule as RuleVersionShown;
  const { by: _____, in_force: ______, ...named } = document;
  return named;
}

/** Fields of the form for mistakes about an object as a whole. */
const wholeFields: Readonly<Record<string, string>> = {
  once_per: "once_per.key",
  burst: "burst.calls",
  try_again: "try_again.after",
  "try_again.on": "try_again.no_answer",
};

/** @returns The mistakes by the field that they stand beside. */
export function mistakesByField(mistakes: readonly Mistake[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { path, line, column, reason } of mistakes) {
    // Lists of rules are sent whole, and each mistake names the rule's place in it first.
    const parts = (path[0] === "rules" ? path.slice(2) : path).map(String);
    const names = parts.filter((part) => !/^\d+$/.test(part));
    const nth = parts.find((part) => /^\d+$/.test(part));
    const name = names[0] === "prompt" ? "prompt" : names.join(".");
    const where = [
      nth === undefined ? "" : `The ${Number(nth) + 1}. `,
      line === undefined ? "" : `Line ${line}, column ${column ?? 1}: `,
    ].join("");
    const field = wholeFields[name] ?? name;
    found.set(field, [found.get(field) ?? "", `${where}${reason}`].join(" ").trim());
  }
  return found;
}

/** @returns A document's text, line by line and in one order of its fields, for reading and comparing. */
export function ruleLines({ name: _, ...document }: NamedDocument): string[] {
  const places: readonly string[] = ["mode", ...fieldNames];
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
