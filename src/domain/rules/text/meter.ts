/**
 * The cost of one render so far, and the way to stop it. It belongs to that render alone.
 *
 * A render that must stop throws one shared sentinel after it has noted why: the note is the value, the throw only the way out
 * (a stack trace for each refusal would be work of its own).
 */
import { textIterationsMax } from "./limits.ts";

/** Nodes and filters that one render runs. A loop's body may be long. */
const textStepsMax = 20_000;

/** Characters that the filters and comparisons of one render go through: the largest payload, a few times. */
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
  /** The field of the value that is being made, for what stops within it. */
  path: string | null;
  failure: RenderFailure | null;
};

/** Thrown by {@link endRender}, caught by the render that owns the meter. */
export const stopped = new Error("the render was stopped");

/** @returns a meter that has counted nothing. */
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

/** Charges elements that are about to be visited. */
export function chargeIterations(meter: Meter, count: number): void {
  meter.iterations += count;
  if (meter.iterations > textIterationsMax)
    endRender(meter, "too_much_work", `a text visits at most ${textIterationsMax} elements`);
}

/** Charges characters that are about to be gone through or made. What is refused is not done, and not charged. */
export function chargeCharacters(meter: Meter, count: number): void {
  if (meter.characters + count > textWorkCharactersMax)
    endRender(meter, "too_much_work", `a text goes through at most ${textWorkCharactersMax} characters`);
  meter.characters += count;
}

/** @returns what a render has cost, in the weights of conditions: one per step, element or 256 characters */
export function renderWeight({ steps, iterations, characters }: Meter): number {
  return 1 + steps + iterations + (characters >> 8);
}
