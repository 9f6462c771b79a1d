/**
 * A preview: the calls that a source's rules would make of one event, with the reasons. Pure. The plan's own functions
 * decide ({@link weigh}, {@link wins}); this file only adds explanations.
 */
import type { PlannableEvent } from "../events/event.ts";
import { notFetched } from "../fetch/fetch.ts";
import { type ZoneChoice, zonesOfCountry } from "../people/zones.ts";
import type { ReasonCode } from "../reasons.ts";
import { type MixedComparison, mixedComparisons } from "../rules/condition/comparisons.ts";
import { type ConditionVerdict, explainCondition } from "../rules/condition/parts.ts";
import type { MappingContext, WorkAccount } from "../rules/context.ts";
import { typeOf, valuesAt } from "../rules/field-paths.ts";
import { asLive, type Rule, type RuleMode } from "../rules/rule.ts";
import type { SourceRules } from "../rules/source-rules.ts";
import { isValueUse } from "../rules/text/limits.ts";
import type { Text } from "../rules/text/program.ts";
import type { RenderNote } from "../rules/text/rendering.ts";
import { pathsOf, renderText } from "../rules/text/text.ts";
import { isSpent, previewAccount } from "../rules/work-account.ts";
import { type CallDraft, type PlanSource, withoutNumber } from "./draft.ts";
import { type CandidateNumber, candidateNumbers, type NumberCountry } from "./number.ts";
import { contextOf, wins } from "./plan.ts";
import { onceOf, type PlanScene, weigh } from "./weigh.ts";

/** A field that a rule read, with its values. */
export type FieldRead = {
  readonly path: string;
  /** The rule's fields that read it. */
  readonly by: readonly string[];
  /** Empty, one value, or the first of many. */
  readonly values: readonly unknown[];
  /** Type of the first value; null if the field is missing or null. */
  readonly type: string | null;
};

/** One of the rule's numbers, as read. */
type NumberRead = {
  readonly value: string;
  /** The country for numbers without a calling code, and its origin. */
  readonly readAs: string | null;
  readonly readFrom: NumberCountry["from"];
  readonly number: string | null;
  readonly country: string | null;
  /** Reason why the number is not called. It contains no digits. */
  readonly detail: string | null;
};

/** A text of the rule, filled or not. */
type TextRead = {
  readonly field: string;
  readonly text: string | null;
  readonly problem: string | null;
  readonly path: string | null;
  readonly detail: string | null;
};

/** The first obstacle. `field`: of the rule; `path`: of the event. */
type Broken = {
  readonly field: string;
  readonly path: string | null;
  readonly problem: string;
  readonly detail: string | null;
};

/** A hint for the rule's author. It stops nothing. */
export type PreviewNote = {
  readonly note:
    | RenderNote["note"]
    | MixedComparison["note"]
    | NonNullable<ZoneChoice["problem"] | NumberCountry["problem"]>;
  readonly field: string;
  readonly path: string | null;
};

export type RulePreview = {
  readonly rule: string;
  readonly version: number;
  readonly mode: RuleMode | null;
  /** The rule is not live and was previewed as if it were. */
  readonly asLive: boolean;
  /** The rule's call for the event, regardless of earlier rules; null if the rule does not match. */
  readonly draft: CallDraft | null;
  /** Reason why nothing rings; null if it would. */
  readonly reason: ReasonCode | null;
  /** The rule that wins the event. */
  readonly wonBy: string | null;
  readonly when: ConditionVerdict | null;
  readonly withdraw: ConditionVerdict | null;
  readonly numbers: readonly NumberRead[];
  /** Possible time zones of the number, by its country. */
  readonly zonesPossible: readonly string[];
  readonly texts: readonly TextRead[];
  readonly broken: Broken | null;
  readonly read: readonly FieldRead[];
  readonly notes: readonly PreviewNote[];
};

/** Answers from Postgres: suppressed numbers, and the keys of a rule's `once_per` that are used up. */
type PreviewGates = { readonly suppressed: ReadonlySet<string>; readonly taken: ReadonlySet<string> };

/** Key of a turn in {@link PreviewGates}. */
export function turnName(rule: string, key: string): string {
  return JSON.stringify([rule, key]);
}

/**
 * @param event As if it arrived now.
 * @param account Work budget. The rule that exhausts it and later ones are not previewed, and say so.
 * @returns One preview per rule, in order. Rules that no longer compile come first.
 */
export function previewEvent(
  event: PlannableEvent,
  { rules, broken }: SourceRules,
  given: Omit<PlanScene, "context">,
  account: WorkAccount = previewAccount(),
): RulePreview[] {
  const scene = { ...given, context: { ...contextOf(event, given.source.slug, event.data), account } };
  const whole = { ...event, unfetched: notFetched(rules, event.fetched) };
  const previews = broken.map((rule) => unseen(rule, "rule_broken", rule.reason));
  let wonBy: string | null = null;
  for (const rule of rules) {
    const weighed = isSpent(account) ? "condition" : weigh(asLive(rule), whole, scene);
    const lost = wonBy !== null && !rule.also;
    const made = isSpent(account) ? null : previewRule(rule, weighed, lost ? wonBy : null, { event, ...scene });
    if (made === null || isSpent(account)) {
      previews.push(unseen(rule, "not_previewed", "all rules and events of one preview share a budget of work"));
      continue;
    }
    previews.push(made);
    if (rule.mode !== "off" && typeof weighed !== "string" && wins(rule, weighed)) wonBy ??= rule.name;
  }
  return previews;
}

/** Completes a preview with the answers from Postgres. */
export function gated(preview: RulePreview, { suppressed, taken }: PreviewGates): RulePreview {
  const { draft, reason } = preview;
  if (draft === null || reason !== null || draft.number === null) return preview;
  const stop = (code: ReasonCode): RulePreview => ({
    ...preview,
    reason: code,
    draft: { ...draft, status: "skipped", reason: code, detail: null },
  });
  if (suppressed.has(draft.number)) return stop("suppressed");
  if (draft.once !== null && taken.has(turnName(draft.rule, draft.once.key))) return stop("once_per");
  return preview;
}

type Scene = {
  readonly event: PlannableEvent;
  readonly source: PlanSource;
  readonly context: MappingContext;
  readonly nowMs: number;
};

function previewRule(
  rule: Rule,
  weighed: CallDraft | "type" | "condition",
  wonBy: string | null,
  { event, source, context, nowMs }: Scene,
): RulePreview {
  const draft = typeof weighed === "string" ? null : weighed;
  const read = new Map<string, string[]>();
  const notes: PreviewNote[] = [];
  const note = (field: string, paths: readonly string[]): void => {
    for (const path of paths) read.set(path, [...(read.get(path) ?? []), field]);
  };
  const render = (field: string, text: Text | null) => {
    if (text === null) return null;
    const made: RenderNote[] = [];
    const rendered = renderText(text, context, made);
    note(field, rendered.read);
    if (!isValueUse(text.use)) for (const one of made) notes.push({ note: one.note, field, path: one.path });
    return rendered;
  };

  const wanted = weighed !== "type";
  const when = wanted && rule.when !== null ? explainCondition(rule.when, context) : null;
  if (when !== null) note("when", when.paths);
  if (wanted) notes.push(...mixedComparisons({ when: rule.when, withdraw: rule.withdraw }, context));
  const withdraw = rule.withdraw === null || event.record === null ? null : explainCondition(rule.withdraw, context);
  if (withdraw !== null) note("withdraw", withdraw.paths);
  const numbers: NumberRead[] = [];
  const texts: TextRead[] = [];
  if (draft !== null) {
    for (const template of rule.numbers) render("number", template);
    for (const template of rule.countries) render("country", template);
    const candidates = candidateNumbers(rule, context, source);
    numbers.push(...candidates.map(numberRead));
    for (const { problem, path } of new Set(candidates.map(({ by }) => by)))
      if (problem !== null) notes.push({ note: problem, field: "country", path });
    for (const [field, text] of textsOf(rule)) {
      const made = render(field, text);
      if (made?.ok === true) texts.push({ field, text: made.value, problem: null, path: null, detail: null });
      if (made?.ok === false)
        texts.push({ field, text: null, problem: made.reason, path: made.path, detail: made.detail });
    }
    render("zone", rule.zone);
    const zone = draft.verdicts.find(({ gate }) => gate === "hours")?.inputs;
    const [path = null] = rule.zone === null ? [] : pathsOf(rule.zone);
    if (zone?.problem === "zone_unreadable" || zone?.problem === "zone_abroad")
      notes.push({ note: zone.problem, field: "zone", path });
    render("once_per.key", rule.oncePer?.key ?? null);
  }
  return {
    rule: rule.name,
    version: rule.version,
    mode: rule.mode,
    asLive: rule.mode !== "live",
    draft,
    reason: wonBy !== null && draft !== null ? "won_by_earlier" : reasonOf(weighed),
    wonBy: draft === null ? null : wonBy,
    when,
    withdraw,
    numbers,
    zonesPossible: draft?.country == null ? [] : zonesOfCountry(draft.country),
    texts,
    broken: draft === null ? null : firstBroken(rule, draft, { when, texts, context, nowMs }),
    read: [...read].map(([path, by]) => fieldRead(context, path, by)),
    notes,
  };
}

function reasonOf(weighed: CallDraft | "type" | "condition"): ReasonCode | null {
  if (weighed === "type") return "type_not_asked";
  return weighed === "condition" ? "condition_false" : weighed.reason;
}

function textsOf(rule: Rule): [string, Text | null][] {
  return [
    ["about", rule.about],
    ["prompt", rule.prompt?.text ?? null],
    ["greeting", rule.greeting],
  ];
}

function numberRead({ text, read, by }: CandidateNumber): NumberRead {
  const how = { value: text, readAs: by.country, readFrom: by.from };
  return read.ok
    ? { ...how, number: read.e164, country: read.country, detail: null }
    : { ...how, number: null, country: null, detail: read.detail };
}

/** The values of a rule's parts. */
type RuleReading = {
  readonly when: ConditionVerdict | null;
  readonly texts: readonly TextRead[];
  readonly context: MappingContext;
  readonly nowMs: number;
};

/** In the order in which the plan evaluates them. */
function firstBroken(rule: Rule, draft: CallDraft, { when, texts, context, nowMs }: RuleReading): Broken | null {
  if (when?.result === "failed")
    return { field: "when", path: when.path, problem: "condition_failed", detail: when.detail };
  if (draft.reason === "not_fetched")
    return { field: "fetch", path: null, problem: "not_fetched", detail: String(draft.detail?.fetch ?? "") };
  if (draft.reason === "line_missing") return { field: "line", path: null, problem: "line_missing", detail: null };
  if (withoutNumber.includes(draft.reason)) {
    const field = draft.reason === "country_unreadable" ? "country" : "number";
    const [path = null] = (field === "country" ? rule.countries : rule.numbers).flatMap(pathsOf);
    return { field, path, problem: draft.reason ?? "no_number", detail: String(draft.detail?.detail ?? "") };
  }
  for (const { field, problem, path, detail } of texts) if (problem !== null) return { field, path, problem, detail };
  const once = onceOf(rule.oncePer, context, nowMs);
  if (once.ok) return null;
  const { path, problem, detail } = once.failure;
  const text = (value: unknown) => (typeof value === "string" ? value : null);
  return { field: "once_per.key", path: text(path), problem: text(problem) ?? "placeholder", detail: text(detail) };
}

function fieldRead(context: MappingContext, path: string, by: readonly string[]): FieldRead {
  const values = valuesAt(context, path);
  return { path, by: [...new Set(by)], values, type: values.length === 0 ? null : typeOf(values[0]) };
}

type Unseen = "rule_broken" | "not_previewed";

/** A rule that cannot be previewed. */
function unseen({ name, version }: Pick<Rule, "name" | "version">, reason: Unseen, detail: string): RulePreview {
  return {
    rule: name,
    version,
    mode: null,
    asLive: false,
    draft: null,
    reason,
    wonBy: null,
    when: null,
    withdraw: null,
    numbers: [],
    zonesPossible: [],
    texts: [],
    broken: { field: "rule", path: null, problem: reason, detail },
    read: [],
    notes: [],
  };
}
