/** Holds the settings, draws the faults of each request, and counts them. */
import { draw, pick, spanMs } from "./chance.ts";
import {
  DEFAULT_SETTINGS,
  type NextFault,
  type OtherFault,
  readSettings,
  SETTING_NAMES,
  type Settings,
} from "./settings.ts";
import { CALL_FAULTS, type CallFault, type MihuOutcome } from "./types.ts";

/** Rates are added up in floating point, so a sum of exactly 1 needs a little room. */
const RATE_SUM_MAX = 1 + 1e-9;

/** The faults of one `POST /call`. */
export type CallFate = {
  fault: CallFault | "none";
  hangMs: number;
  retryAfterS: number;
  /** Before the ring. */
  latencyMs: number;
  /** Between the ring and the answer. */
  answerLatencyMs: number;
};

type Refusal = { message: string; errors: Record<string, string>; known: readonly string[] };

export type Faults = {
  settings: () => Readonly<Settings>;
  /** Merges a change, or refuses all of it and gives the reasons. */
  change: (input: unknown) => Refusal | undefined;
  nextCall: () => CallFate;
  /** The number of the next ring, counted as the calls are; numbers the draws of its outcome and webhooks. */
  nextRing: () => number;
  /** Whether this fault strikes the item with this number. Counts it if so. */
  strikes: (fault: OtherFault, number: number) => boolean;
  strikesList: () => boolean;
  /** A seeded number in [0, 1). */
  draw: (purpose: string, number: number) => number;
  injected: () => Record<string, number>;
  reset: () => void;
};

/**
 * @param initial settings that hold at start and again after `reset`.
 */
export function createFaults(initial: Partial<Settings>): Faults {
  let settings: Settings = { ...DEFAULT_SETTINGS, ...initial };
  let injected: Record<string, number> = {};
  // Counted since the seed was last set, so that the same seed brings the same faults again.
  let calls = 0;
  let rings = 0;
  let lists = 0;

  function restart(): void {
    calls = 0;
    rings = 0;
    lists = 0;
  }

  function tally(name: string): void {
    injected[name] = (injected[name] ?? 0) + 1;
  }

  function change(input: unknown): Refusal | undefined {
    const read = readSettings(input);
    if (!read.ok) return { message: "The settings were not changed.", errors: read.errors, known: SETTING_NAMES };
    const merged = { ...settings, ...read.changes };
    const sum = CALL_FAULTS.reduce((total, name) => total + merged[name], 0);
    if (sum > RATE_SUM_MAX) {
      const errors = { rates: "the rates of all faults of a call must not add up to more than 1" };
      return { message: "The settings were not changed.", errors, known: SETTING_NAMES };
    }
    settings = merged;
    if (read.changes.seed !== undefined) restart();
    return undefined;
  }

  function chooseFault(number: number): NextFault {
    const [queued, ...rest] = settings.next;
    if (queued !== undefined) {
      settings = { ...settings, next: rest };
      return queued;
    }
    let left = draw(settings.seed, "fault", number);
    for (const name of CALL_FAULTS) {
      left -= settings[name];
      if (left < 0) return { fault: name };
    }
    return { fault: "none" };
  }

  function nextCall(): CallFate {
    const number = calls++;
    const chosen = chooseFault(number);
    if (chosen.fault !== "none") tally(chosen.fault);
    return {
      fault: chosen.fault,
      hangMs: chosen.hang_ms ?? settings.hang_ms,
      retryAfterS: chosen.retry_after_s ?? settings.retry_after_s,
      latencyMs: spanMs(settings.latency_ms, draw(settings.seed, "latency", number)),
      answerLatencyMs: spanMs(settings.answer_latency_ms, draw(settings.seed, "answer_latency", number)),
    };
  }

  function strikes(fault: OtherFault, number: number): boolean {
    const struck = settings[fault] > 0 && draw(settings.seed, fault, number) < settings[fault];
    if (struck) tally(fault);
    return struck;
  }

  return {
    settings: () => settings,
    change,
    nextCall,
    nextRing: () => rings++,
    strikes,
    strikesList: () => strikes("list_500", lists++),
    draw: (purpose, number) => draw(settings.seed, purpose, number),
    injected: () => ({ ...injected }),
    reset: () => {
      settings = { ...DEFAULT_SETTINGS, ...initial };
      injected = {};
      restart();
    },
  };
}

/** The outcome that a seeded draw gives under the set weights. */
export function chooseOutcome(faults: Faults, ordinal: number): MihuOutcome {
  return pick(faults.settings().outcomes, faults.draw("outcome", ordinal)) ?? "completed";
}
