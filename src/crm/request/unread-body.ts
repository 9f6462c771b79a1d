import type { UnreadableReason } from "../../domain/events/webhook.ts";

/** A body that cannot be read. `detail` is one sentence for the operator. It quotes nothing of the body. */
export type UnreadBody = { readonly ok: false; readonly reason: UnreadableReason; readonly detail: string };
