import type { Severity } from "../../domain/pause-reasons.ts";
import { countInWords } from "../../domain/problem-counts.ts";
import { compareSeverity, endedByPerson, explanationOf, severityOf } from "../../domain/reasons.ts";
import { problemsOf, type WholeReadiness } from "../../flows/readiness.ts";
import type { SpillCount } from "../../ports/ingest/spill.ts";
import { groupedNumber } from "../../views/numbers.ts";
import { Quoted, Sentence, Time } from "../parts/bits.tsx";
import { useViewer } from "../viewer.ts";
import { lineRow, type NamedRow, namedRow, openHref } from "./notice-rows.ts";

/** Rows that a notice names. */
const rowsShownMax = 3;
/** Notices that are open on top of a page. The others are folded. */
const noticesOpenMax = 2;

/** Severity in words, because colour alone must not carry it. */
const severityWords: Readonly<Record<Severity, string>> = {
  critical: "Critical:",
  error: "Error:",
  warning: "Warning:",
  info: "Note:",
};

/** A problem as people read it. */
type Notice = {
  readonly code: string;
  readonly severity: Severity;
  /** One sentence. */
  readonly what: string;
  /** Next step; null after something that a person wanted. */
  readonly next: string | null;
  readonly detail: string | null;
  readonly since: number | null;
  readonly rows: readonly NamedRow[];
  /** Number of rows, or of what the rows have. */
  readonly more: string;
  /** Page where a person ends it. */
  readonly act: { readonly href: string; readonly name: string; readonly scopes: readonly string[] } | null;
};

type Props = {
  readiness: WholeReadiness;
  /** A line whose own page shows its pause. */
  except?: string;
};

/** Current problems, on top of every page: one sentence each, with links to what they name. Empty if there is none. */
export function Notices({ readiness, except }: Props) {
  const notices = noticesOf(readiness, except);
  if (notices.length === 0) return null;
  const open = notices.slice(0, notices.length === noticesOpenMax + 1 ? notices.length : noticesOpenMax);
  const folded = notices.slice(open.length);
  return (
    <section class="notices" aria-label="Notices">
      <ul>
        {open.map((notice) => (
          <NoticeRow notice={notice} spills={readiness.spills} full={false} />
        ))}
      </ul>
      {folded.length === 0 ? null : (
        <details>
          <summary>{folded.length} more notices</summary>
          <ul>
            {folded.map((notice) => (
              <NoticeRow notice={notice} spills={readiness.spills} full={false} />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

/** All current problems, each with its next step, for the page of health. */
export function AllNotices({ readiness }: { readiness: WholeReadiness }) {
  return (
    <ul class="notice-list">
      {noticesOf(readiness, undefined).map((notice) => (
        <NoticeRow notice={notice} spills={readiness.spills} full={true} />
      ))}
    </ul>
  );
}

/** @returns The notices, the worst first. */
function noticesOf(readiness: WholeReadiness, except: string | undefined): Notice[] {
  const paused = pausesOf(readiness.pausedLines.filter(({ line }) => line !== except));
  const others = problemsOf({ ...readiness, pausedLines: [] }).map((problem): Notice => {
    const { code, severity, since, count, rows, trouble, sentence } = problem;
    const { what, next } = explanationOf(code);
    const shown = rows.slice(0, rowsShownMax);
    return {
      ...{ code, severity, what, since, detail: null },
      next: trouble === undefined ? next : sentence.slice(what.length).trim(),
      rows: shown.map((row) => namedRow(code, row)),
      more: countInWords({ code, count, rows: shown }),
      act: actOf(code, rows),
    };
  });
  return [...paused, ...others].sort((one, other) => compareSeverity(one.severity, other.severity));
}

/** One notice for all lines that are paused for the same reason. */
function pausesOf(lines: WholeReadiness["pausedLines"]): Notice[] {
  const groups = Map.groupBy(lines, ({ reason, detail }) => JSON.stringify([reason, detail]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { reason, detail } = first;
    const { what, next } = explanationOf(reason);
    const href = reason === "all_paused" ? "/all-lines/resume" : `/lines/${first.line}/resume`;
    const alone = group.length === 1 || reason === "all_paused";
    return [
      {
        code: "line_paused",
        severity: severityOf(reason),
        what: `${group.length === 1 ? "A line is" : `${group.length} lines are`} paused. ${what}`,
        ...{ next, detail },
        since: Math.min(...group.map(({ since }) => since)),
        rows: group.slice(0, rowsShownMax).map(({ line }) => lineRow(line)),
        more: group.length > rowsShownMax ? ` and ${group.length - rowsShownMax} more` : "",
        act: alone && endedByPerson.includes(reason) ? { href, name: "Resume", scopes: ["admin"] } : null,
      },
    ];
  });
}

/** @returns The page where a person ends a problem; null if there is none. */
function actOf(code: string, [row = "", ...others]: readonly string[]): Notice["act"] {
  if (code === "review_overdue") return { href: "/review", name: "Review", scopes: ["calls:read"] };
  const { href } = namedRow(code, row);
  // One button would end the first of several only. Each name leads to its own.
  if (href === null || others.length > 0) return null;
  if (code === "source_paused") return { href: `${href}/resume`, name: "Resume", scopes: ["admin"] };
  if (code === "hook_disabled") return { href: `${href}/resume`, name: "Resume", scopes: ["admin"] };
  return null;
}

/** @param full Whether the next step is shown. */
function NoticeRow({ notice, spills, full }: { notice: Notice; spills: readonly SpillCount[]; full: boolean }) {
  const { code, severity, what, next, detail, since, rows, more, act } = notice;
  const { scopes } = useViewer();
  const isOfSpills = code === "spilled" || code === "spill_full";
  return (
    <li class={severity}>
      <strong>{severityWords[severity]}</strong> <Sentence text={what} />
      {detail === null ? null : (
        <>
          {" "}
          “<Quoted text={detail} />”
        </>
      )}
      {full && next !== null && next !== "" ? (
        <>
          {" "}
          <Sentence text={next} />
        </>
      ) : null}
      <span class="rows">
        {isOfSpills ? <Spilled spills={spills} /> : <Names rows={rows} more={more} />}
        {since === null ? null : (
          <span>
            Since <Time at={new Date(since).toISOString()} precision="minutes" />
          </span>
        )}
        {act?.scopes.some((scope) => scopes.includes(scope)) ? <a href={act.href}>{act.name}</a> : null}
      </span>
    </li>
  );
}

function Names({ rows, more }: { rows: readonly NamedRow[]; more: string }) {
  const { scopes } = useViewer();
  if (rows.length === 0) return null;
  return (
    <span>
      {rows.map(({ name, href }, index) => {
        const open = openHref(href, scopes);
        return (
          <>
            {index === 0 ? "" : ", "}
            {open === null ? (
              <Quoted text={name} />
            ) : (
              <a href={open}>
                <Quoted text={name} />
              </a>
            )}
          </>
        );
      })}
      {more}
    </span>
  );
}

/** Waiting events by source. */
function Spilled({ spills }: { spills: readonly SpillCount[] }) {
  return (
    <span>
      {spills.map(({ source, shard, events, bytes, oldestAt }, index) => (
        <>
          {index === 0 ? "" : "; "}
          <a href={`/sources/${encodeURIComponent(source)}`}>
            <Quoted text={shard === 0 ? source : `${source}/${shard}`} />
          </a>
          : {amount(events)}, {megabytes(bytes)}
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

/** @returns "1 event", "1,204 events" */
export function amount(events: number): string {
  return `${groupedNumber(events)} ${events === 1 ? "event" : "events"}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MiB`;
}
