// Checks of `doctor` on three clocks: Postgres', the service's, and this machine's. `src/domain/clocks.ts` lists the
// consequences of a difference.
import * as z from "zod";
import { type ClockSample, clockVerdict, clockWords, readClock } from "../../src/domain/clocks.ts";
import { callApi, type Service } from "../service.ts";
import type { SetupFinding } from "./doctor-setup.ts";

/** Postgres' clock, as `/readyz` reports it. */
export const clocksReport = z
  .looseObject({ postgres_ahead_ms: z.number(), error_ms: z.number(), allowed_ms: z.number(), asks: z.number() })
  .nullish(); // Absent from the previous version.

/** Finding for a clock of Postgres that could not be measured. It never counts as a correct clock. */
export const unknownClock: SetupFinding = {
  state: "warning",
  text: "how far Postgres' clock is from the service's is unknown: it could not be measured",
};

/**
 * Finding for Postgres' clock if it is correct or uncertain. A difference that is certainly too large is a problem that
 * the service itself reports.
 */
export function clockFindings(clocks: z.output<typeof clocksReport>): SetupFinding[] {
  if (clocks === undefined) return [];
  if (clocks === null) return [unknownClock];
  const reading = { aheadMs: clocks.postgres_ahead_ms, errorMs: clocks.error_ms };
  const verdict = clockVerdict(reading, clocks.allowed_ms);
  if (verdict === "apart") return [];
  const text = `Postgres' clock is ${clockWords(reading)}, compared with the service's`;
  const allowed = `from a difference of ${clocks.allowed_ms / 1_000} s, calls ring at wrong times`;
  return [
    verdict === "right"
      ? { state: "good", text: `${text}; ${allowed}` }
      : { state: "warning", text: `${text}: not measured well enough to say that it is right; ${allowed}` },
  ];
}

/**
 * Difference between this machine and the service from which on a warning is due: half of the strictest tolerance for a
 * signature's time (30 s). It is not known which of the two clocks is wrong.
 */
const machineApartMs = 15_000;
const machineAsks = 3;
const alive = z.looseObject({ time: z.iso.datetime() });

/** Compares this machine's clock with the service's. Tokens that are made here expire by this clock. */
export async function machineClock(service: Service, now: () => number = Date.now): Promise<SetupFinding[]> {
  const samples: ClockSample[] = [];
  for (let nth = 0; nth < machineAsks; nth++) {
    const sentAt = now();
    const answer = await callApi(service, "GET", "/healthz");
    const receivedAt = now();
    const said = alive.safeParse(answer.body);
    // Absent from the previous version.
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
      text: `${text}: if the service's is wrong, it refuses webhooks with a signed time; if this machine's is, tokens made here end at a wrong time. Set this machine's clock by NTP, and that of the service if it runs on a machine of yours`,
    },
  ];
}
