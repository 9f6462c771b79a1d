// The measured figures beside their goals.
import type { Burst } from "../burst.ts";
import { planUsd } from "../cost/price.ts";
import { type Spread, spreadOf } from "../load/load.ts";
import type { Rings } from "../ringing.ts";
import type { Measured } from "../throughput.ts";
import type { TripsMeasured } from "../trips.ts";
import { cpuParts, evenBill } from "./parts.ts";
import type { Row } from "./report.ts";
import type { BenchResults } from "./results.ts";

const mib = 1024 * 1024;
/** A paced run that takes longer than this could not keep the pace. */
const lateFactorMax = 1.1;

/** The rows of the table. */
export function rowsOf(results: BenchResults): Row[] {
  return [...throughputRows(results), ...batchRows(results), ...latencyRows(results), ...otherRows(results)];
}

function throughputRows({ throughput, groups }: BenchResults): Row[] {
  const against = (what: string, mine: string, other: string, goal: number | null): Row => {
    const times = ratio(throughput[mine]?.rounds, throughput[other]?.rounds);
    const measured = `${rate(throughput[mine])} : ${rate(throughput[other])}; ${factor(times)}`;
    return goal === null ? row(what, "", measured, null) : row(what, `≥ ${goal} ×`, measured, times.median >= goal);
  };
  const { single } = cpuParts({ throughput, groups });
  return [
    row("bare floor", "", `${rate(throughput.bare)}, p50 ${ms(throughput.bare?.p50Ms)}`, null),
    row("hop floor", "", `${rate(throughput.hop)}, p50 ${ms(throughput.hop?.p50Ms)}`, null),
    against("durable webhooks, to the hop floor", "hookline", "hop", null),
    against("the same, source without a rule", "hookline, no rule", "hop", null),
    against("the Worker alone, which calls no inbox, to the hop floor", "no call", "hop", null),
    against("durable webhooks, to the same Worker with an inbox that answers at once", "hookline", "no object", 0.7),
    against("durable webhooks, to Node doing the same work", "hookline", "same work", null),
    against("the Worker alone, which calls no inbox, to Node doing the same work", "no call", "same work", null),
    against("durable webhooks, to Node with one insert a webhook", "hookline", "node", null),
    against("durable webhooks, to a Worker with a connection per request", "hookline", "insert", 10),
    row(
      "CPU of the inbox for a webhook",
      "",
      `${us(single.object)}; the call to the inbox ${us(single.call)}, the Worker ${us(single.worker)}`,
      null,
    ),
  ];
}

function batchRows(results: BenchResults): Row[] {
  const { throughput, copy, eventsEach, fewBatches } = results;
  const events = (throughput.batches?.rounds ?? []).map((requests) => requests * eventsEach);
  const times = ratio(events, copy.keyed.perSecond.rounds);
  const { batched } = cpuParts(results);
  const backend = (throughput.batches?.cpuUs.backends?.rounds ?? []).map((cpuUs) => cpuUs / eventsEach);
  const backendTimes = ratio(backend, copy.keyed.cpuUs.rounds);
  const one = fewBatches.one;
  return [
    row(
      `HubSpot events, ${eventsEach} in a request, to COPY of the same rows`,
      "≥ 0.7 ×",
      `${spread(spreadOf(events))}/s : ${spread(copy.keyed.perSecond)}/s; ${factor(times)}${refusals(throughput.batches)}`,
      times.median >= 0.7,
    ),
    row(
      "COPY without the foreign key",
      "",
      `${spread(copy.keyless.perSecond)}/s, CPU for a row ${us(copy.keyless.cpuUs)}; with the foreign key ${us(copy.keyed.cpuUs)}`,
      null,
    ),
    row("CPU of the inbox for an event of a batch", "≤ 15 µs", us(batched.object), batched.object.median <= 15),
    row(
      "Postgres' CPU for an event of a batch, to COPY's for a row",
      "≤ 1.1 ×",
      `${us(spreadOf(backend))} : ${us(copy.keyed.cpuUs)}; ${factor(backendTimes)}`,
      backendTimes.median <= 1.1,
    ),
    row(
      `acknowledging a request of HubSpot's ${eventsEach} events, p50`,
      "≤ 30 ms",
      `${ms(one?.p50Ms)}, p99 ${ms(one?.p99Ms)}; four at a time ${ms(fewBatches.four?.p50Ms)}`,
      (one?.p50Ms ?? 1e9) <= 30,
    ),
  ];
}

function latencyRows({ at16, trips, rings, mapping }: BenchResults): Row[] {
  const times = ratio(at16.hookline?.p50Rounds, at16.hop?.p50Rounds);
  return [
    row(
      `verifying and splitting a webhook of ${(mapping.bodyBytes / 1024).toFixed(1)} KiB, CPU`,
      "≤ 100 µs",
      `${mapping.verify.toFixed(0)} µs = ${(mapping.verify / mapping.least).toFixed(1)} × an HMAC and JSON.parse (${mapping.least.toFixed(0)} µs)`,
      mapping.verify <= 100,
    ),
    row(
      "a plan (condition and four templates), CPU",
      "≤ 200 µs",
      `${mapping.plan.toFixed(0)} µs = ${(mapping.plan / mapping.parse).toFixed(1)} × JSON.parse of its event (${mapping.parse.toFixed(0)} µs)`,
      mapping.plan <= 200,
    ),
    row(
      "acknowledging at 16 connections, p50, to the hop floor's",
      "≤ 3 ×",
      `${ms(at16.hookline?.p50Ms)}, p99 ${ms(at16.hookline?.p99Ms)} : ${ms(at16.hop?.p50Ms)}; ${factor(times)}`,
      times.median <= 3,
    ),
    row(
      "Postgres round trips per event, accept to dialled",
      "≤ 0.1",
      `${trips.perEvent.toFixed(3)}; mean batches: ${batches(trips)}`,
      trips.perEvent <= 0.1,
    ),
    ...ringRows(rings),
  ];
}

function otherRows(results: BenchResults): Row[] {
  const { burst } = results;
  const startCpuMs = results.start.cpuMs - results.floorStart.cpuMs;
  const bill = evenBill(results);
  const short = evenBill(results, 1);
  const [highest, program, before] = [burst.rssMaxBytes, burst.programBytes, burst.rssBeforeBytes].map((bytes) =>
    whole(bytes / mib),
  );
  return [
    row(
      `a burst of ${burst.wanted} in ${burst.wantedSeconds} s`,
      `within ${(burst.wantedSeconds * lateFactorMax).toFixed(0)} s, none lost`,
      `in ${burst.seconds.toFixed(1)} s: ${burst.refused} refused, ${burst.events} events, ${burst.planned} planned, ${burst.calls} calls`,
      arrived(burst),
    ),
    row(
      "workerd's memory in the burst, with a heap of at most 128 MB as on Cloudflare",
      "< 256 MiB",
      `${highest} MiB, of which ${program} MiB are pages of its program; before the burst ${before} MiB`,
      burst.rssMaxBytes < 256 * mib,
    ),
    row("bundle, gzipped", "", `${(results.gzipBytes / 1024).toFixed(1)} KiB`, null),
    row(
      "start of the Worker, CPU beyond that of a trivial Worker",
      "≤ 80 ms",
      `${whole(startCpuMs)} ms; time to the first answer ${whole(results.start.toFirstAnswerMs)} ms, of the trivial Worker ${whole(results.floorStart.toFirstAnswerMs)} ms`,
      startCpuMs <= 80,
    ),
    row(
      "a million events a month, spread evenly, at Cloudflare's list price",
      "< 5 USD",
      `${bill.usd.toFixed(2)} USD at list price, ${bill.onTopUsd.toFixed(2)} USD beyond the plan's ${planUsd} USD; with IDLE_CONNECTION=1s ${short.usd.toFixed(2)} and ${short.onTopUsd.toFixed(2)} USD`,
      bill.usd < 5,
    ),
  ];
}

/** The rows of the way from a webhook to its ring. */
export function ringRows({ warm, quiet, started }: Rings): Row[] {
  const goals = [
    { what: "webhook to Mihu POST, idle, p50", ringing: warm, maxMs: 15 },
    { what: "the same after 10 s of quiet", ringing: quiet, maxMs: 40 },
    { what: "the same, the first after a start", ringing: started, maxMs: 150 },
  ];
  return goals.map(({ what, ringing: { p50Ms, minMs, maxMs: slowest, samples }, maxMs }) =>
    row(
      what,
      `≤ ${maxMs} ms`,
      `${ms(p50Ms)} (${minMs.toFixed(1)}–${slowest.toFixed(1)}), ${samples} samples`,
      p50Ms <= maxMs,
    ),
  );
}

/** Whether every webhook was sent in time, answered with 202, and stored. */
function arrived(burst: Burst): boolean {
  const { wanted, accepted, events, planned, calls } = burst;
  const inTime = burst.seconds <= burst.wantedSeconds * lateFactorMax;
  return inTime && [accepted, events, planned, calls].every((count) => count === wanted);
}

function row(what: string, goal: string, measured: string, ok: boolean | null): Row {
  return { what, goal, measured, ok };
}

/** Rounds are compared in pairs, so that other load on the machine affects both alike. */
function ratio(mine: readonly number[] = [], other: readonly number[] = []): Spread {
  return spreadOf(mine.map((value, round) => value / (other[round] ?? Number.NaN)));
}

function factor({ median, min, max }: Spread): string {
  return `median ratio ${median.toFixed(2)} × (${min.toFixed(2)}–${max.toFixed(2)})`;
}

function spread({ median, min, max }: Spread): string {
  return `${whole(median)} (${whole(min)}–${whole(max)})`;
}

function rate(measured: Measured | undefined): string {
  return `${spread(spreadOf(measured?.rounds ?? []))}/s`;
}

/** Units of the batches of each statement. */
const batchUnits: Readonly<Record<string, string>> = { claim: "calls", record: "answers" };

function batches({ batches: of }: TripsMeasured): string {
  return Object.entries(of)
    .map(([kind, mean]) => `${kind} ${mean.toFixed(0)} ${batchUnits[kind] ?? "events"}`)
    .join(", ");
}

function ms(value: number | undefined): string {
  return `${(value ?? 0).toFixed(1)} ms`;
}

function refusals(measured: Measured | undefined): string {
  return measured === undefined || measured.refused === 0 ? "" : `, ${measured.refused} requests refused`;
}

function us(value: Spread): string {
  return `${spread(value)} µs`;
}

function whole(value: number): string {
  return String(Math.round(value));
}
