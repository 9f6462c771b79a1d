/** Hooks as they are stored. Times are epoch milliseconds. Types only. */
import type { HookPayload } from "../../domain/hooks/body.ts";
import type { HookFormat, HookState } from "../../domain/hooks/hook.ts";

/** The part of a hook that its owner chooses. */
export type HookWish = {
  readonly owner: string;
  readonly targetUrl: string;
  readonly format: HookFormat;
  readonly events: readonly string[];
  /** CEL over the body; null takes every event. */
  readonly condition: string | null;
  readonly payload: HookPayload;
  readonly headerNames: readonly string[];
  readonly description: string | null;
};

export type HookRow = HookWish & {
  readonly id: string;
  /** The secrets and the headers' values, as a sealed text (`domain/hooks/secrets.ts`). */
  readonly sealed: string;
  readonly formerUntil: number | null;
  /** Why the condition could not be decided for the last event for which it could not. */
  readonly conditionError: string | null;
  readonly conditionErrorAt: number | null;
  readonly state: HookState;
  readonly stateReason: string | null;
  readonly stateDetail: string | null;
  readonly stateSince: number;
  readonly failingSince: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Whether a valid token of the owner's name has the scopes that the hook needs. */
  readonly hasToken: boolean;
  readonly pending: number;
  /** Time of the next try of a delivery that waits; null if none waits. */
  readonly nextAt: number | null;
  /** The newest try, of deliveries that wait and of those that ended last. */
  readonly lastTry: { readonly at: number; readonly status: number | null; readonly error: string | null } | null;
};

/** Seals and opens the secrets of hooks. */
export type HookSealer = {
  seal(text: string): Promise<string>;
  open(sealed: string): Promise<{ readonly ok: true; readonly text: string } | { readonly ok: false }>;
};

/** A change of a hook that its owner or an administrator made. */
export type HookChange = Partial<Omit<HookWish, "owner" | "targetUrl">> & {
  readonly sealed?: string;
  /** Time for which the former secret still signs, from now. */
  readonly formerForMs?: number;
};

/** One write of an apply of hookline.yaml. `before`: the `sealed` that the change was made from. */
export type HookWrite =
  | { readonly do: "add"; readonly wish: HookWish; readonly sealed: string }
  | { readonly do: "change"; readonly id: string; readonly change: HookChange; readonly before: string };

export type HookStore = {
  list(owner: string | null): Promise<HookRow[]>;
  find(id: string): Promise<HookRow | null>;
  findByUrl(owner: string, targetUrl: string): Promise<HookRow | null>;
  /** Null: another request has made a hook of the same owner and URL, or `limit` hooks exist. */
  add(wish: HookWish, sealed: string, actor: string, limit: number): Promise<HookRow | "exists" | "too_many">;
  /** @param before The `sealed` that the change was made from, if it has a new one. Null: it is gone or was changed meanwhile. */
  change(id: string, change: HookChange, before: string, actor: string): Promise<HookRow | null>;
  pause(id: string, reason: string, actor: string): Promise<HookRow | null>;
  /** Also enables a disabled hook. */
  resume(id: string, actor: string): Promise<HookRow | null>;
  /** False if it was gone. */
  remove(id: string, actor: string): Promise<boolean>;
};
