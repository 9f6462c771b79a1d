/** The gates that a plan checks: the country, the calling hours, and whether the call can be in time. Pure. */
import type { Line } from "../calls/line.ts";
import { type OpenHours, openWindow } from "../people/calling-hours.ts";
import type { ZoneChoice } from "../people/zones.ts";
import { type CallDraft, judged, skip } from "./draft.ts";
import { expiryOf, isExpired } from "./expiry.ts";
import type { NumberCountry } from "./number.ts";

/** Inputs of the gates before a call is queued, planned or direct. */
export type GateInputs = {
  readonly line: Line;
  /** The country of the parsed number. */
  readonly country: string;
  /** The source's own country, which is the only one allowed if the line names none. */
  readonly home: string | null;
  /** The country that the number was read by, if the rule names one. */
  readonly readBy?: NumberCountry | null;
  readonly zone: {
    readonly zones: readonly string[];
    /** `call`: the zones of its call. */
    readonly from: ZoneChoice["from"] | "call";
    readonly problem?: ZoneChoice["problem"];
    /** The field that the rule's zone reads. */
    readonly path?: string | null;
  };
  readonly expiresMs: number;
  readonly burst: { readonly calls: number; readonly windowMs: number };
  readonly nowMs: number;
  /** Earliest time to dial, if the request names one. */
  readonly dueAtMs?: number;
  /** Receipt of the event. `expires` counts from it, however late the call is planned. Absent: now. */
  readonly sinceMs?: number;
  /** A person gave a reason for a late call, so `expires` counts from now. */
  readonly ignoresExpiry?: boolean | undefined;
};

/**
 * Checks the gates that need no Postgres: country, calling hours, and whether the call can be in time.
 *
 * @returns The draft, queued with its times, or skipped with the reason.
 */
export function gate(draft: CallDraft, inputs: GateInputs): CallDraft {
  const { line, zone, nowMs } = inputs;
  const countries = line.countries ?? (inputs.home === null ? [] : [inputs.home]);
  const countryInputs = { country: inputs.country, allowed: countries, line: line.slug, ...readingInputs(inputs) };
  if (!countries.includes(inputs.country))
    return judged(skip(draft, "country_not_allowed", countryInputs), "countries", "stop", countryInputs);
  const passed = judged(draft, "countries", "pass", countryInputs);

  const from = Math.max(nowMs, inputs.dueAtMs ?? nowMs);
  const window = openWindow(line.hours, [...zone.zones], from);
  // The value may be personal, and the verdict outlives an erasure. So only the field is named.
  const problem = zone.problem == null ? {} : { problem: zone.problem, path: zone.path ?? null };
  const hoursInputs = { zones: zone.zones, zone_from: zone.from, ...problem, hours: line.hours !== null };
  if (window === null) return judged(skip(passed, "never_open", hoursInputs), "hours", "stop", hoursInputs);
  // A receipt in the future (by another clock) counts as now.
  const since = Math.min(inputs.sinceMs ?? nowMs, nowMs);
  const asked = inputs.ignoresExpiry === true ? nowMs : since;
  const sinceMs = Math.max(asked, inputs.dueAtMs ?? asked);
  const expiresAt = expiryOf({ hours: line.hours, zones: zone.zones, sinceMs, expiresMs: inputs.expiresMs });
  if (isExpired(expiresAt, nowMs)) {
    const lateInputs = { owed_at: since, expires_at: expiresAt };
    return judged(skip({ ...passed, zones: zone.zones }, "expired", lateInputs), "expires", "stop", lateInputs);
  }
  const times = {
    zones: zone.zones,
    dueAt: Math.max(from, window.opensAtMs),
    closesAt: Number.isFinite(window.closesAtMs) ? window.closesAtMs : null,
    expiresAt,
    burst: { calls: inputs.burst.calls, window: Math.floor(nowMs / inputs.burst.windowMs) * inputs.burst.windowMs },
  };
  const queued = judged({ ...passed, ...times, status: "queued", reason: null }, "hours", "pass", {
    ...hoursInputs,
    due_at: times.dueAt,
    expires_at: expiresAt,
  });
  return inputs.ignoresExpiry === true
    ? judged(queued, "expires", "pass", { owed_at: since, expires_at: expiresAt, ignored: true })
    : queued;
}

/** The value may be personal, and the verdict outlives an erasure. So only the field is named. */
function readingInputs({ readBy }: GateInputs): Record<string, unknown> {
  if (readBy == null) return {};
  const { country, from, problem, path } = readBy;
  return { read_as: country, read_from: from, ...(problem === null ? {} : { problem, path }) };
}

/** Computes window and end of a queued call again: its line's hours have changed, or its window has passed. */
export function nextWindow(
  hours: OpenHours | null,
  zones: readonly string[],
  nowMs: number,
): { dueAt: number; closesAt: number | null } | null {
  const window = openWindow(hours, [...zones], nowMs);
  if (window === null) return null;
  return {
    dueAt: Math.max(nowMs, window.opensAtMs),
    closesAt: Number.isFinite(window.closesAtMs) ? window.closesAtMs : null,
  };
}
