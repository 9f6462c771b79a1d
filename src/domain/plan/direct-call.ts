/**
 * Direct calls (`POST /v1/calls`): events of the built-in source `api` whose payload is the call. They pass the same
 * gates as every other call. There is no rule, so no condition and no template: texts are used as sent.
 */

import type { Line } from "../calls/line.ts";
import type { PlannableEvent } from "../events/event.ts";
import type { JsonValue } from "../json.ts";
import { burstDefault, expiresDefaultMs } from "../limits.ts";
import { parseNumber } from "../people/phone.ts";
import { chooseZones } from "../people/zones.ts";
import { parseDuration } from "../rules/duration.ts";
import { type CallDraft, emptyDraft, judged, type PlanSource, refusalDetail, skip } from "./draft.ts";
import { type GateInputs, gate } from "./gates.ts";
import type { EventPlan } from "./plan.ts";
import type { PlanScene } from "./weigh.ts";

/** The built-in source, and the name of its calls in place of a rule's. */
export const apiSource = "api";

/** A direct call as requested. */
export type DirectCall = {
  line: string;
  number: string;
  about: string;
  prompt?: { text: string; overwrite: boolean } | undefined;
  greeting?: string | undefined;
  order_number?: string | undefined;
  record?: { type: string; id: string } | undefined;
  /** Epoch milliseconds. */
  due_at?: number | undefined;
  expires?: string | undefined;
  /** Rings even if it repeats an earlier call. Needs the `reason`. */
  again?: boolean | undefined;
  reason?: string | undefined;
};

/** Everything that a direct call is planned against. */
type DirectScene = Omit<PlanScene, "context">;

/** Plans an event of the source `api`. Its payload was validated before it was accepted. */
export function planDirect(event: PlannableEvent, { source, lines, nowMs, ignoresExpiry }: DirectScene): EventPlan {
  const wanted = directCall(event.data);
  const draft = draftDirect(wanted, source, lines, nowMs, { sinceMs: event.receivedAt, ignoresExpiry });
  return { eventId: event.id, state: "planned", reason: null, detail: null, calls: [draft], withdraw: [] };
}

/**
 * Drafts a direct call, for its plan or for a dry run.
 *
 * @param expiry `sinceMs`: time of the request. Absent in a dry run: `nowMs`.
 */
export function draftDirect(
  wanted: DirectCall,
  source: PlanSource,
  lines: ReadonlyMap<string, Line>,
  nowMs: number,
  expiry: Pick<GateInputs, "sinceMs" | "ignoresExpiry"> = {},
): CallDraft {
  const empty = emptyDraft({
    name: apiSource,
    version: 0,
    mode: "live",
    line: wanted.line,
    prompt: wanted.prompt ? { overwrite: wanted.prompt.overwrite } : null,
  });
  const line = lines.get(wanted.line);
  if (line === undefined) return skip({ ...empty, line: null }, "line_missing", { line: wanted.line });
  const parsed = parseNumber(wanted.number, source.country);
  if (!parsed.ok) return skip(empty, parsed.reason, refusalDetail(parsed));
  const expires = wanted.expires === undefined ? null : parseDuration(wanted.expires);
  return gate(
    {
      ...empty,
      number: parsed.e164,
      country: parsed.country,
      about: wanted.about,
      prompt: wanted.prompt?.text ?? null,
      greeting: wanted.greeting ?? null,
      ...(wanted.again === true && wanted.reason !== undefined ? { again: wanted.reason } : {}),
    },
    {
      line,
      country: parsed.country,
      home: source.country,
      zone: chooseZones("", parsed.country, source.zone, nowMs),
      expiresMs: expires?.ok ? expires.ms : expiresDefaultMs,
      burst: burstDefault,
      nowMs,
      ...expiry,
      ...(wanted.due_at === undefined ? {} : { dueAtMs: wanted.due_at }),
    },
  );
}

/**
 * The verdict of the loop gate for a dry run. Postgres gives the same verdict in a plan (`src/store/events/plans.ts`).
 *
 * @param repeats The event of the call that the draft repeats; null if there is none.
 */
export function judgeLoop(draft: CallDraft, repeats: string | null): CallDraft {
  if (draft.status !== "queued") return draft;
  const again = draft.again !== undefined;
  const inputs = { ...(repeats === null ? {} : { event_id: repeats }), ...(again ? { again } : {}) };
  if (repeats === null || again) return judged(draft, "loop", "pass", inputs);
  const held = { ...draft, status: "held", reason: "looks_like_a_loop", detail: { event_id: repeats } } as const;
  return judged(held, "loop", "stop", inputs);
}

/** The payload of an `api` event. This service wrote it. */
function directCall(data: JsonValue): DirectCall {
  return data as unknown as DirectCall;
}
