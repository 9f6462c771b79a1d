// Counts of usage that Cloudflare bills for objects: calls from Workers and other objects, alarms, and rows of their
// storage.

/** Bindings of the product's objects. */
export const namespaces = ["DIRECTORY", "INBOX", "LINE", "NOTARY", "DISPATCHER", "NOTIFIER"] as const;

/** Counts since the Worker's start. */
export type Counts = {
  /** Webhooks and other requests of the Worker. */
  requests: number;
  /** `INBOX.acceptPrepared` and the like → calls. */
  calls: Record<string, number>;
  /** Binding → alarms that fired. */
  alarms: Record<string, number>;
  /** Rows written, a set alarm counted as one. */
  rowsWritten: number;
  rowsRead: number;
  /** Time during which at least one call was in progress. */
  callMs: number;
};

const counts: Counts = { requests: 0, calls: {}, alarms: {}, rowsWritten: 0, rowsRead: 0, callMs: 0 };
/** Cursor of a statement of an object's SQLite. Its counts grow until the last row is read. */
type Cursor = { readonly rowsWritten: number; readonly rowsRead: number };
const cursors: Cursor[] = [];
const open = { calls: 0, sinceMs: 0 };

/** @returns the counts, with the rows of all statements so far */
export function countsSoFar(): Counts {
  for (const cursor of cursors.splice(0)) {
    counts.rowsWritten += cursor.rowsWritten;
    counts.rowsRead += cursor.rowsRead;
  }
  return counts;
}

/** An alarm of this binding fired, or a request came. */
export function alarmed(what: (typeof namespaces)[number] | "requests"): void {
  if (what === "requests") counts.requests += 1;
  else counts.alarms[what] = (counts.alarms[what] ?? 0) + 1;
}

/** The cast holds because `parts.toml` binds namespaces to these names. */
export function namespaceOf(binding: unknown): DurableObjectNamespace {
  return binding as DurableObjectNamespace;
}

/** A namespace that counts the calls of its objects. Cloudflare bills each of them. */
export function countedNamespace(binding: string, given: unknown): unknown {
  const namespace = namespaceOf(given);
  return {
    idFromName: (name: string) => namespace.idFromName(name),
    get: (id: DurableObjectId, options: { locationHint: DurableObjectLocationHint }) =>
      new Proxy(namespace.get(id, options), { get: (stub, name) => countedMethod(binding, stub, name) }),
  };
}

function countedMethod(binding: string, stub: object, name: string | symbol): unknown {
  const method: unknown = Reflect.get(stub, name, stub);
  if (typeof name !== "string" || typeof method !== "function") return method;
  return (...given: unknown[]) => {
    const call = `${binding}.${name}`;
    counts.calls[call] = (counts.calls[call] ?? 0) + 1;
    if (open.calls++ === 0) open.sinceMs = Date.now();
    const answer: unknown = Reflect.apply(method, stub, given);
    const ended = () => {
      if (--open.calls === 0) counts.callMs += Date.now() - open.sinceMs;
    };
    void Promise.resolve(answer).then(ended, ended);
    return answer;
  };
}

/**
 * Makes the storage of an object count its rows. The state itself stays the runtime's own object, because the base
 * class requires that.
 */
export function countedState(state: DurableObjectState, part: string): DurableObjectState {
  if (part !== "counted") return state;
  const { storage } = state;
  const { sql, kv } = storage;
  wrap(sql, "exec", (cursor) => void cursors.push(cursorOf(cursor)));
  const wrote = () => {
    counts.rowsWritten += 1;
  };
  const read = () => {
    counts.rowsRead += 1;
  };
  for (const name of ["put", "delete"]) for (const one of [storage, kv]) wrap(one, name, wrote);
  for (const name of ["get", "list"]) for (const one of [storage, kv]) wrap(one, name, read);
  for (const name of ["setAlarm", "deleteAlarm"]) wrap(storage, name, wrote);
  // Otherwise each read would create them again, without the wrapper.
  Object.defineProperty(storage, "sql", { value: sql });
  Object.defineProperty(storage, "kv", { value: kv });
  Object.defineProperty(state, "storage", { value: storage });
  return state;
}

/** The cast holds because it is given only what `exec` of an object's SQLite returns. */
function cursorOf(answer: unknown): Cursor {
  return answer as Cursor;
}

function wrap(of: object, name: string, called: (answer: unknown) => void): void {
  const method: unknown = Reflect.get(of, name, of);
  if (typeof method !== "function") return;
  const value = (...given: unknown[]): unknown => {
    const answer: unknown = Reflect.apply(method, of, given);
    called(answer);
    return answer;
  };
  Object.defineProperty(of, name, { value });
}
