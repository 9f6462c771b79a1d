/** Hooks and their deliveries in a separate database, with the statements of two dispatchers. */
import { randomUUID } from "node:crypto";
import type { DeliveryVerdict } from "../../../src/domain/hooks/retries.ts";
import type { ClaimedDelivery, DeliveryResult, DispatchStore, Posted } from "../../../src/ports/hooks/deliveries.ts";
import type { HookStore, HookWish } from "../../../src/ports/hooks/hooks.ts";
import { dispatchStore } from "../../../src/store/hooks/dispatch.ts";
import { hookStore } from "../../../src/store/hooks/hooks.ts";
import { connect, type Sql } from "../../../src/store/postgres/connection.ts";
import { type World, world } from "./world.ts";

export type HooksWorld = World & {
  /** The app's role. */
  readonly app: Sql;
  readonly hooks: HookStore;
  /** Dispatchers, each with a connection of its own. */
  readonly one: DispatchStore;
  readonly other: DispatchStore;
  /** Makes a hook of `owner`, who has a token. */
  hook(deviation?: Partial<HookWish>): Promise<string>;
  /** Gives an owner a token. */
  token(owner: string, ...scopes: string[]): Promise<void>;
  /** Deliveries of a hook, each about an entry with the given id. */
  deliver(hook: string, ...rows: { entry: number; call?: string | null; body?: string }[]): Promise<void>;
  /** A hook's deliveries by their entries. */
  deliveries(
    hook: string,
  ): Promise<{ id: string; entry: number; state: string; reason: string | null; tries: number }[]>;
  hookRow(id: string): Promise<Record<string, unknown>>;
  /** What others are told of a hook. */
  told(id: string): Promise<{ action: string; reason: string | null }[]>;
  end(): Promise<void>;
};

export async function hooksWorld(): Promise<HooksWorld> {
  const base = await world("line-a");
  const connections = Array.from({ length: 3 }, () =>
    connect(base.url, { idleSeconds: 20, connectSeconds: 5 }, () => {}),
  );
  const [app, second, third] = connections;
  if (app === undefined || second === undefined || third === undefined) throw new Error("there is no connection");
  const { owner } = base;
  const hooks = hookStore(app);
  const token = async (name: string, ...scopes: string[]) =>
    void (await owner`insert into tokens (jti, name, scopes, expires_at)
      values (${randomUUID()}, ${name}, ${scopes}, now() + interval '1 day')`);
  await token("zap", "hooks:write");
  return {
    ...base,
    app,
    hooks,
    one: dispatchStore(() => second),
    other: dispatchStore(() => third),
    token,
    async hook(deviation = {}) {
      const made = await hooks.add(
        { ...wish, targetUrl: `https://zap.com/${randomUUID()}`, ...deviation },
        "s",
        "test",
        1_000,
      );
      if (typeof made === "string") throw new Error(`no hook was made: ${made}`);
      return made.id;
    },
    async deliver(hook, ...rows) {
      for (const { entry, call = null, body = `{"entry":${entry}}` } of rows)
        await owner`insert into deliveries (hook, entry, call, type, body, personal, next_at)
          values (${hook}, ${entry}, ${call}, 'call.ended', ${body}, false, now())`;
    },
    async deliveries(hook) {
      return await owner<{ id: string; entry: number; state: string; reason: string | null; tries: number }[]>`
        select id, entry::int, state, reason, tries from deliveries where hook = ${hook} order by entry`;
    },
    async hookRow(id) {
      const [row] = await owner`select * from hooks where id = ${id}`;
      return row ?? {};
    },
    async told(id) {
      return await owner<{ action: string; reason: string | null }[]>`select action, reason from entries
        where subject = 'hook' and subject_id = ${id} and actor = 'dispatcher' order by id`;
    },
    async end() {
      await Promise.all(connections.map((sql) => sql.end({ timeout: 1 })));
      await base.close();
    },
  };
}

/** A hook of the owner `zap` that hears of all calls. */
export const wish: HookWish = {
  owner: "zap",
  targetUrl: "https://zap.com/1",
  format: "webhook",
  events: ["call.*"],
  condition: null,
  payload: "full",
  headerNames: [],
  description: null,
};

const posted: Posted = { at: Date.now(), ms: 12, status: 500, error: null, answer: "no", retryAfterMs: null };

/** The result of a claimed delivery. */
export function result(
  { id, hook, recorded }: Pick<ClaimedDelivery, "id" | "hook" | "recorded">,
  verdict: DeliveryVerdict,
  deviation: Partial<Posted> = {},
): DeliveryResult {
  const status = verdict.is === "delivered" ? 200 : verdict.is === "end_hook" ? 410 : 500;
  return { id, hook, recorded, verdict, posted: { ...posted, status, ...deviation } };
}

export const delivered: DeliveryVerdict = { is: "delivered" };
export const retry = (afterMs = 5_000): DeliveryVerdict => ({ is: "retry", afterMs });
export const gone: DeliveryVerdict = { is: "end_hook", reason: "receiver_gone" };
