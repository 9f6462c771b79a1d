/** A database with entries in it and a notary without an object: what the tests of the chain begin with. */
import postgres from "postgres";
import { inject } from "vitest";
import { makeReceiptKeySet } from "../../../cli/install/keys.ts";
import { appUrl } from "../../../cli/install/run-migrations.ts";
import { migratedDatabase } from "../../../dev/stack/cluster.ts";
import { type ExtendChainPorts, extendChain } from "../../../src/flows/audit/extend-chain.ts";
import { sha256Hex } from "../../../src/platform/hashes.ts";
import { createSigner } from "../../../src/platform/sign.ts";
import type { Head } from "../../../src/ports/audit/chain.ts";
import { chainStore } from "../../../src/store/audit/chain.ts";
import { connect, type Sql } from "../../../src/store/postgres/connection.ts";

export type NotaryWorld = {
  ownerUrl: string;
  owner: postgres.Sql;
  /** The app's role. */
  app: Sql;
  keys: ReturnType<typeof makeReceiptKeySet>;
  /** Heads as the notary keeps them outside of Postgres. */
  kept: Head[];
  ports: ExtendChainPorts & { signer: ReturnType<typeof createSigner> };
  /** Writes entries, each in a transaction of its own. */
  write(...actions: string[]): Promise<void>;
  /** What there is to link, once it is this much: transactions of other tests' databases, which are short, may hold it up. */
  toLink(count: number): ReturnType<ExtendChainPorts["chain"]["next"]>;
  /** Until nothing is left. */
  seal(): ReturnType<typeof extendChain>;
  /** The linked entries' actions in the chain's order. */
  chain(): Promise<string[]>;
  close(): Promise<void>;
};

export async function notaryWorld(): Promise<NotaryWorld> {
  const cluster = inject("cluster");
  const { ownerUrl } = await migratedDatabase(cluster);
  const owner = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  const app = connect(appUrl(ownerUrl, cluster.appPassword), { idleSeconds: 20, connectSeconds: 5 }, () => {});
  const keys = makeReceiptKeySet();
  const kept: Head[] = [];
  const ports: NotaryWorld["ports"] = {
    clock: { now: () => Date.now() },
    chain: chainStore(() => app),
    memory: { last: () => kept.at(-1) ?? null, store: (head) => void kept.push(head) },
    signer: createSigner(keys),
    identity: { sha256Hex },
  };
  return {
    ownerUrl,
    owner,
    app,
    keys,
    kept,
    ports,
    async write(...actions) {
      for (const action of actions)
        await app`insert into entries (subject, subject_id, action, actor, data)
          values ('call', 'c-1', ${action}, 'test', jsonb_build_object('n', ${action}::text, 'a', 1.50))`;
    },
    async toLink(count) {
      const giveUp = Date.now() + 20_000;
      for (;;) {
        const found = await ports.chain.next(1_000, 0, null);
        if (found.entries.length >= count || Date.now() > giveUp) return found;
      }
    },
    async seal() {
      let linked = 0;
      const giveUp = Date.now() + 20_000;
      for (;;) {
        const sealed = await extendChain(ports, giveUp);
        if (!sealed.ok) return sealed;
        linked += sealed.linked;
        // Transactions of other tests' databases count as well: they are short.
        if (!sealed.again || Date.now() > giveUp) return { ...sealed, linked };
      }
    },
    async chain() {
      const rows = await owner<{ action: string }[]>`
        select e.action from links l join entries e on e.id = l.entry_id order by l.position`;
      return rows.map(({ action }) => action);
    },
    async close() {
      await app.end();
      await owner.end();
    },
  };
}
