/**
 * Calls that are asked for directly (`POST /v1/calls`): an event of the built-in source `api` whose payload is the call. The same
 * gates as every other dial; no rule, so no condition and no templates: what is sent is what is said.
 */

import type { Line } from "../calls/line.ts";
import type { PlannableEvent } from "../events/event.ts";
import type { JsonValue } from "../json.ts";
import { burstDefault, expiresDefaultMs } from "../limits.ts";
import { parseNumber } from "../people/phone.ts";
import { chooseZones } from "../people/zones.ts";
import { parseDuration } from "../rules/duration.ts";
import { type CallDraft, emptyDraft, type PlanSource, refusalDetail, skip } from "./draft.ts";
import { type GateInputs, gate } from "./gates.ts";
import type { EventPlan } from "./plan.ts";
import type { PlanScene } from "./weigh.ts";

/** The built-in source, and the name under which its calls stand in the place of a rule. */
export const apiSource = "api";

/** A call as it is asked for. */
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
};

/** All that a direct call is planned against. */
type DirectScene = Omit<PlanScene, "context">;

/** The plan of an event of the source `api`. Its payload was checked before it was accepted. */
export function planDirect(event: PlannableEvent, { source, lines, nowMs, ignoresExpiry }: DirectScene): EventPlan {
  const wanted = directCall(event.data);
  const draft = draftDirect(wanted, source, lines, nowMs, { sinceMs: event.receivedAt, ignoresExpiry });
  return { eventId: event.id, state: "planned", reason: null, detail: null, calls: [draft], withdraw: [] };
}

/**
 * The call that would be made: what a dry run shows.
 *
 * @param expiry `sinceMs`: when it was asked for
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

/** The payload of an `api` event, which this service wrote itself. */
function directCall(data: JsonValue): DirectCall {
  return data as unknown as DirectCall;
}
