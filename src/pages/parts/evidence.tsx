/** Stored evidence in readable form: times, durations, counted lists, links. Never raw JSON. */
import type { Child } from "hono/jsx";
import { groupedNumber } from "../../views/numbers.ts";
import { durationText } from "../../views/times.ts";
import { Quoted, Time } from "./bits.tsx";
import { isId } from "./id.ts";
import { visible } from "./visible.ts";
import { plain } from "./words.ts";

type Data = Readonly<Record<string, unknown>>;

/** Nested objects are shown this deep. */
const depthMax = 3;

/** Items of a list that are shown at once. The others are in a disclosure. */
const itemsShown = 3;

/** Names of evidence that do not say by themselves what they are. */
const labels: Readonly<Record<string, string>> = {
  age_max_ms: "oldest allowed",
  asked_at: "wanted from",
  at_once: "calls at once",
  calls_at_once: "at most at once",
  calls_per_day: "at most a day",
  calls_per_minute: "at most a minute",
  claim: "claim number",
  closes_at: "hours close",
  conversation_uuid: "conversation",
  due_at: "due",
  duration_s: "length",
  event_id: "event",
  expires_at: "expires",
  mihu_id: "Mihu's id",
  occurred_at: "sender's time",
  outcome_raw: "Mihu reported",
  received_at: "received",
  this_minute: "calls this minute",
  today: "calls today",
  wait_ms: "wait",
  window: "window from",
  withdrawn_by: "withdrawn by",
  zone_from: "zone from",
};

/** Hashes and inner marks. The receipt has them. */
const left: ReadonlySet<string> = new Set(["verdicts", "content", "row"]);

/** Names and values. Nothing if no value is known. */
export function EvidenceList({ data, depth = 1 }: { data: Data; depth?: number }) {
  const rows = shownEvidence(data);
  if (rows.length === 0) return null;
  return (
    <dl class="evidence">
      {rows.map(([name, value]) => (
        <div>
          <dt>{labelOf(name, value)}</dt>
          <dd>{shownValue(name, value, depth)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** @returns The name of one part. `allowed` is a list of countries, or a number of calls. */
function labelOf(name: string, value: unknown): string {
  if (name === "allowed") return typeof value === "number" ? "allowed calls" : "allowed countries";
  return labels[name] ?? visible(plain(name));
}

/** @returns The parts of some evidence that people read. */
export function shownEvidence(data: Data): [string, unknown][] {
  return Object.entries(data).filter(
    ([name, value]) =>
      value !== null &&
      value !== undefined &&
      value !== "" &&
      !left.has(name) &&
      !(Array.isArray(value) && value.length === 0),
  );
}

function shownValue(name: string, value: unknown, depth: number): Child {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return numberOf(name, value);
  if (typeof value === "string") return textOf(name, value);
  if (Array.isArray(value)) return <ListOf name={name} items={value} depth={depth} />;
  if (typeof value !== "object" || value === null) return String(value);
  if (depth < depthMax) return <EvidenceList data={value as Data} depth={depth + 1} />;
  return `${Object.keys(value).length} fields`;
}

/** Times are epoch milliseconds, from a plan or with a fraction from Postgres. */
function numberOf(name: string, value: number): Child {
  const isTime = name.endsWith("_at") || name === "until" || name === "window" || name === "not_before";
  if (isTime && value > 0 && value < 8.64e15) return <Time at={new Date(Math.round(value)).toISOString()} />;
  if (name.endsWith("_ms")) return durationText(value / 1_000);
  if (name.endsWith("_s")) return durationText(value);
  return groupedNumber(value);
}

const times = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

function textOf(name: string, value: string): Child {
  if (times.test(value)) return <Time at={value} />;
  if (isId(value) && (name === "event_id" || name === "withdrawn_by"))
    return <a href={`/events/${value}`}>the event</a>;
  if (isId(value) && name === "again_of") return <a href={`/calls/${value}`}>the call before</a>;
  return <Quoted text={value} />;
}

function ListOf({ name, items, depth }: { name: string; items: readonly unknown[]; depth: number }) {
  const plainItems = items.every((item) => typeof item !== "object" || item === null);
  const first = items.slice(0, itemsShown);
  if (plainItems && items.length <= itemsShown) return <Quoted text={items.map(String).join(", ")} />;
  return (
    <details>
      <summary>
        {groupedNumber(items.length)}
        {plainItems ? (
          <>
            : <Quoted text={first.map(String).join(", ")} /> …
          </>
        ) : (
          ""
        )}
      </summary>
      {plainItems ? (
        <Quoted text={items.map(String).join(", ")} />
      ) : (
        <ul>
          {items.map((item) => (
            <li>{shownValue(name, item, depth)}</li>
          ))}
        </ul>
      )}
    </details>
  );
}
