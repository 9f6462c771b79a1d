/** The tables of README and `docs/` that come from the code. Each stands between two comments of its page. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { BenchResults } from "../../bench/report/results.ts";
import { rowsOf } from "../../bench/report/rows.ts";
import { tablesOf } from "../../bench/report/tables.ts";
import { root } from "../../cli/local/paths.ts";
import { callReasons } from "../../src/domain/call-reasons.ts";
import { hookReasons } from "../../src/domain/hook-reasons.ts";
import * as limits from "../../src/domain/limits.ts";
import { pauseReasons, severities } from "../../src/domain/pause-reasons.ts";
import { problemReasons } from "../../src/domain/problem-reasons.ts";

type Table = () => string;

/** The tables by the name that their first comment has: `<!-- generated: name -->`. */
const tables: Readonly<Record<string, Table>> = {
  problems: () => {
    const rows = Object.entries({ ...problemReasons, ...pauseReasons })
      .map(([code, { severity, what, next }]) => ({ code, severity, what, next }))
      .sort((one, other) => severities.indexOf(one.severity) - severities.indexOf(other.severity));
    return table(
      ["code", "severity", "meaning", "next step"],
      rows.map(({ code, severity, what, next }) => [`\`${code}\``, severity, what, next ?? ""]),
    );
  },
  reasons: () =>
    table(
      ["reason", "meaning", "next step"],
      Object.entries(callReasons).map(([code, { what, next }]) => [`\`${code}\``, what, next ?? ""]),
    ),
  "hook-reasons": () =>
    table(
      ["reason", "meaning", "next step"],
      Object.entries({ ...hookReasons, hook_disabled: problemReasons.hook_disabled }).map(([code, { what, next }]) => [
        `\`${code}\``,
        what,
        next ?? "",
      ]),
    ),
  limits: () => table(["limit", "value"], limitRows()),
  figures: () => {
    const { machine, rounds, results } = lastRun();
    const rows = rowsOf(results);
    const measured = (what: string): string => {
      const row = rows.find((one) => one.what.startsWith(what));
      if (row === undefined) throw new Error(`bench/results.json has no figure "${what}"`);
      return row.measured.replace(" : ", " to ").replace(/\d{4,}/g, (digits) => count(Number(digits)));
    };
    return [
      `One run of \`npm run bench\` on ${machine.cores} cores (${machine.cpu.replaceAll("(R)", "")}), which Postgres and the load share. A figure is the`,
      `median of ${rounds.rounds} rounds or of the samples that it names, with the lowest and the highest in brackets.`,
      "",
      table(
        ["figure", "measured"],
        [
          [
            "durable webhooks, beside a Worker that verifies and calls an object but stores nothing",
            measured("durable webhooks"),
          ],
          ["HubSpot events, beside Postgres' COPY of the same rows", measured("HubSpot events")],
          ["from a webhook to the request to Mihu, one at a time", measured("webhook to Mihu POST, idle")],
          ["Postgres round trips per event, from webhook to placed call", measured("Postgres round trips per event")],
          ["a burst of 10,000 webhooks in 10 s", measured("a burst of 10000")],
          ["a million events a month at Cloudflare's list price", measured("a million events a month")],
        ],
      ),
    ].join("\n");
  },
  benchmark: () => {
    const { machine: on, rounds, results } = lastRun();
    return [
      `${on.cores} cores of a shared virtual machine (${on.cpu.replaceAll("(R)", "")}), ${on.memoryGiB} GiB; Node ${on.node.slice(1)}, workerd ${on.workerd}, Postgres ${on.postgres}; ${rounds.rounds} rounds of ${rounds.seconds} s.`,
      "",
      table(
        ["what", "goal", "measured"],
        // Bold: it misses its goal.
        rowsOf(results).map(({ what, goal, measured, ok }) => [
          what,
          goal,
          ok === false ? `**${measured}**` : measured,
        ]),
      ),
    ].join("\n");
  },
  "benchmark-parts": () => tableOfRun("parts"),
  "benchmark-usage": () => tableOfRun("usage"),
  "benchmark-bill": () => tableOfRun("bill"),
};

const runFile = z.object({
  machine: z.object({
    cores: z.number(),
    cpu: z.string(),
    memoryGiB: z.number(),
    node: z.string(),
    workerd: z.string(),
    postgres: z.string(),
  }),
  rounds: z.object({ rounds: z.number(), seconds: z.number() }),
  results: z.custom<BenchResults>((value) => typeof value === "object" && value !== null),
});

/** The last whole run of the benchmark. The pages are made from its results, so its words may change without a new run. */
function lastRun(): z.infer<typeof runFile> {
  return runFile.parse(JSON.parse(readFileSync(join(root, "bench/results.json"), "utf8")));
}

function tableOfRun(name: "parts" | "usage" | "bill"): string {
  const { head, rows } = tablesOf(lastRun().results)[name];
  return table(head, rows);
}

/** Limits that a reader of the API or of a configuration meets. The others are the code's own. */
function limitRows(): string[][] {
  return [
    ["Body of a webhook, also after it was inflated", megabytes(limits.bodyBytesMax)],
    ["Characters of an event's type", count(limits.eventTypeCharactersMax)],
    ["Characters of an order number, and of a record's type and id", count(limits.orderNumberCharactersMax)],
    ["Stored rejections of a source", `the newest ${count(limits.rejectionsPerSourceMax)}`],
    ["Conflicts of one event", count(limits.conflictsPerEventMax)],
    ["Rules of a source", count(limits.rulesPerSourceMax)],
    ["Secrets of a source", count(limits.secretsPerSourceMax)],
    ["Inbox objects of a source (`shards`)", count(limits.shardsMax)],
    ["Records that a rule fetches for an event", count(limits.fetchesPerEventMax)],
    ["Fetches in flight from one inbox", count(limits.fetchesAtOnceMax)],
    [
      "Events that an inbox stores while Postgres is down",
      `${count(limits.spillEventsMax)}, ${megabytes(limits.spillBytesMax)}`,
    ],
    ["Events of one rehearsal", count(limits.eventsPerRehearsalMax)],
    ["Events of one replay request", count(limits.eventsPerReplayMax)],
    ["Validity of a token", `${count(limits.tokenDaysMax)} days`],
    [
      "Time from `dialing` to the request to Mihu. A later request is not sent, and the call is `queued` again",
      seconds(limits.postWithinMs),
    ],
    ["Look-ups of a call in `unknown` at Mihu", `after ${limits.looksAfterMs.map(seconds).join(", ")}`],
    ["Time until an audit entry is linked to the chain and signed", seconds(limits.sealWithinMs)],
  ];
}

const count = (value: number): string => value.toLocaleString("en-US");
const megabytes = (bytes: number): string => `${count(bytes / 1_048_576)} MiB`;
const seconds = (ms: number): string => `${count(ms / 1_000)} s`;

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map((cells) => line(cells.map(cell)))].join("\n");
}

/** A bar would end the cell. A full stop at the end of a cell is noise. */
const cell = (text: string): string => text.replaceAll("|", "\\|").replace(/\.$/, "");

/**
 * A page with its tables as the code has them. A page without such comments stays as it is.
 *
 * @throws if a comment names no table, or its end is missing
 */
export function withTables(page: string): string {
  return page.replace(
    /^(<!-- generated: ([\w-]+) -->)\n([\s\S]*?)^(<!-- generated: end -->)$/gm,
    (_, begin: string, name: string, __, end: string) => {
      const made = tables[name];
      if (made === undefined) throw new Error(`there is no generated table "${name}"`);
      return `${begin}\n\n${made()}\n\n${end}`;
    },
  );
}
