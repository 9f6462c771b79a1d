/**
 * Hooks of hookline.yaml, compared with the stored ones. The file has the hooks of one token's name; those of other
 * names, and those that it does not name, stay as they are.
 *
 * A hook of the file is as the file says: a field that is left out has its default, and a header that is left out is
 * removed. Whether the hook is paused or disabled is not part of the file.
 */
import type { Change } from "../../domain/config/change-plan.ts";
import { differences, type FieldChange } from "../../domain/config/compare.ts";
import type { HookPayload } from "../../domain/hooks/body.ts";
import type { HookFormat } from "../../domain/hooks/hook.ts";
import { hooksMax } from "../../domain/hooks/limits.ts";
import type { Mistake } from "../../domain/rules/rule.ts";
import type { HookRow, HookWish, HookWrite } from "../../ports/hooks/hooks.ts";
import { hookMistakes, openHook, type SubscribePorts, sealHook, storedTarget, type TargetPlace } from "./subscribe.ts";

/** A header as written: its value, or the variable that has it. Without a value the stored one stays. */
type WantedHeader = string | { readonly env: string; readonly value?: string | undefined };

/** A hook as written, with its defaults. `path`: its place in the document. */
export type WantedHook = {
  readonly target_url: string;
  readonly events: readonly string[];
  readonly when: string | null;
  readonly payload: HookPayload;
  readonly headers: Readonly<Record<string, WantedHeader>>;
  readonly description: string | null;
  readonly format: HookFormat;
  readonly path: (string | number)[];
};

/** `secrets`: of new hooks, by target URL. `leftAlone`: target URLs that the file does not name. */
export type HookPlan = {
  readonly changes: Change[];
  readonly writes: HookWrite[];
  readonly mistakes: Mistake[];
  readonly warnings: Mistake[];
  readonly secrets: Map<string, string>;
  readonly leftAlone: readonly string[];
};

type Planner = {
  readonly ports: Pick<SubscribePorts, "sealer" | "newSecret">;
  /** The name of the token that applies the file. */
  readonly owner: string;
  readonly place: TargetPlace;
  readonly seesAll: boolean;
};

/** @param all every stored hook, also those of other names */
export async function planHooks(
  planner: Planner,
  all: readonly HookRow[],
  wanted: readonly WantedHook[],
): Promise<HookPlan> {
  const own = all.filter(({ owner }) => owner === planner.owner);
  const targets = wanted.map((hook) => storedTarget(hook.target_url, planner.place));
  const plan: HookPlan = {
    changes: [],
    writes: [],
    mistakes: [],
    warnings: [],
    secrets: new Map(),
    leftAlone: own.map(({ targetUrl }) => targetUrl).filter((url) => !targets.includes(url)),
  };
  for (const [index, hook] of wanted.entries()) {
    const target = targets[index] ?? hook.target_url;
    if (targets.indexOf(target) !== index)
      plan.mistakes.push({ path: [...hook.path, "target_url"], reason: "is the URL of another hook of this file" });
    else await planHook(plan, planner, own.find(({ targetUrl }) => targetUrl === target) ?? null, hook, target);
  }
  const made = plan.writes.filter((write) => write.do === "add").length;
  if (all.length + made > hooksMax)
    plan.mistakes.push({ path: ["hooks"], reason: `would be more than ${hooksMax} hooks: ${all.length} are stored` });
  return plan.mistakes.length > 0 ? { ...plan, writes: [] } : plan;
}

async function planHook(
  plan: HookPlan,
  planner: Planner,
  known: HookRow | null,
  wanted: WantedHook,
  target: string,
): Promise<void> {
  const mistakes = hookMistakes({ ...wanted, headers: checkedValues(wanted.headers) }, planner.place).map(
    (mistake) => ({
      ...mistake,
      path: [...wanted.path, ...mistake.path],
    }),
  );
  const headers = await wantedHeaders(planner, known, wanted);
  mistakes.push(...headers.mistakes);
  const wish: HookWish = {
    owner: planner.owner,
    targetUrl: target,
    format: wanted.format,
    events: wanted.events,
    condition: wanted.when,
    payload: wanted.payload,
    headerNames: headers.names,
    description: wanted.description,
  };
  const fields = known === null ? [] : [...differences(hookFields(known), hookFields(wish)), ...headers.fields];
  const kind = known === null ? "create" : fields.length === 0 ? "keep" : "change";
  if (kind !== "keep" && wanted.payload === "full_with_pii" && !planner.seesAll)
    mistakes.push({ path: [...wanted.path, "payload"], reason: "full_with_pii needs a token with the scope pii:read" });
  plan.mistakes.push(...mistakes);
  plan.warnings.push(...stateWarnings(known, wanted.path), ...writtenOut(wanted));
  if (mistakes.length > 0) return;
  plan.changes.push({ kind, what: "hook", name: target, ...(kind === "change" ? { fields } : {}) });
  if (known === null) {
    const secret = planner.ports.newSecret();
    const sealed = await sealHook(planner.ports, { secret, former: null, headers: headers.values });
    plan.secrets.set(target, secret);
    plan.writes.push({ do: "add", wish, sealed });
  } else if (kind === "change") {
    const { owner: _, targetUrl: __, ...change } = wish;
    const sealed =
      headers.opened === null
        ? {}
        : { sealed: await sealHook(planner.ports, { ...headers.opened, headers: headers.values }) };
    plan.writes.push({ do: "change", id: known.id, change: { ...change, ...sealed }, before: known.sealed });
  }
}

/** A hook's fields in the terms of the document, without its headers. */
function hookFields(hook: Pick<HookWish, "format" | "events" | "condition" | "payload" | "description">) {
  return {
    format: hook.format,
    events: hook.events,
    when: hook.condition,
    payload: hook.payload,
    description: hook.description,
  };
}

/** The headers after the apply. `opened`: the stored secrets, if the headers change. `values`: if they change or are new. */
type Headers = {
  readonly names: readonly string[];
  readonly values: Readonly<Record<string, string>>;
  readonly fields: readonly FieldChange[];
  readonly mistakes: readonly Mistake[];
  readonly opened: Awaited<ReturnType<typeof openHook>>;
};

/** Compares headers by their values. Names count without their case; the stored spelling of a name stays. */
async function wantedHeaders(
  { ports }: Planner,
  known: HookRow | null,
  { headers, path }: WantedHook,
): Promise<Headers> {
  const none: Headers = { names: known?.headerNames ?? [], values: {}, fields: [], mistakes: [], opened: null };
  const given = Object.entries(headers);
  const isAsStored =
    sameNames(Object.keys(headers), none.names) && given.every(([, one]) => givenValue(one) === undefined);
  if (isAsStored) return none;
  const opened = known === null ? null : await openHook(ports, known.sealed);
  if (known !== null && opened === null) {
    const reason = "cannot be compared: the key that sealed the stored values is missing in SEALING_KEYS";
    return { ...none, mistakes: [{ path: [...path, "headers"], reason }] };
  }
  const stored = new Map(
    Object.entries(opened?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), { name, value }]),
  );
  const values: Record<string, string> = {};
  const fields: FieldChange[] = [];
  const mistakes: Mistake[] = [];
  for (const [written, header] of given) {
    const before = stored.get(written.toLowerCase());
    stored.delete(written.toLowerCase());
    const value = givenValue(header) ?? before?.value;
    if (value === undefined) {
      const env = typeof header === "string" ? written : header.env;
      const reason = `has no value: set ${env} in the environment of \`hookline apply\``;
      mistakes.push({ path: [...path, "headers", written], reason });
      continue;
    }
    values[before?.name ?? written] = value;
    if (before?.value !== value)
      fields.push({
        field: `headers.${written.toLowerCase()}`,
        from: before === undefined ? null : "the stored value",
        to: before === undefined ? "a value" : "another value",
      });
  }
  for (const [name] of stored) fields.push({ field: `headers.${name}`, from: "the stored value", to: null });
  return { names: Object.keys(values), values, fields, mistakes, opened: fields.length === 0 ? null : opened };
}

const sameNames = (some: readonly string[], others: readonly string[]): boolean =>
  lowerCased(some).join() === lowerCased(others).join();
const lowerCased = (names: readonly string[]) => names.map((name) => name.toLowerCase()).sort();
const givenValue = (header: WantedHeader) => (typeof header === "string" ? header : header.value);

/** Values to be checked. A value that is given elsewhere was checked when it was stored. */
function checkedValues(headers: WantedHook["headers"]): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, givenValue(header) ?? "stored"]));
}

/** Names of headers whose values are credentials. */
const credential = /auth|key|token|secret|password|signature/i;

/** A credential in the file is visible to everybody who reads the file. */
function writtenOut({ headers, path }: WantedHook): Mistake[] {
  const reason = "the value is written out in the file: put it into an environment variable and write { env: NAME }";
  return Object.entries(headers).flatMap(([name, header]) =>
    typeof header === "string" && credential.test(name) ? [{ path: [...path, "headers", name], reason }] : [],
  );
}

/** An apply does not resume a hook, because a person or its receiver stopped it. */
function stateWarnings(known: HookRow | null, path: WantedHook["path"]): Mistake[] {
  if (known === null || known.state === "active") return [];
  const advice = `\`hookline hooks resume ${known.id}\` resumes it`;
  return [{ path, reason: `the hook is ${known.state}, and an apply leaves it so; ${advice}` }];
}
