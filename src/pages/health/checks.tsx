/** Parts of the service, each with its state in one sentence and the page that has more. */
import type { Child } from "hono/jsx";
import { clocksApartMs } from "../../domain/clocks.ts";
import { explanationOf } from "../../domain/reasons.ts";
import type { WholeReadiness } from "../../flows/readiness.ts";
import type { LineView } from "../../views/lines/line.ts";
import { groupedNumber } from "../../views/numbers.ts";
import { amount } from "../frame/notices.tsx";
import { Sentence, Time } from "../parts/bits.tsx";

type Tone = "good" | "warn" | "still";
type Check = {
  readonly name: string;
  readonly tone: Tone;
  /** State in one word. */
  readonly word: string;
  readonly says: Child;
  readonly link: { readonly href: string; readonly name: string } | null;
};

/** The notary's heads, as `GET /v1/audit/heads` has them. */
export type HeadsRead = {
  readonly data: readonly { readonly position: number; readonly at: string }[];
  readonly problem: { readonly code?: string; readonly since: string } | null;
};
/** Tasks, as `GET /v1/tasks` has them. */
export type TasksRead = { readonly data: readonly { readonly state: string }[] };

type Parts = {
  readiness: WholeReadiness;
  lines: readonly LineView[];
  heads: HeadsRead;
  /** Null for a reader who may not see them. */
  tasks: TasksRead | null;
  /** Scopes of the reader. */
  scopes: readonly string[];
};

/** Codes of the rows that do not add up. */
const bookCodes: readonly string[] = [
  "event_unplanned",
  "event_without_call",
  "event_without_reason",
  "call_without_entry",
  "call_differs",
  "call_gone",
  "lease_overdue",
  "look_overdue",
  "poll_overdue",
  "expiry_overdue",
];
const chainCodes: readonly string[] = [
  "chain_behind",
  "chain_differs",
  "entries_unsealed",
  "entry_changed",
  "entry_removed",
];
const hookCodes: readonly string[] = ["hook_disabled", "hook_waits", "hook_failing", "hooks_behind"];
const clockCodes: readonly string[] = ["clocks_apart", "clock_moved"];

export function Checks(parts: Parts) {
  const checks = [
    booksOf(parts),
    spillsOf(parts),
    chainOf(parts),
    linesOf(parts),
    hooksOf(parts),
    tasksOf(parts),
    tokensOf(parts),
    clockOfPostgres(parts),
    migrationsOf(parts),
  ].flatMap((check) => check ?? []);
  return (
    <dl class="checks">
      {checks.map(({ name, tone, word, says, link }) => (
        <div>
          <dt>{name}</dt>
          <dd>
            <span class={`status ${tone}`}>{word}</span>
          </dd>
          <dd class="says">
            {says}
            {link === null ? null : (
              <>
                {" "}
                <a href={link.href}>{link.name}</a>
              </>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** @returns The first problem of these codes, as a check that is not good; null if there is none. */
function troubled(
  { problems }: WholeReadiness,
  name: string,
  codes: readonly string[],
  link: Check["link"],
): Check | null {
  const [first, ...others] = problems.filter(({ code }) => codes.includes(code));
  if (first === undefined) return null;
  const says = (
    <>
      <Sentence text={explanationOf(first.code).what} />
      {others.length === 0 ? "" : ` ${others.length} more of its problems are listed above.`}
    </>
  );
  return { name, tone: "warn", word: "look at it", says, link };
}

function booksOf({ readiness }: Parts): Check {
  const link = { href: "/health/books", name: "Count everything now" };
  const gaps = troubled(readiness, "Books", bookCodes, link);
  if (gaps === null && readiness.problems.some(({ code }) => code === "sweep_silent"))
    return {
      ...{ name: "Books", tone: "warn", word: "not checked", link },
      says: "The sweep does not run, so nothing checks the books now.",
    };
  return (
    gaps ?? {
      name: "Books",
      tone: "good",
      word: "balance",
      says: "As far as the sweep has checked, every event has a call or a reason. It checks all rows again and again.",
      link,
    }
  );
}

function spillsOf({ readiness: { spills, problems } }: Parts): Check {
  const waiting = spills.reduce((sum, { events }) => sum + events, 0);
  const silent = problems.some(({ code }) => code === "inboxes_silent");
  if (silent)
    return {
      name: "Inboxes",
      tone: "warn",
      word: "silent",
      says: "The inboxes do not answer, so it is unknown how many events wait on their disks.",
      link: null,
    };
  return {
    name: "Inboxes",
    tone: waiting === 0 ? "good" : "warn",
    word: waiting === 0 ? "empty" : "waiting",
    says:
      waiting === 0
        ? "No event waits on an inbox's own disk."
        : `${amount(waiting)} ${waiting === 1 ? "waits" : "wait"} on the inboxes' own disks for Postgres.`,
    link: null,
  };
}

function chainOf({ readiness, heads }: Parts): Check {
  const link = { href: "/people/audit", name: "Heads, and how to verify" };
  const bad = troubled(readiness, "Audit chain", chainCodes, link);
  if (bad !== null) return bad;
  const last = heads.data.at(-1);
  if (last === undefined)
    return { name: "Audit chain", tone: "still", word: "not signed yet", says: "No entry is signed yet.", link };
  const waiting = readiness.unsealed?.count ?? 0;
  const says = (
    <>
      Signed up to entry {groupedNumber(last.position)}, <Time at={last.at} />.
      {waiting === 0 ? "" : ` ${groupedNumber(waiting)} newer ones are signed within seconds.`}
    </>
  );
  return { name: "Audit chain", tone: "good", word: "signed", says, link };
}

function linesOf({ lines }: Parts): Check {
  const link = { href: "/lines", name: "Lines" };
  const paused = lines.filter((line) => line.paused !== null).length;
  const waiting = lines.reduce((sum, { pace }) => sum + pace.waiting, 0);
  if (lines.length === 0)
    return { name: "Lines", tone: "still", word: "none", says: "There is no line, so nothing can be called.", link };
  const calls =
    waiting === 0 ? "No call waits." : `${groupedNumber(waiting)} ${waiting === 1 ? "call waits" : "calls wait"}.`;
  return {
    name: "Lines",
    tone: paused === 0 ? "good" : "warn",
    word: paused === 0 ? "active" : `${paused} paused`,
    says: `${lines.length - paused} of ${lines.length} ${lines.length === 1 ? "line is" : "lines are"} active. ${calls}`,
    link,
  };
}

function hooksOf({ readiness, scopes }: Parts): Check {
  const link = scopes.some((scope) => ["hooks:write", "admin"].includes(scope))
    ? { href: "/hooks", name: "Hooks" }
    : null;
  return (
    troubled(readiness, "Hooks", hookCodes, link) ?? {
      ...{ name: "Hooks", tone: "good", word: "delivering", link },
      says: "No hook fails, is disabled or falls behind.",
    }
  );
}

function tasksOf({ tasks }: Parts): Check | null {
  if (tasks === null) return null;
  const running = tasks.data.filter(({ state }) => state === "running").length;
  const failed = tasks.data.filter(({ state }) => state === "failed").length;
  return {
    name: "Tasks",
    tone: failed > 0 ? "warn" : "good",
    word: failed > 0 ? `${failed} failed` : running > 0 ? `${running} running` : "none running",
    says: running === 0 ? "No work goes on in the background." : "Work goes on in the background.",
    link: { href: "/tasks", name: "Tasks" },
  };
}

function tokensOf({ readiness: { problems }, scopes }: Parts): Check {
  const ending = problems.find(({ code }) => code === "token_ends");
  return {
    name: "Tokens",
    tone: ending === undefined ? "good" : "warn",
    word: ending === undefined ? "valid" : "ending",
    says:
      ending === undefined
        ? "No token that is in use ends within 14 days."
        : `${ending.count} ${ending.count === 1 ? "token ends" : "tokens end"} within 14 days, and nobody renewed ${ending.count === 1 ? "it" : "them"}.`,
    link: scopes.includes("admin") ? { href: "/people", name: "Tokens" } : null,
  };
}

function clockOfPostgres({ readiness }: Parts): Check {
  const bad = troubled(readiness, "Clock", clockCodes, null);
  if (bad !== null) return bad;
  const ahead = readiness.clock?.reading?.aheadMs;
  return {
    name: "Clock",
    tone: ahead === undefined ? "still" : "good",
    word: ahead === undefined ? "not measured" : "in step",
    says:
      ahead === undefined
        ? "Postgres' clock could not be compared."
        : `Postgres' clock and this service's differ by less than ${clocksApartMs / 1_000} s.`,
    link: null,
  };
}

function migrationsOf({ readiness: { missingMigrations } }: Parts): Check {
  const done = missingMigrations.length === 0;
  return {
    name: "Migrations",
    tone: done ? "good" : "warn",
    word: done ? "all ran" : `${missingMigrations.length} missing`,
    says: done ? "Postgres has every migration of this version." : explanationOf("migrations_missing").next,
    link: null,
  };
}
