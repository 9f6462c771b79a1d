/**
 * Cost of one render so far, and the way to stop it. A render that must stop records the reason and throws one shared
 * sentinel, because a stack trace per refusal would itself be costly.
 */
import { textIterationsMax } from "./limits.ts";

/** Nodes and filters that one render executes. A loop's body may be long. */
const textStepsMax = 20_000;

/** Characters that the filters and comparisons of one render read: several times the largest payload. */
const textWorkCharactersMax = 4_000_000;

export type RenderFailure = {
  readonly reason: "placeholder" | "too_long" | "too_much_work";
  readonly path: string | null;
  readonly detail: string;
};

export type Meter = {
  steps: number;
  iterations: number;
  characters: number;
  /** Field of the value that is being computed, for the reason of a stop. */
  path: string | null;
  failure: RenderFailure | null;
};

/** Thrown by {@link endRender}, and caught by the render that owns the meter. */
export const stopped = new Error("the render was stopped");

/** @returns An empty meter. */
export function freshMeter(): Meter {
  return { steps: 0, iterations: 0, characters: 0, path: null, failure: null };
}

/** Ends the render. The detail names kinds and limits, never a value. */
export function endRender(
  meter: Meter,
  reason: RenderFailure["reason"],
  detail: string,
  path: string | null = meter.path,
): never {
  meter.failure = { reason, path, detail };
  throw stopped;
}

/** Charges one node or filter. */
export function chargeStep(meter: Meter): void {
  meter.steps += 1;
  if (meter.steps > textStepsMax) endRender(meter, "too_much_work", `a text runs at most ${textStepsMax} steps`);
}

/** Charges elements before they are visited. */
export function chargeIterations(meter: Meter, count: number): void {
  meter.iterations += count;
  if (meter.iterations > textIterationsMax)
    endRender(meter, "too_much_work", `a text visits at most ${textIterationsMax} elements`);
}

/** Charges characters before they are read or created. Refused work is neither done nor charged. */
export function chargeCharacters(meter: Meter, count: number): void {
  if (meter.characters + count > textWorkCharactersMax)
    endRender(meter, "too_much_work", `a text goes through at most ${textWorkCharactersMax} characters`);
  meter.characters += count;
}

/** @returns The cost of a render in the weights of conditions: one per step, element or 256 characters. */
export function renderWeight({ steps, iterations, characters }: Meter): number {
  return 1 + steps + iterations + (characters >> 8);
}
