/** One plain sentence about an order: whether the customer was called, and with which outcome. */
import type { CallStatus, Outcome } from "../../domain/calls/call.ts";
import { explanationOf } from "../../domain/reasons.ts";
import type { CallRow, Wait } from "../../ports/lookups/calls.ts";
import type { EventRow } from "../../ports/lookups/events.ts";
import { iso } from "../moment.ts";

const numerals = [
  "no",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
  "eleven",
  "twelve",
];

/** Words for one call, and for several with the same end. */
type Words = readonly [one: string, several: string];

const outcomeWords: Readonly<Record<Outcome, Words>> = {
  completed: ["was completed", "were completed"],
  no_answer: ["was not answered", "were not answered"],
  busy: ["found the number busy", "found the number busy"],
  failed: ["failed", "failed"],
  canceled: ["was canceled while it rang", "were canceled while they rang"],
  voicemail: ["reached a voicemail", "reached a voicemail"],
  unspecified: ["ended without a known outcome", "ended without a known outcome"],
};

const statusWords: Readonly<Record<Exclude<CallStatus, "ended">, Words>> = {
  skipped: ["was decided against", "were decided against"],
  held: ["waits for a person", "wait for a person"],
  queued: ["waits to be placed", "wait to be placed"],
  dialing: ["is being placed", "are being placed"],
  unknown: ["may or may not have rung", "may or may not have rung"],
  review: ["waits for a person to say whether it rang", "wait for a person to say whether they rang"],
  placed: ["is going on or has no known outcome yet", "are going on or have no known outcome yet"],
  rejected: ["was refused by the voice service", "were refused by the voice service"],
  expired: ["could not be placed in time", "could not be placed in time"],
  canceled: ["was canceled", "were canceled"],
};

const canceledByPerson: Words = ["was canceled by a person", "were canceled by a person"];

const placedStatuses: ReadonlySet<CallStatus> = new Set(["placed", "ended"]);
const uncertainStatuses: ReadonlySet<CallStatus> = new Set(["unknown", "review"]);
const waitingStatuses: ReadonlySet<CallStatus> = new Set(["held", "queued", "dialing"]);

/** Reasons that add nothing to the status. */
const plainReasons: ReadonlySet<string> = new Set(["expired", "refused"]);

/**
 * @param orderNumber As the reader typed it.
 * @param calls Newest first.
 * @param events Newest first.
 * @param more Whether there are more than these.
 */
export function answerOf(
  orderNumber: string,
  calls: readonly CallRow[],
  events: readonly EventRow[],
  more: boolean,
): string {
  const about = `about ${orderNumber}`;
  if (calls.length === 0 && events.length === 0) return `Nothing is known ${about}: no event and no call names it.`;
  const sources = new Set([...calls, ...events].map(({ source }) => source));
  const shops = sources.size > 1 ? ` ${capital(numeral(sources.size))} sources know an order of this number.` : "";
  const sentence =
    calls.length === 0 ? `No call was placed ${about}: ${whyNone(events, more)}` : whatBecame(about, calls, more);
  return `${sentence}.${shops}`;
}

function whyNone([newest, ...others]: readonly EventRow[], more: boolean): string {
  const count = `${more ? "at least " : ""}${numeral(others.length + 1)}`;
  const came = others.length === 0 ? `${count} event came, and it` : `${count} events came, and the newest`;
  if (newest === undefined || newest.reason === null) return `${came} is not decided yet${because(newest?.waits)}`;
  return `${came} made none (${why(newest.reason)})`;
}

function whatBecame(about: string, calls: readonly CallRow[], more: boolean): string {
  const placed = calls.filter(({ status }) => placedStatuses.has(status));
  const others = calls.filter(({ status }) => !placedStatuses.has(status));
  const has = (statuses: ReadonlySet<CallStatus>) => others.some(({ status }) => statuses.has(status));
  if (placed.length === 0) {
    const first = has(uncertainStatuses)
      ? `It is not certain whether a call was placed ${about}`
      : `No call was placed ${about}${has(waitingStatuses) ? " yet" : ""}`;
    return `${first}: ${fates(others, "one", more)}`;
  }
  const count = capital(`${more ? "at least " : ""}${numeral(placed.length)}`);
  const first = `${count} ${placed.length === 1 ? "call was" : "calls were"} placed ${about}: ${fates(placed, "it", more)}`;
  return others.length === 0 ? first : `${first}; ${further(others)}`;
}

/**
 * @param single Words for a single call.
 * @returns The ends of these calls, in words.
 */
function fates(calls: readonly CallRow[], single: string, more: boolean): string {
  const groups = alike(calls);
  const [only] = groups;
  if (calls.length === 1 && only !== undefined) return `${single} ${only.words[0]}`;
  if (groups.length === 1 && only !== undefined && !more)
    return `${only.count === 2 ? "both" : `all ${numeral(only.count)}`} ${only.words[1]}`;
  return list(groups.map(({ count, words }) => `${numeral(count)} ${count === 1 ? words[0] : words[1]}`));
}

/** @returns The ends of calls that the sentence has not named yet. */
function further(calls: readonly CallRow[]): string {
  return list(
    alike(calls).map(({ count, words }) =>
      count === 1 ? `another ${words[0]}` : `${numeral(count)} more ${words[1]}`,
    ),
  );
}

/** Counts of calls with the same end, newest first. */
function alike(calls: readonly CallRow[]): { count: number; words: Words }[] {
  const counted = new Map<string, { count: number; words: Words }>();
  for (const call of calls) {
    const words = fate(call);
    const known = counted.get(words[0]);
    counted.set(words[0], { count: (known?.count ?? 0) + 1, words });
  }
  return [...counted.values()];
}

function fate({ status, outcome, reason, waits }: CallRow): Words {
  if (status === "ended") return outcomeWords[outcome ?? "unspecified"];
  const words = statusWords[status];
  // A queued call with a reason was tried before. The stored reason is past, so the waiting reason is shown instead.
  if (status === "queued") return [`${words[0]}${because(waits)}`, `${words[1]}${because(waits)}`];
  if (status === "canceled" && reason === "canceled") return canceledByPerson;
  if (reason === null || status === "placed" || plainReasons.has(reason)) return words;
  return [`${words[0]} (${why(reason)})`, `${words[1]} (${why(reason)})`];
}

/** @returns The reason for which a call or an event waits, with its end time. Empty if it only waits for its turn. */
function because(waits: Wait | null | undefined): string {
  if (waits === null || waits === undefined || waits.reason === "in_turn") return "";
  if (waits.reason === "not_due" && waits.until !== null) return `: it is due at ${minuteText(waits.until)}`;
  const until = waits.until === null ? "" : `, until ${minuteText(waits.until)}`;
  return ` (${why(waits.reason)}${until})`;
}

/** @returns A time in UTC to the minute: `2026-11-28 07:15 UTC`. */
function minuteText(ms: number): string {
  return `${iso(ms).slice(0, 16).replace("T", " ")} UTC`;
}

/** @returns A reason as part of a sentence. An unknown code of another version is shown unchanged. */
function why(code: string): string {
  const { what } = explanationOf(code);
  return what === code ? code : lower(what.replace(/(?:; the call may (?:still )?have rung)?\.$/, ""));
}

function list(parts: readonly string[]): string {
  const last = parts.at(-1) ?? "";
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(", ")} and ${last}`;
}

function numeral(count: number): string {
  return numerals[count] ?? String(count);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Names keep their capitals. */
function lower(text: string): string {
  return /^(?:Mihu|Hookline|Postgres)\b/.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);
}
