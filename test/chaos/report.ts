/** The printed report of a run, with every promise. */

import { describe } from "./judge/quiet.ts";
import { sealWithinMs } from "./judge/seals.ts";
import { percentile } from "./percentile.ts";
import type { Found } from "./run.ts";

/** One promise and whether it was kept. */
type Promised = { readonly what: string; readonly kept: boolean; readonly detail: string };

const faultsWanted = { count: 200, kinds: 8 };
const namedMax = 8;
const mib = 1024 * 1024;

/** @returns every promise of the run, in the order of the table */
export function promisesOf(found: Found): Promised[] {
  const { judgement, quiet, own, sent, asked, hooks } = found;
  const none = (what: string, broken: readonly string[]): Promised => ({
    what,
    kept: broken.length === 0,
    detail: broken.length === 0 ? "0" : `${broken.length}: ${broken.slice(0, namedMax).join("; ")}`,
  });
  const kinds = Object.keys(found.faults).length;
  const faults = Object.values(found.faults).reduce((sum, count) => sum + count, 0);
  const fewest = asked.hasten ? 25 : faultsWanted.count;
  return [
    none("lost", judgement.lost),
    none("rung twice", judgement.rungTwice),
    none("sent again after it may have rung", judgement.sentAgain),
    none("rung though nobody was to be", judgement.rungWrongly),
    none("rung while being rung", judgement.rungAtOnce),
    none("rung after an answered stop", judgement.rungAfterStop),
    none("rung for a removed secret", judgement.rungForged),
    {
      what: "refused though well signed",
      kept: sent.wronglyRefused === 0,
      detail: String(sent.wronglyRefused),
    },
    none("placed and not rung", judgement.notRung),
    none("a Worker that ended by itself", found.crashes),
    none("review without a fault that hides the answer", judgement.unexplained),
    {
      what: "every event came to its end",
      kept: quiet.reached,
      detail: quiet.reached
        ? `after ${quiet.seconds.toFixed(0)} s`
        : `not within ${quiet.seconds.toFixed(0)} s: ${describe(quiet.open, quiet.spilled)}; ${quiet.left.slice(0, namedMax).join("; ")}`,
    },
    { what: "books balanced", kept: own.balanced && own.ready, detail: own.detail },
    { what: "chain verified", kept: own.chain, detail: own.chainDetail },
    {
      what: `every entry sealed within ${sealWithinMs / 1_000} s, beside the time without Postgres`,
      kept: found.seals.open === 0 && found.seals.longestMs <= sealWithinMs,
      detail: `${found.seals.open} not sealed, the longest wait ${seconds(found.seals.longestMs)}`,
    },
    ...(hooks === null
      ? []
      : [
          none("a hook that was not told all of a call", hooks.missing),
          none("told out of order", hooks.disordered),
          none("not exactly one end told of a call that ended", hooks.finals),
          none("told again under another id", hooks.ids),
          {
            what: "every delivery came to its end",
            kept: hooks.waiting === 0,
            detail: `${hooks.waiting} wait, ${hooks.came} came`,
          },
        ]),
    ...judgement.pace.map((pace) => ({
      what: `pace kept by ${pace.line}`,
      kept: pace.perMinute <= pace.perMinuteAllowed && pace.atOnce <= pace.atOnceAllowed,
      detail: `${pace.perMinute} of ${pace.perMinuteAllowed} in any minute, ${pace.atOnce} of ${pace.atOnceAllowed} at once`,
    })),
    {
      what: "everybody was answered in the end",
      kept: sent.givenUp === 0 && sent.otherIds === 0,
      detail: `${sent.givenUp} given up, ${sent.otherIds} with two ids`,
    },
    {
      what: "enough was broken",
      kept: faults >= fewest && kinds >= faultsWanted.kinds,
      detail: `${faults} faults of ${kinds} kinds`,
    },
  ];
}

/** @returns the table, as text */
export function tableOf(found: Found): string {
  const { judgement, sent, asked } = found;
  const promises = promisesOf(found);
  const away = found.struck.filter(({ kind }) => kind === "postgres_stop");
  const whileAway = sent.acks.filter(({ at }) => away.some(({ from, until }) => at >= from && at <= until));
  const lines = [
    `chaos: ${asked.events} events, seed ${asked.seed}, schedule ${found.hash}, ${found.seconds.toFixed(0)} s`,
    "",
    row("accepted", `${judgement.accepted} of ${asked.events} events, ${sent.deliveries} deliveries`),
    row("tries not taken", counts(sent.refused)),
    row("rung once", String(judgement.rungOnce)),
    ...section("outcomes", judgement.outcomes),
    ...section("ended with a reason", judgement.reasons),
    ...section("review, by cause", judgement.reviews),
    ...section("faults injected", found.faults),
    row("sweeps", `${found.sweeps.done} done, ${found.sweeps.failed} failed, ${found.sweeps.skipped} skipped`),
    row("acknowledged in", times(sent.acks.map(({ ms }) => ms))),
    row("… Postgres away", times(whileAway.map(({ ms }) => ms))),
    row(
      "entries sealed in",
      `p50 ${seconds(found.seals.p50Ms)}, p99 ${seconds(found.seals.p99Ms)}, at most ${seconds(found.seals.longestMs)} (${found.seals.sealed}); with the time without Postgres at most ${seconds(found.seals.longestWithOutageMs)}`,
    ),
    row("memory, MiB", found.rss.map(({ first, second }) => `${whole(first)}/${whole(second)}`).join(" ")),
    "",
    ...promises.map(({ what, kept, detail }) => `  ${kept ? "kept  " : "BROKEN"}  ${what}: ${detail}`),
  ];
  return lines.join("\n");
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function row(title: string, text: string): string {
  return `  ${title.padEnd(20)} ${text}`;
}

function section(title: string, of: Readonly<Record<string, number>>): string[] {
  const sorted = Object.entries(of).sort(([, one], [, other]) => other - one);
  return [
    row(title, sorted.length === 0 ? "none" : ""),
    ...sorted.map(([name, count]) => row("", `${String(count).padStart(6)}  ${name}`)),
  ];
}

function counts(of: Readonly<Record<string, number>>): string {
  const named = Object.entries(of).map(([name, count]) => `${name}: ${count}`);
  return named.length === 0 ? "none" : named.join(", ");
}

function times(ms: readonly number[]): string {
  if (ms.length === 0) return "nothing was";
  return `p50 ${percentile(ms, 0.5).toFixed(1)} ms, p99 ${percentile(ms, 0.99).toFixed(1)} ms (${ms.length})`;
}

function whole(bytes: number): string {
  return bytes === 0 ? "-" : String(Math.round(bytes / mib));
}
