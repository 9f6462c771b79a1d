/**
 * The CRMs. A sender retries the same bytes after any response but a 2xx, as real ones do. An event counts as accepted once a 2xx
 * named it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { signedRequest } from "../../../dev/send/sign.ts";
import { draw } from "../../../dev/simulator/engine/chance.ts";
import { findPreset } from "../../../src/crm/presets/index.ts";
import type { Request } from "./schedule.ts";
import { type Keyring, settingsOf } from "./setup.ts";
import type { StoryEvent } from "./story.ts";
import type { ChaosWorld, Instance } from "./world.ts";

/** One request that was answered with a 2xx. Times are epoch milliseconds. */
type Ack = { readonly at: number; readonly ms: number };

/** The senders' report at the end. */
export type SendersReport = {
  /** Maps Hookline's id of each accepted event to the sender's event. */
  readonly accepted: ReadonlyMap<string, StoryEvent>;
  readonly acks: readonly Ack[];
  readonly deliveries: number;
  /** Tries that were not answered with a 2xx, by what came instead. */
  readonly refused: Readonly<Record<string, number>>;
  /** Deliveries whose sender gave up. */
  readonly givenUp: number;
  /** Events that two answers gave different ids. */
  readonly otherIds: number;
  /** Requests that were answered with 401 or 404 although an answer had promised before that they are taken, and still did after. */
  readonly wronglyRefused: number;
  /** Such requests that were answered with 503. */
  readonly turnedAway: number;
};

const answerLimitMs = 10_000;
const pauseMinMs = 250;
const pauseMaxMs = 5_000;

/** Sends all requests at their times from `startedAt` on, and resolves when each delivery was taken or given up at `giveUpAt`. */
export async function sendAll(
  world: ChaosWorld,
  requests: readonly Request[],
  { seed, secrets, startedAt, giveUpAt }: { seed: number; secrets: Keyring; startedAt: number; giveUpAt: () => number },
): Promise<SendersReport> {
  const accepted = new Map<string, StoryEvent>();
  const idOf = new Map<StoryEvent, string>();
  const acks: Ack[] = [];
  const refused: Record<string, number> = {};
  let givenUp = 0;
  let otherIds = 0;
  let wronglyRefused = 0;
  let turnedAway = 0;
  let deliveries = 0;

  function take(request: Request, answer: Answer): void {
    acks.push({ at: answer.at, ms: answer.ms });
    request.events.forEach((event, index) => {
      const id = answer.ids[index];
      if (id === undefined) throw new Error(`an answer named ${answer.ids.length} of ${request.events.length} events`);
      if ((idOf.get(event) ?? id) !== id) otherIds++;
      idOf.set(event, id);
      accepted.set(id, event);
    });
  }

  async function deliver(request: Request, nth: number): Promise<void> {
    const chance = (what: string, turn: number) => draw(seed, `${what} ${nth} ${turn}`, request.index);
    await sleep(Math.max(0, startedAt + (request.deliveriesMs[nth] ?? 0) - Date.now()));
    deliveries++;
    for (let turn = 0; ; turn++) {
      // Some senders know of a rotation at once, others later: each secret that verifies is used.
      const good = secrets.allOf(request.source);
      const secret = good[Math.floor(chance("secret", turn) * good.length)] ?? "";
      const goodSince = secrets.goodSince(request.source, secret);
      const answer = await send(choose(world, chance("instance", turn)), writeRequest(request, secret));
      const isGood = goodSince !== null && goodSince === secrets.goodSince(request.source, secret);
      if (answer.kind === "refused" && /^40[14] /.test(answer.why) && isGood) wronglyRefused++;
      if (answer.kind === "refused" && answer.why.startsWith("503") && isGood) turnedAway++;
      if (answer.kind === "taken") {
        take(request, answer);
        return;
      }
      refused[answer.why] = (refused[answer.why] ?? 0) + 1;
      if (Date.now() > giveUpAt()) {
        givenUp++;
        return;
      }
      await sleep(Math.min(pauseMinMs * 2 ** turn, pauseMaxMs) * (0.5 + chance("pause", turn)));
    }
  }

  await Promise.all(requests.flatMap((request) => request.deliveriesMs.map((_, nth) => deliver(request, nth))));
  return { accepted, acks, deliveries, refused, givenUp, otherIds, wronglyRefused, turnedAway };
}

type Made = { path: string; headers: Record<string, string>; body: string };
type Answer = { kind: "taken"; at: number; ms: number; ids: string[] };

/** Writes and signs a request with its sender's own hand. */
export function writeRequest({ source, events }: Pick<Request, "source" | "events">, secret: string): Made {
  const [first] = events;
  if (first === undefined) throw new Error("a request carries at least one event");
  const presetName = source === "shop" ? "shopify" : source === "zap" ? "bearer" : "generic";
  const preset = findPreset(presetName);
  if (preset === null) throw new Error(`there is no preset ${presetName}`);
  const body = JSON.stringify(source === "bulk" ? events.map((event) => event.body) : first.body);
  const settings = settingsOf[source];
  const { headers } = signedRequest({
    preset,
    settings,
    secret,
    body,
    id: first.id,
    type: first.type,
  });
  // The events of a batch name themselves: headers would stand for all of them.
  if (source === "bulk") for (const name of ["idempotency-key", "x-event-type"]) delete headers[name];
  return { path: `/in/${source}`, headers, body };
}

/** Chooses an instance that is thought to be up, as a load balancer does. */
function choose({ first, second }: ChaosWorld, chance: number): Instance {
  const preferred = chance < 0.5 ? first : second;
  const other = preferred === first ? second : first;
  return preferred.up || !other.up ? preferred : other;
}

export async function send({ name, worker }: Instance, made: Made): Promise<Answer | { kind: "refused"; why: string }> {
  const at = Date.now();
  const began = performance.now();
  try {
    const answer = await fetch(worker.url + made.path, {
      method: "POST",
      headers: made.headers,
      body: made.body,
      signal: AbortSignal.timeout(answerLimitMs),
    });
    const text = await answer.text();
    if (!answer.ok) return { kind: "refused", why: `${answer.status} of the ${name}` };
    return { kind: "taken", at, ms: performance.now() - began, ids: idsIn(text) };
  } catch (error) {
    return { kind: "refused", why: error instanceof Error && error.name === "TimeoutError" ? "timeout" : "connection" };
  }
}

function idsIn(text: string): string[] {
  const { events } = JSON.parse(text) as { events: { id: string }[] };
  return events.map(({ id }) => id);
}
