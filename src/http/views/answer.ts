/** One plain sentence about an order: was anybody called, and what became of it. */
import type { CallStatus, Outcome } from "../../domain/call.ts";
import { reasons } from "../../domain/reasons.ts";
import type { CallRow, EventRow } from "../../ports.ts";

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

const outcomeWords: Readonly<Record<Outcome, string>> = {
  completed: "was completed",
  no_answer: "was not answered",
  busy: "met a busy line",
  failed: "failed",
  canceled: "was canceled while it rang",
  voicemail: "reached a voicemail",
  unspecified: "ended without a known outcome",
};

const statusWords: Readonly<Record<Exclude<CallStatus, "ended">, string>> = {
  skipped: "was decided against",
  held: "waits for a person",
  queued: "waits to be placed",
  dialing: "is being placed",
  unknown: "may or may not have rung",
  review: "is before a person, who says whether it rang",
  placed: "is going on, or its outcome is not known yet",
  rejected: "was refused by the voice service",
  expired: "could not be placed in time",
  canceled: "was canceled",
};

const placedStatuses: ReadonlySet<CallStatus> = new Set(["placed", "ended"]);

/**
 * @param orderNumber as it was asked for
 * @param calls newest first
 * @param events newest first
 * @param more whether there are more than these
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
  if (calls.length === 0) return `No call was placed ${about}: ${whyNone(events)}.${shops}`;
  const placed = calls.filter(({ status }) => placedStatuses.has(status));
  const others = calls.filter(({ status }) => !placedStatuses.has(status));
  const atLeast = more ? "at least " : "";
  const first =
    placed.length === 0
      ? `No call was placed ${about}: ${fates(others)}`
      : `${capital(`${atLeast}${numeral(placed.length)}`)} ${placed.length === 1 ? "call was" : "calls were"} placed ${about}: ${fates(placed)}`;
  const rest = placed.length > 0 && others.length > 0 ? `; besides, ${fates(others)}` : "";
  return `${first}${rest}.${shops}`;
}

function whyNone(events: readonly EventRow[]): string {
  const came = events.length === 1 ? "one event came" : `${numeral(events.length)} events came`;
  const [newest] = events;
  if (newest?.reason === null || newest === undefined) return `${came}, and it is not decided yet`;
  const code = newest.reason;
  const sentence = isReason(code) ? lower(reasons[code].operator.replace(/\.$/, "")) : code;
  return `${came}, and of the newest: ${sentence}`;
}

/** What became of calls, alike ones counted together, in the order of the newest. */
function fates(calls: readonly CallRow[]): string {
  const counted = new Map<string, number>();
  for (const call of calls) counted.set(fate(call), (counted.get(fate(call)) ?? 0) + 1);
  if (calls.length === 1) return `it ${fate(calls[0])}`;
  return [...counted].map(([words, count]) => `${numeral(count)} ${count === 1 ? words : plural(words)}`).join(", ");
}

function fate(call: CallRow | undefined): string {
  if (call === undefined) return "";
  if (call.status === "ended") return outcomeWords[call.outcome ?? "unspecified"];
  const why =
    call.reason !== null && isReason(call.reason)
      ? ` (${lower(reasons[call.reason].operator.replace(/\.$/, ""))})`
      : "";
  return `${statusWords[call.status]}${call.status === "queued" ? "" : why}`;
}

function plural(words: string): string {
  return words
    .replace(/^was\b/, "were")
    .replace(/^is\b/, "are")
    .replace(/^waits\b/, "wait")
    .replace(/\bits outcome is\b/, "their outcome is");
}

function numeral(count: number): string {
  return numerals[count] ?? String(count);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A name or an abbreviation keeps its capital. */
function lower(text: string): string {
  return /^[A-Z][a-z]/.test(text) && !text.startsWith("Mihu") ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

function isReason(code: string): code is keyof typeof reasons {
  return Object.hasOwn(reasons, code);
}
