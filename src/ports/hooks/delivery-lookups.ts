/** Deliveries as people see them. Times are epoch milliseconds. Types only. */
import type { DeliveryState } from "../../domain/hooks/hook.ts";
import type { Cursor, Results } from "../page.ts";
import type { TaskRow } from "../tasks/tasks.ts";

export type DeliveryRow = {
  readonly id: string;
  readonly hook: string;
  /** Null for a test. */
  readonly entry: number | null;
  readonly call: string | null;
  readonly type: string;
  readonly body: string | null;
  readonly personal: boolean;
  readonly state: DeliveryState;
  readonly reason: string | null;
  readonly tries: number;
  readonly nextAt: number | null;
  readonly createdAt: number;
  readonly doneAt: number | null;
};

export type TryRow = {
  readonly nth: number;
  readonly at: number;
  readonly ms: number;
  readonly status: number | null;
  readonly error: string | null;
  readonly answer: string | null;
};

export type DeliveryStore = {
  ofHook(hook: string, state: DeliveryState | null, limit: number, after: Cursor | null): Promise<Results<DeliveryRow>>;
  ofCall(call: string): Promise<DeliveryRow[]>;
  find(id: string): Promise<DeliveryRow | null>;
  triesOf(id: string): Promise<TryRow[]>;
  /** Adds a delivery without an entry. Null: the hook is gone. */
  test(hook: string, type: string, body: string, actor: string): Promise<DeliveryRow | null>;
  /** Makes a finished delivery due again. Null: it is pending, erased or gone. */
  redeliver(id: string, actor: string): Promise<DeliveryRow | null>;
  /** Begins a task that redelivers what a hook did not get since a time. Null: the hook is gone. */
  beginRedelivery(
    hook: string,
    wish: { sinceMs: number; all: boolean },
    by: { actor: string; token: string },
  ): Promise<TaskRow | null>;
};

export type RedeliveryStore = {
  /** Goes on with the oldest running redelivery, by one part. Null: none is running. @returns The hook with due deliveries. */
  advance(limit: number): Promise<{ hook: string } | null>;
};
