/**
 * Connections that outlive their process. A process that is killed leaves its connections to Postgres to the next one: to make one,
 * and to have it learn the statements again, costs more than all of the rest of a run. Nothing of a process is in them.
 */
import type { Sql } from "../../src/store/postgres/connection.ts";

type Connect = (url: string, times: { idleSeconds: number; connectSeconds: number }, entriesAdded: () => void) => Sql;

const idleSeconds = 60;

const idle = new Map<string, Sql[]>();
const taken = new Map<Sql, string>();
/** Notice of each connection's process, called when the connection adds entries. */
const notified = new WeakMap<Sql, () => void>();

/** The module of connections, whose clients outlive their process. */
export async function pooledModule<Module extends { readonly connect: Connect }>(
  original: () => Promise<Module>,
): Promise<Module> {
  const real = await original();
  return { ...real, connect: pooled(real.connect) };
}

/** @param connect makes a connection where none is left over */
function pooled(connect: Connect): Connect {
  const open = (url: string, times: Parameters<Connect>[1]): Sql => {
    const client = connect(url, { ...times, idleSeconds }, () => notified.get(client)?.());
    return client;
  };
  return (url, times, entriesAdded) => {
    const client = idle.get(url)?.pop() ?? open(url, times);
    taken.set(client, url);
    notified.set(client, entriesAdded);
    return new Proxy(client, {
      get: (target, key, self) => (key === "end" ? async () => giveBack(client) : Reflect.get(target, key, self)),
    });
  };
}

/** Every process of this database is gone. */
export function processesEnded(url: string): void {
  for (const [client, of] of taken) if (of === url) giveBack(client);
}

export async function closePool(): Promise<void> {
  const clients = [...taken.keys(), ...[...idle.values()].flat()];
  taken.clear();
  idle.clear();
  await Promise.all(clients.map((client) => client.end({ timeout: 1 })));
}

function giveBack(client: Sql): void {
  const url = taken.get(client);
  if (url === undefined || !taken.delete(client)) return;
  notified.delete(client);
  idle.set(url, [...(idle.get(url) ?? []), client]);
}
