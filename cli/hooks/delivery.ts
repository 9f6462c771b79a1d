// Deliveries of the API, and how they end.
import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import type { Io } from "../command.ts";
import { get, type Service } from "../service.ts";
import { counted, printable } from "../words.ts";

export const deliveryAnswer = z.looseObject({
  id: z.string(),
  hook: z.string(),
  type: z.string(),
  call: z.string().nullable(),
  state: z.string(),
  reason_text: z.string().nullable(),
  tries: z.number(),
  next_at: z.string().nullable(),
  created_at: z.string(),
  done_at: z.string().nullable(),
});
type Delivery = z.output<typeof deliveryAnswer>;

const triedDelivery = z.looseObject({
  ...deliveryAnswer.shape,
  body: z.string().nullable(),
  history: z.array(
    z.looseObject({
      nth: z.number(),
      at: z.string(),
      ms: z.number(),
      status: z.number().nullable(),
      error: z.string().nullable(),
      // A service of an older version has no sentence.
      error_text: z.string().nullable().default(null),
      answer: z.string().nullable(),
    }),
  ),
});
type TriedDelivery = z.output<typeof triedDelivery>;

/** Looks for an answer. A receiver has 15 s for it, and a delivery may wait for those before it. */
const looksMax = 60;
const lookEveryMs = 500;

export async function wholeDelivery(service: Service, id: string): Promise<TriedDelivery> {
  return await get(service, `/v1/deliveries/${encodeURIComponent(id)}`, triedDelivery);
}

/**
 * Waits for the next try of a delivery, and prints it.
 *
 * @param before its tries so far
 * @returns the exit code: 0 if it was delivered
 */
export async function followDelivery(io: Io, service: Service, id: string, before: number): Promise<number> {
  for (let nth = 0; nth < looksMax; nth++) {
    const delivery = await wholeDelivery(service, id);
    if (delivery.tries > before || delivery.state !== "pending") {
      for (const line of triesText(delivery.history.slice(-1))) io.out(line);
      io.say(endOf(delivery));
      return delivery.state === "delivered" ? 0 : 1;
    }
    await pause(lookEveryMs);
  }
  io.say(
    `not tried within ${(looksMax * lookEveryMs) / 1000} s; \`hookline deliveries show ${id}\` says what comes of it`,
  );
  return 1;
}

/** Each try with the receiver's answer. */
export function triesText(tries: TriedDelivery["history"]): string[] {
  return tries.flatMap(({ nth, at, ms, status, error, error_text, answer }) => [
    `${at}  try ${nth}: ${status === null ? (error_text ?? error ?? "no answer") : `answered ${status}`} after ${ms} ms`,
    ...(answer === null || answer === ""
      ? []
      : answer
          .trimEnd()
          .split(/\r?\n/)
          .map((line) => `  ${printable(line)}`)),
  ]);
}

/** One sentence about where a delivery is. */
export function endOf({ state, reason_text, next_at, done_at, tries }: Delivery): string {
  const why = reason_text === null ? "" : `: ${reason_text}`;
  if (state === "pending")
    return `not delivered yet, after ${counted(tries, "try", "tries")}; the next one is at ${next_at ?? "no set time"}${why}`;
  return `${state.replaceAll("_", " ")}${done_at === null ? "" : ` at ${done_at}`}${why}`;
}
