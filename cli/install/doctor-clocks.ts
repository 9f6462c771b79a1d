// The checks of `doctor` of three clocks: Postgres', the service's, and this machine's. What breaks by a difference stands in
// src/domain/clocks.ts.
import * as z from "zod";
import { type ClockSample, clockVerdict, clockWords, readClock } from "../../src/domain/clocks.ts";
import { callApi, type Service } from "../service.ts";
import type { SetupFinding } from "./doctor-setup.ts";

/** Postgres' clock, as `/readyz` reports it. */
export const clocksReport = z
  .looseObject({ postgres_ahead_ms: z.number(), error_ms: z.number(), allowed_ms: z.number(), asks: z.number() })
  .nullish(); // Missing in the version before.

/** Postgres' clock could not be measured. Never taken for one that is right. */
export const unknownClock: SetupFinding = {
  state: "warning",
  text: "how far Postgres' clock is from the service's is unknown: it could not be measured",
};

/** Postgres' clock while it is right, or nobody can tell. Where it is certainly apart from the bound on it is a problem that the service reports itself. */
export function clockFindings(clocks: z.output<typeof clocksReport>): SetupFinding[] {
  if (clocks === undefined) return [];
  if (clocks === null) return [unknownClock];
  const reading = { aheadMs: clocks.postgres_ahead_ms, errorMs: clocks.error_ms };
  const verdict = clockVerdict(reading, clocks.allowed_ms);
  if (verdict === "apart") return [];
  const text = `Postgres' clock is ${clockWords(reading)}, compared with the service's`;
  const allowed = `from ${clocks.allowed_ms / 1_000} s on calls ring at wrong times`;
  return [
    verdict === "right"
      ? { state: "good", text: `${text}; ${allowed}` }
      : { state: "warning", text: `${text}: not measured well enough to say that it is right; ${allowed}` },
  ];
}

/**
 * Difference between this machine and the service from which on one of them is wrong enough to matter: half of the strictest tolerance of
 * a signature's time (30 s). Which of the two is wrong, nobody can say here.
 */
const machineApartMs = 15_000;
const machineAsks = 3;
const alive = z.looseObject({ time: z.iso.datetime() });

/** This machine's clock against the service's. Tokens that are made here end by this clock. */
export async function machineClock(service: Service, now: () => number = Date.now): Promise<SetupFinding[]> {
  const samples: ClockSample[] = [];
  for (let nth = 0; nth < machineAsks; nth++) {
    const sentAt = now();
    const answer = await callApi(service, "GET", "/healthz");
    const receivedAt = now();
    const said = alive.safeParse(answer.body);
    // The version before does not say it.
    if (!said.success) return [];
    samples.push({ sentAt, receivedAt, theirs: Date.parse(said.data.time) });
  }
  const reading = readClock(samples);
  if (reading === null) return [];
  const text = `the service's clock is ${clockWords(reading)}, compared with this machine's`;
  const verdict = clockVerdict(reading, machineApartMs);
  if (verdict === "right") return [{ state: "good", text }];
  if (verdict === "unsure")
    return [
      {
        state: "warning",
        text: `${text}: not measured well enough to say that it is less than ${machineApartMs / 1_000} s. Answers took long; run this again`,
      },
    ];
  return [
    {
      state: "warning",
      text: `${text}: if the service is wrong, webhooks with a signed time are refused; if this machine is, tokens made here end at a wrong time. Set both by NTP`,
    },
  ];
}
