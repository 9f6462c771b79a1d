import type { UnreadableReason } from "../../domain/events/webhook.ts";

/** A body that cannot be decoded. `detail` is one sentence for the operator and quotes nothing of the body. */
export type UnreadBody = { readonly ok: false; readonly reason: UnreadableReason; readonly detail: string };
