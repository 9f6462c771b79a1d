/**
 * Turns entries into deliveries. Entries are the outbox: whoever changes a call writes no more than its entry, and this
 * flow reads the entries of ended transactions in the order of the chain. A hook is told what happened since it was made.
 */
import { type HookPayload, renderBody } from "../../domain/hooks/body.ts";
import { listens } from "../../domain/hooks/event-types.ts";
import { eventOf, type ToldEvent } from "../../domain/hooks/told-event.ts";
import { type CompiledWhen, cannotMatch, compileWhen, evaluateWhen } from "../../domain/hooks/when.ts";
import type { DispatchStore, FailedCondition, ListeningHook, NewDelivery } from "../../ports/hooks/deliveries.ts";
import type { OutboxEntry, OutboxMark, OutboxStore } from "../../ports/hooks/outbox.ts";

/** Entries that one step reads. */
const entriesPerStepMax = 256;

/**
 * Bounds of the work of one step, after which its last entry is the mark: deliveries of one statement, their bytes as
 * they are sent, and the weight of conditions (about a second). One more entry may exceed them.
 */
const deliveriesPerStepMax = 2_000;
const charactersPerStepMax = 8_000_000;
const weightPerStepMax = 1_000_000;

/** Weight of one condition: a fiftieth of that of a rule, because a service may have a thousand hooks. */
const conditionWeightMax = 2_000;

export type FanOutPorts = {
  readonly outbox: Pick<OutboxStore, "entriesAfter">;
  readonly dispatch: Pick<DispatchStore, "hooks" | "advance" | "refuses">;
  /** Reports an entry that no hook is told, because its deliveries cannot be made or stored. */
  entryFailed(entry: OutboxEntry, error: unknown): void;
  /** Base of the links in bodies; null without a public URL. */
  readonly publicUrl: string | null;
};

/** The hooks of one version, with their compiled conditions. */
export type KnownHooks = { readonly version: number; readonly hooks: readonly KnownHook[] };
/** `mistake`: why its condition, which an earlier version stored, cannot be compiled. Such a hook is told nothing. */
type KnownHook = ListeningHook & { readonly when: CompiledWhen | null; readonly mistake: string | null };

/** `hooks`: those with new deliveries. `again`: more entries can be read, now or after a running transaction has ended. */
type FannedOut = {
  readonly known: KnownHooks;
  readonly hooks: readonly string[];
  readonly again: "now" | "soon" | null;
};

/** One step: at most {@link entriesPerStepMax} entries. Safe to run twice at once. */
export async function fanOut(ports: FanOutPorts, known: KnownHooks | null): Promise<FannedOut> {
  const { mark, version, hooks } = await ports.dispatch.hooks(known?.version ?? null);
  const present = hooks === null && known !== null ? known : { version, hooks: (hooks ?? []).map(withCondition) };
  if (present.hooks.length === 0) return { known: present, hooks: [], again: null };
  try {
    return await advance(ports, mark, present, entriesPerStepMax);
  } catch (error) {
    if (!ports.dispatch.refuses(error)) throw error;
    // One entry at a time, so that a rejected one holds up no other.
    return await advance(ports, mark, present, 1);
  }
}

async function advance(ports: FanOutPorts, from: OutboxMark, known: KnownHooks, limit: number): Promise<FannedOut> {
  const read = await ports.outbox.entriesAfter(from, limit);
  const work = newWork();
  let to = read.mark;
  let isCut = false;
  for (const [nth, entry] of read.entries.entries()) {
    addDeliveries(work, entry, known.hooks, ports);
    const before = isEnough(work) ? placeBefore(read.entries.slice(nth + 1)) : null;
    isCut = before !== null && isAfter(before, from);
    if (before === null || !isCut) continue;
    to = before;
    break;
  }
  const step = { from, to, version: known.version };
  const isMoved = to.tx !== from.tx || to.id !== from.id;
  const { made, failed } = work;
  const told = await (isMoved ? ports.dispatch.advance(step, made, failed) : Promise.resolve([])).catch((error) => {
    const [only] = read.entries;
    if (limit > 1 || only === undefined || !ports.dispatch.refuses(error)) throw error;
    ports.entryFailed(only, error);
    return ports.dispatch.advance(step, [], []);
  });
  // Null: another dispatcher has moved the mark and made the deliveries, or a hook has changed.
  const again = told === null || isCut || read.more || read.restored ? "now" : read.waiting ? "soon" : null;
  return { known, hooks: told ?? [], again };
}

/**
 * The place before the first of some entries; null for none. An entry that overtook another stands behind it, so the
 * order of the list is not that of the marks. An entry that was added and lies behind the mark is added again, without
 * effect.
 */
function placeBefore(entries: readonly OutboxEntry[]): OutboxMark | null {
  const [first] = entries.toSorted((one, other) => (isAfter(one, other) ? 1 : -1));
  return first === undefined ? null : { tx: first.tx, id: first.id - 1 };
}

function isAfter(one: OutboxMark, other: OutboxMark): boolean {
  return one.tx === other.tx ? one.id > other.id : BigInt(one.tx) > BigInt(other.tx);
}

type Work = {
  readonly made: NewDelivery[];
  readonly failed: FailedCondition[];
  characters: number;
  weight: number;
};

const newWork = (): Work => ({ made: [], failed: [], characters: 0, weight: 0 });

function isEnough({ made, characters, weight }: Work): boolean {
  return made.length >= deliveriesPerStepMax || characters >= charactersPerStepMax || weight >= weightPerStepMax;
}

function withCondition(hook: ListeningHook): KnownHook {
  if (hook.condition === null) return { ...hook, when: null, mistake: null };
  const compiled = compileWhen(hook.condition);
  return compiled.ok
    ? { ...hook, when: compiled.when, mistake: null }
    : { ...hook, when: null, mistake: compiled.mistake.reason };
}

/** Adds the deliveries of one entry. An entry whose event cannot be made is reported, and holds up no other. */
function addDeliveries(work: Work, entry: OutboxEntry, hooks: readonly KnownHook[], ports: FanOutPorts): void {
  const { length } = work.made;
  try {
    const event = eventOf(entry);
    if (event !== null) addEvent(work, entry, event, hooks, ports.publicUrl);
  } catch (error) {
    work.made.length = length;
    ports.entryFailed(entry, error);
  }
}

/** Each kind of body is rendered once. A hook whose condition cannot be decided is not told. */
function addEvent(
  work: Work,
  entry: OutboxEntry,
  event: ToldEvent,
  hooks: readonly KnownHook[],
  publicUrl: string | null,
) {
  const bodies = new Map<HookPayload, ReturnType<typeof renderBody>>();
  for (const hook of hooks) {
    // A hook that fails would not hear that it does. The others are told.
    const isAboutItself = entry.subject === "hook" && entry.subjectId === hook.id;
    if (entry.at < hook.createdAt || isAboutItself || !listens(hook.events, event.type)) continue;
    if (hook.mistake !== null) {
      work.failed.push({ hook: hook.id, error: hook.mistake });
      continue;
    }
    const rendered = bodies.get(hook.payload) ?? renderBody(entry, event, { payload: hook.payload, publicUrl });
    if (!bodies.has(hook.payload)) work.characters += rendered.body.length;
    bodies.set(hook.payload, rendered);
    if (hook.when !== null) {
      if (cannotMatch(hook.when, rendered.value)) continue;
      const account = { left: conditionWeightMax };
      const answer = evaluateWhen(hook.when, rendered.value, account);
      work.weight += conditionWeightMax - account.left;
      if (answer.error !== null) work.failed.push({ hook: hook.id, error: answer.error });
      if (!answer.matches) continue;
    }
    work.made.push({
      hook: hook.id,
      entry: entry.id,
      call: entry.subject === "call" ? entry.subjectId : null,
      type: event.type,
      body: rendered.body,
      personal: rendered.personal,
      state: hook.isDisabled ? "missed" : "pending",
    });
  }
}
