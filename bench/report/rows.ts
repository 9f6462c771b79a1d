// The measured figures beside their goals.
import type { Burst } from "../burst.ts";
import type { MappingCosts } from "../mapping.ts";
import type { Ringing } from "../ringing.ts";
import type { Measured } from "../throughput.ts";
import type { TripsMeasured } from "../trips.ts";
import type { Start } from "../weight.ts";
import type { Row } from "./report.ts";

/** All that a run measures. Throughputs are by the subject's name. */
export type BenchResults = {
  throughput: Record<string, Measured>;
  at16: Record<string, Measured>;
  fewBatches: Record<string, Measured>;
  mapping: MappingCosts;
  eventsEach: number;
  trips: TripsMeasured;
  ringing: Ringing;
  ringingCold: Ringing;
  burst: Burst;
  gzipBytes: number;
  start: Start;
  floorStart: Start;
};

const mib = 1024 * 1024;
/** A paced run that takes longer than this could not keep the pace. */
const lateFactorMax = 1.1;

/** The rows of the table, in the order of the design's. */
export function rowsOf(results: BenchResults): Row[] {
  const { throughput, at16, fewBatches, mapping, trips, ringing, ringingCold, burst } = results;
  const rate = (name: string) => throughput[name]?.perSecond ?? 0;
  const events = rate("batches") * results.eventsEach;
  const answer = at16.hookline;
  const floor = at16.hop;
  const startCpuMs = results.start.cpuMs - results.floorStart.cpuMs;
  const against = (what: string, mine: string, other: string, goal: number): Row => {
    const ratio = rate(mine) / rate(other);
    return row(
      what,
      `≥ ${goal} ×`,
      `${whole(rate(mine))}/s : ${whole(rate(other))}/s = ${ratio.toFixed(2)} ×`,
      ratio >= goal,
    );
  };
  return [
    row("bare floor", "", `${whole(rate("bare"))}/s, p50 ${ms(throughput.bare?.p50Ms)}`, null),
    row("hop floor", "", `${whole(rate("hop"))}/s, p50 ${ms(throughput.hop?.p50Ms)}`, null),
    against("durable webhooks, no rule wants them, to the hop floor", "hookline", "hop", 0.9),
    against("the same, source without a rule", "hookline, no rule", "hop", 0.9),
    against("to a Worker with a connection per request", "hookline", "insert", 10),
    against("to plain Node, pool of 10", "hookline", "node", 1),
    row(
      `HubSpot events, ${results.eventsEach} in a request`,
      "≥ 25000/s",
      `${whole(events)}/s${refusals(throughput.batches)}`,
      events >= 25_000,
    ),
    row(
      `acknowledging a request of HubSpot's ${results.eventsEach} events, p50`,
      "≤ 30 ms",
      `${ms(fewBatches.one?.p50Ms)}, p99 ${ms(fewBatches.one?.p99Ms)}; four at a time ${ms(fewBatches.four?.p50Ms)}`,
      (fewBatches.one?.p50Ms ?? 1e9) <= 30,
    ),
    row(
      `verifying and splitting a webhook of ${(mapping.bodyBytes / 1024).toFixed(1)} KiB, CPU`,
      "≤ 100 µs",
      `${us(mapping.verify)} = ${(mapping.verify / mapping.least).toFixed(1)} × an HMAC and JSON.parse (${us(mapping.least)})`,
      mapping.verify <= 100,
    ),
    row(
      "a plan (condition and four templates), CPU",
      "≤ 200 µs",
      `${us(mapping.plan)} = ${(mapping.plan / mapping.parse).toFixed(1)} × JSON.parse of its event (${us(mapping.parse)})`,
      mapping.plan <= 200,
    ),
    row(
      "acknowledging at 16 connections, p50",
      "≤ 5 ms",
      `${ms(answer?.p50Ms)}, p99 ${ms(answer?.p99Ms)}`,
      (answer?.p50Ms ?? 1e9) <= 5,
    ),
    row("the hop floor at 16 connections, p50", "", `${ms(floor?.p50Ms)}, p99 ${ms(floor?.p99Ms)}`, null),
    row(
      "Postgres round trips per event, to dialled",
      "≤ 0.1",
      `${trips.perEvent.toFixed(3)} (${batches(trips)})`,
      trips.perEvent <= 0.1,
    ),
    row(
      "webhook to Mihu POST, idle, p50",
      "≤ 25 ms",
      `${ms(ringing.p50Ms)}, p90 ${ms(ringing.p90Ms)}`,
      ringing.p50Ms <= 25,
    ),
    row("the same, connection closed before", "", `${ms(ringingCold.p50Ms)}, p90 ${ms(ringingCold.p90Ms)}`, null),
    row(
      `a burst of ${burst.wanted} in ${burst.wantedSeconds} s`,
      "none lost",
      `in ${burst.seconds.toFixed(1)} s: ${burst.refused} refused, ${burst.events} events, ${burst.planned} planned, ${burst.calls} calls; workerd at most ${whole(burst.rssMaxBytes / mib)} MiB`,
      arrived(burst),
    ),
    row(
      "bundle, gzipped",
      "≤ 250 KiB",
      `${(results.gzipBytes / 1024).toFixed(1)} KiB`,
      results.gzipBytes <= 250 * 1024,
    ),
    row(
      "start of the Worker, more CPU than the floors'",
      "≤ 50 ms",
      `${whole(startCpuMs)} ms; process to first answer ${whole(results.start.toFirstAnswerMs)} ms, floors' ${whole(results.floorStart.toFirstAnswerMs)} ms`,
      startCpuMs <= 50,
    ),
  ];
}

/** Everything was sent in its time, answered with 202, and is there. */
function arrived(burst: Burst): boolean {
  const { wanted, accepted, events, planned, calls } = burst;
  const inTime = burst.seconds <= burst.wantedSeconds * lateFactorMax;
  return inTime && [accepted, events, planned, calls].every((count) => count === wanted);
}

function row(what: string, goal: string, measured: string, ok: boolean | null): Row {
  return { what, goal, measured, ok };
}

function batches({ batches: of }: TripsMeasured): string {
  return Object.entries(of)
    .map(([kind, mean]) => `${kind} ${mean.toFixed(0)}`)
    .join(", ");
}

function ms(value: number | undefined): string {
  return `${(value ?? 0).toFixed(1)} ms`;
}

function refusals(measured: Measured | undefined): string {
  return measured === undefined || measured.refused === 0 ? "" : `, ${measured.refused} requests refused`;
}

function us(value: number): string {
  return `${value.toFixed(0)} µs`;
}

function whole(value: number): string {
  return String(Math.round(value));
}
