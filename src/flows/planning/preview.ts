/**
 * Preview: the calls that rules would make of one event, pasted or captured. Nothing is written, and nobody is called.
 */
import { bodyNotes, timeIgnored } from "../../domain/events/body-notes.ts";
import type { PlannableEvent } from "../../domain/events/event.ts";
import { compileIdentification, identify } from "../../domain/events/identify.ts";
import type { UnreadableReason, WebhookRequest } from "../../domain/events/webhook.ts";
import { isObject, type JsonValue, readJson } from "../../domain/json.ts";
import type { PlanSource } from "../../domain/plan/draft.ts";
import { gated, previewEvent, type RulePreview, turnName } from "../../domain/plan/preview.ts";
import type { SourceRules } from "../../domain/rules/source-rules.ts";
import { isSpent, previewAccount } from "../../domain/rules/work-account.ts";
import type { Webhooks } from "../../ports/ingest/webhooks.ts";
import type { RehearsalStore } from "../../ports/planning/rehearsals.ts";
import type { Clock, Identity } from "../../ports/runtime.ts";
import type { SourceCopy } from "../../ports/source-copy.ts";
import type { PlanView } from "./plan.ts";

/** Events per webhook that a preview shows. */
const eventsPerPreviewMax = 50;

/** Previews of one rule for one event, per answer. Each may hold all of its texts. */
const rulePreviewsMax = 500;

type PreviewPorts = {
  clock: Clock;
  identity: Pick<Identity, "eventId">;
  webhooks: Pick<Webhooks, "read">;
  rehearsals: Pick<RehearsalStore, "event" | "suppressed" | "taken">;
  /**
   * Whether Postgres is asked for suppressed numbers and for `once_per` keys that are used up. The answer reveals data
   * of people whom the caller can name.
   */
  asksOfNumbers: boolean;
};

/** Subject of a preview: a request as its sender would send it, without a signature, or a captured event. */
export type PreviewSubject =
  | { readonly request: WebhookRequest; readonly type: string | null }
  | { readonly eventId: string };

/** One parsed event. `unreadable`: the reason why this element of the request is not an event. */
export type PreviewedEvent = {
  readonly event: Pick<PlannableEvent, "id" | "externalId" | "type" | "occurredAt" | "record">;
  readonly orderNumber: string | null;
  readonly unreadable: string | null;
  readonly notes: ReturnType<typeof bodyNotes>;
  readonly rules: readonly RulePreview[];
};

type Previewed =
  /** `leftOut`: number of further events that the preview does not show. */
  | { readonly ok: true; readonly events: readonly PreviewedEvent[]; readonly leftOut: number; readonly nowMs: number }
  | { readonly ok: false; readonly reason: "no_event" | "erased" }
  | { readonly ok: false; readonly reason: UnreadableReason; readonly detail: string };

/**
 * @param rules Rules to preview, in their order.
 * @param fetched Records that would be fetched; undefined to use those that were fetched for a captured event.
 */
export async function preview(
  ports: PreviewPorts,
  view: PlanView,
  rules: SourceRules,
  subject: PreviewSubject,
  fetched: JsonValue | undefined,
): Promise<Previewed> {
  const nowMs = ports.clock.now();
  const found =
    "eventId" in subject
      ? await captured(ports, view.source, subject.eventId, nowMs)
      : await pasted(ports, view.source, subject, nowMs);
  if (!found.ok) return found;
  const source: PlanSource = view.source;
  const shown = Math.min(
    eventsPerPreviewMax,
    Math.max(1, Math.floor(rulePreviewsMax / Math.max(1, rules.rules.length))),
  );
  const account = previewAccount();
  const events: PreviewedEvent[] = [];
  for (const { event, orderNumber, unreadable, notes } of found.events.slice(0, shown)) {
    if (isSpent(account)) break;
    const whole = fetched === undefined ? event : { ...event, fetched };
    const scene = { source, lines: view.lines, nowMs };
    const previews = unreadable === null ? previewEvent(whole, rules, scene, account) : [];
    events.push({ event, orderNumber, unreadable, notes: bodyNotes(notes), rules: previews });
  }
  const leftOut = found.events.length - events.length;
  const known = ports.asksOfNumbers ? await asked(ports, view.source.slug, events) : events;
  return { ok: true, nowMs, leftOut, events: known };
}

type Found = { readonly ok: true; readonly events: readonly Read[] } | Extract<Previewed, { ok: false }>;
type Read = {
  readonly event: PlannableEvent;
  readonly orderNumber: string | null;
  readonly unreadable: string | null;
  readonly notes: string | null;
};

/** A captured event as if it arrived now: the preview does not ask about its age. */
async function captured({ rehearsals }: PreviewPorts, { slug }: SourceCopy, id: string, nowMs: number): Promise<Found> {
  const row = await rehearsals.event(slug, id);
  if (row === null) return { ok: false, reason: "no_event" };
  if (row.erased) return { ok: false, reason: "erased" };
  const json = readJson(row.body);
  const unreadable = json.ok ? (isObject(json.value) ? null : notAnObject) : json.detail;
  const event = { ...row, receivedAt: nowMs, bodyOnce: false, data: json.ok ? json.value : null };
  return { ok: true, events: [{ event, orderNumber: row.orderNumber, unreadable, notes: row.notes ?? null }] };
}

const notAnObject = "this element of the request is not an object";

async function pasted(
  { webhooks, identity }: PreviewPorts,
  source: SourceCopy,
  { request, type }: Extract<PreviewSubject, { request: unknown }>,
  nowMs: number,
): Promise<Found> {
  const read = await webhooks.read(source, request, nowMs);
  if (!read.ok) return read;
  const identification = compileIdentification(source);
  const events = read.events.map((incoming): Read => {
    const typed = type === null ? incoming : { ...incoming, type };
    const { orderNumber, record } = identify(identification, source.slug, typed);
    const { externalId, occurredAt, data } = typed;
    const id = identity.eventId(source.slug, incoming.dedupeKey);
    const event = {
      id,
      source: source.slug,
      externalId,
      type: typed.type,
      occurredAt,
      receivedAt: nowMs,
      record,
      data,
    };
    const notes = incoming.timeIgnored === true ? timeIgnored : null;
    return { event, orderNumber, unreadable: incoming.unreadable === undefined ? null : notAnObject, notes };
  });
  return { ok: true, events };
}

/** Gates that only Postgres can check, for the calls that would ring. */
async function asked(
  { rehearsals }: PreviewPorts,
  source: string,
  events: readonly PreviewedEvent[],
): Promise<PreviewedEvent[]> {
  const drafts = events.flatMap(({ rules }) =>
    rules.flatMap(({ draft, reason }) => (draft === null || reason !== null ? [] : draft)),
  );
  const numbers = [...new Set(drafts.flatMap(({ number }) => number ?? []))];
  const turns = drafts.flatMap(({ rule, once }) => (once === null ? [] : { rule, key: once.key }));
  const [suppressed, taken] = await Promise.all([rehearsals.suppressed(numbers), rehearsals.taken(source, turns)]);
  const gates = {
    suppressed: new Set(suppressed),
    taken: new Set(taken.map(({ rule, key }) => turnName(rule, key))),
  };
  return events.map((one) => ({ ...one, rules: one.rules.map((rule) => gated(rule, gates)) }));
}
