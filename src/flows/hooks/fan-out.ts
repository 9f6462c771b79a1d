/**
 * Turns entries into deliveries. Entries are the outbox: whoever changes a call writes no more than its entry, and this
 * flow reads the entries of ended transactions in the order of the chain. A hook is told what happened since it was made.
 */
import { renderBody } from "../../domain/hooks/body.ts";
import { listens } from "../../domain/hooks/event-types.ts";
import { eventOf } from "../../domain/hooks/told-event.ts";
import { type CompiledWhen, cannotMatch, compileWhen, evaluateWhen } from "../../domain/hooks/when.ts";
import type { DispatchStore, FailedCondition, ListeningHook, NewDelivery } from "../../ports/hooks/deliveries.ts";
import type { OutboxEntry, OutboxStore } from "../../ports/hooks/outbox.ts";

/** Entries of one step. */
const entriesPerStepMax = 256;

export type FanOutPorts = {
  readonly outbox: Pick<OutboxStore, "entriesAfter">;
  readonly dispatch: Pick<DispatchStore, "hooks" | "advance">;
  /** Base of the links in bodies; null without a public URL. */
  readonly publicUrl: string | null;
};

/** The hooks of one version, with their compiled conditions. */
export type KnownHooks = { readonly version: number; readonly hooks: readonly KnownHook[] };
type KnownHook = ListeningHook & { readonly when: CompiledWhen | null };

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
  const read = await ports.outbox.entriesAfter(mark, entriesPerStepMax);
  const failed: FailedCondition[] = [];
  const made = read.entries.flatMap((entry) => deliveriesOf(entry, present.hooks, ports.publicUrl, failed));
  const isMoved = read.mark.tx !== mark.tx || read.mark.id !== mark.id;
  const told = isMoved || made.length > 0 ? await ports.dispatch.advance(mark, read.mark, made, failed) : [];
  // Null: another dispatcher has moved the mark. It also made the deliveries.
  const again = told === null || read.more || read.restored ? "now" : read.waiting ? "soon" : null;
  return { known: present, hooks: told ?? [], again };
}

/** A condition that an earlier version stored and this one cannot compile takes no event. */
function withCondition(hook: ListeningHook): KnownHook {
  if (hook.condition === null) return { ...hook, when: null };
  const compiled = compileWhen(hook.condition);
  return compiled.ok ? { ...hook, when: compiled.when } : { ...hook, events: [], when: null };
}

/**
 * The deliveries of one entry. Each kind of body is rendered once.
 *
 * @param failed gets the hooks whose condition could not be decided. Such a hook is not told.
 */
function deliveriesOf(
  entry: OutboxEntry,
  hooks: readonly KnownHook[],
  publicUrl: string | null,
  failed: FailedCondition[],
): NewDelivery[] {
  const event = eventOf(entry);
  if (event === null) return [];
  const bodies = new Map<string, ReturnType<typeof renderBody>>();
  return hooks.flatMap((hook) => {
    // A hook that fails would not hear that it does. The others are told.
    const isAboutItself = entry.subject === "hook" && entry.subjectId === hook.id;
    if (entry.at < hook.createdAt || isAboutItself || !listens(hook.events, event.type)) return [];
    const rendered = bodies.get(hook.payload) ?? renderBody(entry, event, { payload: hook.payload, publicUrl });
    bodies.set(hook.payload, rendered);
    if (hook.when !== null && cannotMatch(hook.when, rendered.value)) return [];
    const answer = hook.when === null ? null : evaluateWhen(hook.when, rendered.value);
    if (answer !== null && answer.error !== null) failed.push({ hook: hook.id, error: answer.error });
    if (answer?.matches === false) return [];
    return [
      {
        hook: hook.id,
        entry: entry.id,
        call: entry.subject === "call" ? entry.subjectId : null,
        type: event.type,
        body: rendered.body,
        personal: rendered.personal,
        state: hook.isDisabled ? "missed" : "pending",
      },
    ];
  });
}
