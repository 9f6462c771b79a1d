import type { SourceView } from "../../views/sources/config.ts";
import { amount } from "../frame/notices.tsx";

type Shown = { readonly tone: "good" | "warn" | "still"; readonly word: string };

const troubleWords = { source_rejecting: "refuses most requests", source_silent: "silent" } as const;

/** @returns A source's state in a few words. The first problem that keeps its events from calls wins. */
function stateOf({ disconnected_at, paused, troubles, fetching, heard, fields, warnings }: SourceView): Shown {
  if (disconnected_at !== null) return { tone: "still", word: "disconnected" };
  if (paused !== null) return { tone: "warn", word: "paused" };
  if (troubles.length > 0) return { tone: "warn", word: troubles.map(({ code }) => troubleWords[code]).join(", ") };
  if (fetching !== null) return { tone: "warn", word: "its fetches fail" };
  if (heard === null || heard.first_at === null)
    return heard?.last_rejection_at == null
      ? { tone: "still", word: "no event yet" }
      : { tone: "warn", word: "only refused requests" };
  const isRefusedNow =
    heard.last_rejection_at !== null && heard.last_at !== null && heard.last_rejection_at > heard.last_at;
  if (isRefusedNow) return { tone: "warn", word: "newest request refused" };
  if (fields.length > 0) return { tone: "warn", word: "fields changed" };
  if (warnings.length > 0) return { tone: "warn", word: "see its warnings" };
  return { tone: "good", word: "heard from" };
}

/** A source's state. Its problems are on its own page. */
export function State({ source }: { source: SourceView }) {
  const { tone, word } = stateOf(source);
  const waiting = source.paused?.events_waiting ?? source.fetching?.events_waiting ?? 0;
  return (
    <span class={`status ${tone}`}>
      {word}
      {waiting > 0 ? (
        <span class="outcome">
          {amount(waiting)} {waiting === 1 ? "waits" : "wait"}
        </span>
      ) : null}
    </span>
  );
}
