import type { Severity } from "../../domain/pause-reasons.ts";
import { countInWords } from "../../domain/problem-counts.ts";
import { problemsOf, type WholeReadiness } from "../../flows/readiness.ts";
import type { SpillCount } from "../../ports/ingest/spill.ts";
import { Quoted, Sentence, Time } from "../parts/bits.tsx";

/** Severity in words, because colour alone must not carry it. */
const severityWords: Readonly<Record<Severity, string>> = {
  critical: "Critical:",
  error: "Error:",
  warning: "Warning:",
  info: "Note:",
};

/** Current problems, on top of every page. Empty if there is no problem. */
export function Notices({ readiness }: { readiness: WholeReadiness }) {
  const problems = problemsOf(readiness);
  if (problems.length === 0) return null;
  return (
    <section class="notices" aria-label="Notices">
      {problems.map(({ code, severity, sentence, detail, since, count, rows }) => (
        <p class={severity}>
          <strong>{severityWords[severity]}</strong> <Sentence text={sentence} />
          {detail === undefined || detail === null ? null : (
            <>
              {" "}
              “<Quoted text={detail} />”
            </>
          )}
          {since === null ? null : (
            <>
              {" "}
              Since <Time at={new Date(since).toISOString()} />.
            </>
          )}
          {rows.length === 0 || code === "line_paused" || isOfSpills(code) ? null : (
            <span class="rows">
              {" "}
              <Quoted text={rows.join(", ")} />
              {countInWords({ code, count, rows })}
            </span>
          )}
          {isOfSpills(code) ? <Waiting spills={readiness.spills} /> : null}
        </p>
      ))}
    </section>
  );
}

/** Waiting events by source. */
function Waiting({ spills }: { spills: readonly SpillCount[] }) {
  return (
    <span class="rows">
      {" "}
      {spills.map(({ source, shard, events, bytes, oldestAt }, index) => (
        <>
          {index === 0 ? "" : "; "}
          <Quoted text={shard === 0 ? source : `${source}/${shard}`} />: {amount(events)}, {megabytes(bytes)}
          {oldestAt === null ? null : (
            <>
              , since <Time at={new Date(oldestAt).toISOString()} />
            </>
          )}
        </>
      ))}
    </span>
  );
}

function isOfSpills(code: string): boolean {
  return code === "spilled" || code === "spill_full";
}

/** @returns "1 event", "1,204 events" */
export function amount(events: number): string {
  return `${events.toLocaleString("en-US")} ${events === 1 ? "event" : "events"}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MiB`;
}
