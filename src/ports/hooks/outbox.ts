/** Entries of the audit log as the outbox of hooks. Types only. */
import type { HookEntry } from "../../domain/hooks/told-event.ts";

/** An entry that makes an event. `tx`: the transaction that wrote it. */
export type OutboxEntry = HookEntry & { readonly tx: string };
