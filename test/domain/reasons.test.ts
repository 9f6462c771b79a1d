import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { severities } from "../../src/domain/pause-reasons.ts";
import { problemReasons } from "../../src/domain/problem-reasons.ts";
import { endedByPerson, explain, reasons, severityOf, wantedPauses } from "../../src/domain/reasons.ts";
import { abilityOf, problemsOf } from "../../src/flows/readiness.ts";

/** Normal ends and waits: the reader has nothing to do. */
const withoutNext = [
  ...[
    "withdraws_only",
    "type_not_asked",
    "condition_false",
    "won_by_earlier",
    "once_per",
    "withdrawn",
    "erased",
    "canceled",
  ],
  ...["rule_off", "source_closed", "rate_limited", "given_back", "gates_changed", "not_begun", "not_due", "in_turn"],
  ...["outside_hours", "next_try", "asked_later", "number_busy", "calls_per_minute", "calls_at_once"],
  ...["calls_per_day", "paused_by_person", "all_paused", "source_paused", "hook_paused", "delivery_erased"],
];

describe("a reason", () => {
  it.each(Object.entries(reasons))(
    "%s says in one sentence what happened, which other sentences quote",
    (_, { what }) => {
      expect(what).toMatch(/^[A-Z][^\n]{8,200}[^.]\.$/);
      expect(what).not.toMatch(/\. [A-Z]/);
    },
  );

  it.each(Object.entries(reasons))(
    "%s says in whole sentences what is next, unless it is a normal end",
    (code, { next }) => {
      expect(next === null).toBe(withoutNext.includes(code));
      if (next !== null) expect(next).toMatch(/^[A-Z`][^\n]{8,200}[^.]\.$/);
    },
  );

  it.each(["not_a_code", "toString", "__proto__", ""])("of another version, %j, is shown as it is", (code) => {
    expect(explain(code)).toBe(code);
  });

  it.each(["src/domain/call-reasons.ts", "src/domain/hook-reasons.ts"])(
    "of %s stands in a file that its group names",
    (file) => {
      const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
      let deciders: string[] = [];
      let goesOn = false;
      const strays: string[] = [];
      for (const line of read(file).split("\n")) {
        if (line.startsWith("  // ")) {
          const named = [...line.matchAll(/src\/[\w/.-]+\.ts/g)].map(([path]) => path);
          deciders = goesOn ? [...deciders, ...named] : named;
        }
        goesOn = line.startsWith("  // ");
        const code = /^ {2}(\w+): \{/.exec(line)?.[1];
        if (code === undefined) continue;
        if (!deciders.some((path) => new RegExp(`["'\`]${code}["'\`]`).test(read(path)))) strays.push(code);
      }
      expect(strays).toEqual([]);
    },
  );

  it("is explained by both, one after the other", () => {
    expect(explain("no_rules")).toBe(`${reasons.no_rules.what} ${reasons.no_rules.next}`);
    expect(explain("canceled")).toBe(reasons.canceled.what);
  });
});

/** Codes that `/readyz` lists, as the files that find the problems spell them. */
function codesInUse(): string[] {
  const root = new URL("../../", import.meta.url);
  const files = globSync("src/{store,flows}/**/*.ts", { cwd: root });
  return files.flatMap((path) => {
    const text = readFileSync(new URL(path, root), "utf8");
    if (!/\bProblem\b/.test(text)) return [];
    // A mapping of columns names columns, and no code. A code comes before the columns of its statement.
    const lines = text
      .split("\n")
      .filter((line) => /\bcode: (?!\w+\(|"code")|' as code\b/.test(line) && !/= columns</.test(line));
    return lines.flatMap((line) =>
      [...line.replace(/ as code\b.*/, "").matchAll(/["'](\w+)["']/g)].map(([, code = ""]) => code),
    );
  });
}

const problem = (code: string) => ({ code, since: null, count: 1, rows: [] });
const abilityWith = (...codes: string[]) => abilityOf(problemsOf({ pausedLines: [], problems: codes.map(problem) }));

describe("a severity", () => {
  it("is one of four, and every problem of this version has one", () => {
    for (const code of Object.keys(problemReasons)) expect(severities).toContain(severityOf(code));
    const codes = codesInUse();
    // The search finds what it is for: codes in SQL, and codes of checks.
    for (const known of ["event_conflict", "source_paused", "no_line_dials", "lease_overdue", "spill_full"])
      expect(codes).toContain(known);
    // A paused line has the severity of its reason.
    expect(codes.filter((code) => code !== "line_paused" && !Object.hasOwn(problemReasons, code))).toEqual([]);
  });

  it("of a code of another version is error: it is neither silent nor 503", () => {
    for (const code of ["not_a_code", "toString", "__proto__", ""]) {
      expect(severityOf(code)).toBe("error");
      expect(abilityWith(code).status).toBe("degraded");
    }
  });

  it.each([
    ["no problem at all", [], "ready", null],
    ["only what a person wants", ["source_paused"], "ready", null],
    ["a warning", ["field_gone", "source_paused"], "degraded", "field_gone"],
    ["an error beside an older warning", ["field_gone", "sweep_silent"], "degraded", "sweep_silent"],
    ["something critical beside an error", ["sweep_silent", "spill_full"], "not_ready", "spill_full"],
    ["Postgres down", ["spilled", "database_unavailable"], "not_ready", "database_unavailable"],
  ])("with %s: the status is that of the worst, which is named", (_, codes, status, worst) => {
    const ability = abilityWith(...codes);
    expect([ability.status, ability.worst?.code ?? null]).toEqual([status, worst]);
  });

  it("is critical exactly if calls cannot be placed or webhooks cannot be taken", () => {
    for (const code of Object.keys(problemReasons)) {
      const { placesCalls, takesWebhooks } = abilityWith(code);
      expect([code, !placesCalls || !takesWebhooks]).toEqual([code, severityOf(code) === "critical"]);
    }
  });

  it("of a paused line is info if a person wants the pause, else error", () => {
    const pauses = ["unauthenticated", "payment_required", "forbidden", "agent_missing", ...endedByPerson];
    for (const reason of pauses) {
      const [found] = problemsOf({ pausedLines: [{ line: "a", reason, detail: null, since: 0 }], problems: [] });
      expect(found).toMatchObject({ code: "line_paused", severity: wantedPauses.includes(reason) ? "info" : "error" });
    }
  });
});
