/** The closed set of events that hooks receive, and the patterns by which a hook chooses among them. */

/** Events of calls, named after the call's statuses. Any token with `hooks:write` may ask for them. */
export const callEventTypes = [
  "call.queued",
  "call.held",
  "call.placed",
  "call.ended",
  "call.rejected",
  "call.review",
  "call.skipped",
  "call.canceled",
  "call.expired",
  "call.report_added",
] as const;

/** Events of the service itself, which need `admin`. */
const adminEventTypes = [
  "line.paused",
  "line.resumed",
  "source.rejecting",
  "source.silent",
  "hook.failing",
  "hook.disabled",
  "hook.recovered",
] as const;

/** Each event that a hook may ask for. */
export const hookEventTypes = [...callEventTypes, ...adminEventTypes] as const;

/** Sent on a person's request, whatever the hook asks for. */
export const testEventType = "hook.test";

export type HookEventType = (typeof hookEventTypes)[number] | typeof testEventType;

/** Patterns of one hook. */
const patternsMax = 32;

/** `call.*` and its like, and `*` for all. */
const wildcards: readonly string[] = ["*", "call.*", "line.*", "source.*", "hook.*"];
const known: readonly string[] = [...wildcards, ...hookEventTypes];

/** Edits between an unknown name and the known one that was probably meant. */
const editsMax = 5;

/** Characters from which a beginning of a name is taken for the name. */
const begunCharactersMin = 6;

/** Characters of a name that is compared with the known ones. */
const comparedCharactersMax = 64;

/** A pattern that was refused, by its position. */
type PatternMistake = { readonly index: number; readonly reason: string };

/** @returns The mistakes of a hook's patterns; empty if there are none. */
export function patternMistakes(patterns: readonly string[]): PatternMistake[] {
  if (patterns.length === 0) return [{ index: 0, reason: `must name at least one event, such as "call.*"` }];
  if (patterns.length > patternsMax) return [{ index: patternsMax, reason: `at most ${patternsMax} events` }];
  return patterns.flatMap((pattern, index) => {
    if (known.includes(pattern)) return [];
    const near = nearestName(pattern);
    const advice = near === null ? `the events are ${known.join(", ")}` : `did you mean "${near}"?`;
    return [{ index, reason: `unknown event ${JSON.stringify(pattern.slice(0, comparedCharactersMax))}; ${advice}` }];
  });
}

/** @returns The patterns that choose an event which needs `admin`. */
export function patternsForAdmin(patterns: readonly string[]): string[] {
  return patterns.filter((pattern) => adminEventTypes.some((type) => listens([pattern], type)));
}

/** Whether an event needs `admin`. */
export function needsAdmin(type: string): boolean {
  return !callEventTypes.some((one) => one === type);
}

/** Whether one of the patterns chooses the event. An unknown pattern, of a later version, chooses none. */
export function listens(patterns: readonly string[], type: string): boolean {
  return patterns.some(
    (pattern) =>
      pattern === "*" || pattern === type || (pattern.endsWith(".*") && type.startsWith(pattern.slice(0, -1))),
  );
}

function nearestName(text: string): string | null {
  if (text.length > comparedCharactersMax) return null;
  const begun = known.find((name) => text.length >= begunCharactersMin && name.startsWith(text.toLowerCase()));
  if (begun !== undefined) return begun;
  const [best] = known
    .map((name) => ({ name, edits: editsBetween(text.toLowerCase(), name) }))
    .sort((one, other) => one.edits - other.edits);
  return best !== undefined && best.edits <= Math.min(editsMax, text.length / 2) ? best.name : null;
}

/** Levenshtein's distance, one row of the table at a time. */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let at = 1; at <= one.length; at++) {
    const next = [at];
    for (let to = 1; to <= other.length; to++) {
      const replaced = (row[to - 1] ?? 0) + (one[at - 1] === other[to - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
