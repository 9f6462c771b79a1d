/**
 * Previews as the API shows them. Without `pii:read` they contain no payload values, no texts and no full phone number.
 */
import { maskNumber, maskText } from "../../domain/people/mask.ts";
import type { CallDraft } from "../../domain/plan/draft.ts";
import type { FieldRead, PreviewNote, RulePreview } from "../../domain/plan/preview.ts";
import { explain } from "../../domain/reasons.ts";
import { valueCharactersMax } from "../../domain/rules/text/limits.ts";
import type { PreviewedEvent } from "../../flows/planning/preview.ts";
import { harmlessDetail } from "../detail.ts";
import { iso } from "../moment.ts";

/** Limits of a shown value: characters, and values of one path. */
const shownCharactersMax = 200;
const shownValuesMax = 5;

/** @param seesAll Whether the reader may see numbers and texts. */
export function previewView({ event, orderNumber, unreadable, notes, rules }: PreviewedEvent, seesAll: boolean) {
  return {
    event: {
      id: event.id,
      external_id: event.externalId,
      type: event.type,
      occurred_at: iso(event.occurredAt),
      order_number: orderNumber,
      record: event.record,
      unreadable,
      notes,
    },
    rules: rules.map((rule) => rulePreviewView(rule, seesAll)),
  };
}

function rulePreviewView(preview: RulePreview, seesAll: boolean) {
  const { draft, reason } = preview;
  const owed = draft !== null && draft.status !== "skipped" && preview.wonBy === null;
  const hide = (text: string | null) => (seesAll ? text : maskText(text));
  return {
    rule: preview.rule,
    // An unsaved rule has no version.
    version: preview.version === 0 ? null : preview.version,
    mode: preview.mode,
    as_live: preview.asLive,
    ...(owed ? { call: previewedCallView(draft, seesAll) } : {}),
    ...(reason === null ? {} : { reason, reason_text: explain(reason), detail: detailOf(draft, seesAll) }),
    ...(preview.wonBy === null ? {} : { won_by: preview.wonBy }),
    when: preview.when,
    withdraw: preview.withdraw,
    numbers: preview.numbers.map(({ value, number, country, detail, readAs, readFrom }) => ({
      value: hide(value),
      number: seesAll ? number : maskNumber(number),
      country,
      read_as: readAs,
      read_from: readFrom,
      detail,
    })),
    zones: zonesOf(preview),
    texts: Object.fromEntries(
      preview.texts.map(({ field, text, problem, path, detail }) => [
        field,
        problem === null ? { text: hide(text) } : { text: null, problem, path, detail },
      ]),
    ),
    broken: preview.broken,
    read: preview.read.map((read) => readView(read, seesAll)),
    warnings: preview.notes.map(warningView),
  };
}

/** The call that a rule would make. */
export function previewedCallView(draft: CallDraft, seesAll: boolean) {
  const hide = (text: string | null) => (seesAll ? text : maskText(text));
  return {
    status: draft.status,
    line: draft.line,
    number: seesAll ? draft.number : maskNumber(draft.number),
    country: draft.country,
    about: hide(draft.about),
    prompt: hide(draft.prompt),
    prompt_overwrite: draft.promptOverwrite,
    greeting: hide(draft.greeting),
    due_at: iso(draft.dueAt),
    closes_at: iso(draft.closesAt),
    expires_at: iso(draft.expiresAt),
  };
}

function detailOf(draft: CallDraft | null, seesAll: boolean): Record<string, unknown> | null {
  const detail = draft?.detail ?? null;
  return seesAll ? detail : harmlessDetail(detail);
}

/** The customer's possible time zones, the zones that calling hours use, and the origin of both. */
function zonesOf({ draft, zonesPossible }: RulePreview) {
  const hours = draft?.verdicts.find(({ gate }) => gate === "hours")?.inputs;
  return { possible: zonesPossible, used: hours?.zones ?? [], from: hours?.zone_from ?? null };
}

function readView({ path, by, values, type }: FieldRead, seesAll: boolean) {
  const shown = values.slice(0, shownValuesMax).map((value) => shownValue(value, seesAll));
  return { path, by, type, values: shown, more: values.length > shown.length };
}

function shownValue(value: unknown, seesAll: boolean): unknown {
  if (!seesAll) return maskText("hidden");
  if (typeof value === "string")
    return value.length > shownCharactersMax ? `${value.slice(0, shownCharactersMax)}…` : value;
  if (typeof value !== "object" || value === null) return value;
  const text = JSON.stringify(value);
  return text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : value;
}

function warningView({ note, field, path }: PreviewNote) {
  const what = path ?? (note === "marks_replaced" ? "the template's own text" : "a value");
  return { code: note, field, path, sentence: sentenceOf(note, field, what) };
}

function sentenceOf(note: PreviewNote["note"], field: string, path: string): string {
  switch (note) {
    case "default_used":
      return `${path} is missing, empty or a placeholder such as N/A, so ${field} uses its default.`;
    case "value_cut":
      return `${path} is longer than the ${capOf(field)} characters that ${field} allows for a value, so its end is cut.`;
    case "characters_removed":
      return `${path} has characters that cannot be spoken or that hide text, so ${field} leaves them out.`;
    case "marks_replaced":
      return `${path} holds « or », or what looks like them or joins them. They mark what a customer or the CRM wrote: ${field} says “ or ”, one < or >, or leaves it out.`;
    case "text_compared":
      return `${path} is a text, but ${field} compares it with a number: write number(${path}), or put the number in quotes.`;
    case "number_compared":
      return `${path} is a number, but ${field} compares it with a text: write the number without quotes.`;
    case "country_empty":
      return `${path} is missing or empty, so the number is read by the source's country.`;
    case "country_unreadable":
      return `${path} is not a country (ISO 3166, or a name), so a number without a calling code is not called.`;
    case "zone_unreadable":
      return `${path} is not a time zone such as America/New_York, so hours must be open in all zones of the number's country.`;
    case "zone_abroad":
      return `${path} is a time zone outside the number's country, so hours must be open there and in all zones of that country.`;
  }
}

function capOf(field: string): number {
  return field === "about" ? valueCharactersMax.about : valueCharactersMax.prompt;
}
