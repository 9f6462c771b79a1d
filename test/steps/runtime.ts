/**
 * A stand-in for the objects' runtime: named instances, each with its own disk, alarms, and calls that copy their arguments. A disk outlives
 * every process. One process runs at a time, and a kill removes all of its memory.
 */
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Watch } from "./watch.ts";

const { DatabaseSync: Sqlite } = process.getBuiltinModule("node:sqlite");

/** Data of an object that outlives its process. */
type Disk = { readonly kv: Map<string, unknown>; sql: DatabaseSync | null; alarmAt: number | null };
export type Disks = Map<string, Disk>;

/** An instance's methods that may be called from elsewhere, and its alarm. */
type Instance = { alarm(): Promise<void> } & Record<string, (...args: unknown[]) => Promise<unknown>>;
type ObjectClass = new (state: DurableObjectState, env: object) => object;

export type Process = {
  /** A binding to the objects of one class. @param actor what its steps are called by */
  namespace(actor: string, make: () => ObjectClass, env: () => object): DurableObjectNamespace;
  waitUntil(work: Promise<unknown>): void;
  /** Whether nothing runs that somebody waits for. */
  isQuiet(): boolean;
  /**
   * Begins the objects that have an alarm, whatever the clock says, and lets them have it.
   *
   * @param of the actor whose objects these are; all, if it is not given
   */
  alarms(of?: string): Promise<void>;
};

/** @param disks of the objects; what a process before this one left */
export function startProcess(disks: Disks, watch: Watch): Process {
  const instances = new Map<string, Instance>();
  const begin = new Map<string, (name: string) => Instance>();
  let pending = 0;
  const waitUntil = (work: Promise<unknown>): void => {
    pending++;
    const done = () => void pending--;
    work.then(done, done);
  };

  function namespace(actor: string, make: () => ObjectClass, env: () => object): DurableObjectNamespace {
    begin.set(actor, (name) => {
      const key = `${actor} ${name}`;
      const there = instances.get(key);
      if (there !== undefined) return there;
      const disk = disks.get(key) ?? { kv: new Map(), sql: null, alarmAt: null };
      disks.set(key, disk);
      const made = asInstance(new (make())(stateOf(actor, disk, watch, waitUntil), env()));
      instances.set(key, made);
      return made;
    });
    return asNamespace({
      idFromName: (name: string) => name,
      get: (name: string) =>
        new Proxy(
          {},
          {
            get:
              (_, method) =>
              async (...args: unknown[]) => {
                const run = begin.get(actor)?.(name)[String(method)];
                if (run === undefined) throw new Error(`an object has no method ${String(method)}`);
                const instance = begin.get(actor)?.(name);
                return structuredClone(await run.apply(instance, structuredClone(args)));
              },
          },
        ),
    });
  }

  return {
    namespace,
    waitUntil,
    isQuiet: () => watch.isDead() || (watch.inFlight() === 0 && (pending === 0 || watch.isHung())),
    async alarms(of) {
      for (const [key, disk] of disks) {
        const [actor = "", name = ""] = key.split(" ");
        if (disk.alarmAt === null || (of !== undefined && of !== actor)) continue;
        const instance = begin.get(actor)?.(name);
        // The runtime gives an alarm that fails again; an alarm that is set meanwhile stays.
        const at = disk.alarmAt;
        disk.alarmAt = null;
        const run = instance?.alarm().catch(() => {
          disk.alarmAt ??= at;
        });
        if (run !== undefined) waitUntil(run);
      }
    },
  };
}

function stateOf(actor: string, disk: Disk, watch: Watch, waitUntil: (work: Promise<unknown>) => void) {
  const write = <T>(what: string, run: () => T): T => watch.disk(`${actor}.storage.${what}`, run);
  const alarm = (what: string, at: number | null) =>
    watch.diskLater(`${actor}.storage.${what}`, () => {
      disk.alarmAt = at;
    });
  return asState({
    waitUntil,
    storage: {
      kv: {
        get: (key: string) => structuredClone(disk.kv.get(key)),
        put: (key: string, value: unknown) => write("put", () => void disk.kv.set(key, structuredClone(value))),
        delete: (key: string) => (disk.kv.has(key) ? write("delete", () => disk.kv.delete(key)) : false),
        list({ prefix = "", reverse = false, limit = Number.POSITIVE_INFINITY } = {}) {
          const keys = [...disk.kv.keys()].filter((key) => key.startsWith(prefix)).sort();
          if (reverse) keys.reverse();
          return keys.slice(0, limit).map((key) => [key, structuredClone(disk.kv.get(key))]);
        },
      },
      sql: {
        exec(query: string, ...bindings: SQLInputValue[]) {
          disk.sql ??= new Sqlite(":memory:");
          const { sql } = disk;
          const run = () => sql.prepare(query).all(...bindings);
          // Statements that read, or create an existing table, write nothing.
          const rows = /^\s*(?:select|create)\b/i.test(query) ? run() : write("exec", run);
          return { toArray: () => rows, one: () => rows[0], [Symbol.iterator]: () => rows[Symbol.iterator]() };
        },
        get databaseSize() {
          const row = disk.sql?.prepare(
            "select page_count * page_size as bytes from pragma_page_count, pragma_page_size",
          );
          return Number(row?.get()?.bytes ?? 0);
        },
      },
      transactionSync(run: () => unknown) {
        disk.sql ??= new Sqlite(":memory:");
        disk.sql.exec("begin");
        try {
          const answer = run();
          disk.sql.exec("commit");
          return answer;
        } catch (error) {
          disk.sql.exec("rollback");
          throw error;
        }
      },
      sync: () => watch.diskLater(`${actor}.storage.sync`, () => {}),
      getAlarm: async () => disk.alarmAt,
      setAlarm: (at: number) => alarm("setAlarm", at),
      deleteAlarm: () => alarm("deleteAlarm", null),
    },
  });
}

/** The casts hold for what the objects use of the runtime: anything else is missing, and fails by name. */
function asState(state: object): DurableObjectState {
  return state as DurableObjectState;
}
function asNamespace(namespace: object): DurableObjectNamespace {
  return namespace as DurableObjectNamespace;
}
function asInstance(instance: object): Instance {
  return instance as Instance;
}
