/**
 * The door through which every entry of the audit log is written: a client that says when one of its statements has added entries.
 *
 * The statement's own text decides, so a new writer needs no list and no call to be heard. Entries count once they are committed:
 * nothing is said of a statement that failed, nor of a transaction before its commit. Not guaranteed: a commit whose answer was lost.
 */
import type postgres from "postgres";

/** The text by which a statement is known to add entries. */
export const insertsEntries = /\binsert\s+into\s+entries\b/i;

/**
 * @param sql a client, or a transaction of one
 * @param entriesAdded called once after each statement, or transaction, that was committed and may have added entries. Not awaited
 * @returns the same client, whose statements are watched
 */
export function notifyingOfEntries<Client extends postgres.ISql>(sql: Client, entriesAdded: () => void): Client {
  return new Proxy(sql, {
    apply(target, self, args) {
      return noticed(Reflect.apply(callable(target), self, args), args.some(addsEntries), entriesAdded);
    },
    get(target, key, self) {
      const member: unknown = Reflect.get(target, key, self);
      if (typeof member !== "function") return member;
      if (key === "unsafe")
        return (text: string, ...rest: readonly unknown[]) =>
          noticed(Reflect.apply(member, target, [text, ...rest]), insertsEntries.test(text), entriesAdded);
      if (key !== "begin" && key !== "savepoint") return member;
      return async (...args: readonly unknown[]) => {
        let added = false;
        const note = () => {
          added = true;
        };
        const watched = (work: unknown) =>
          typeof work === "function" ? (inner: postgres.ISql) => work(notifyingOfEntries(inner, note)) : work;
        const answer: unknown = await Reflect.apply(member, target, args.map(watched));
        if (added) entriesAdded();
        return answer;
      };
    },
  });
}

/** Statements, and parts of statements, that add entries. */
const adding = new WeakSet<object>();

/** Whether the text of each template adds entries: a template is one object, however often it is run. */
const templates = new WeakMap<object, boolean>();

/** @param part the text of a statement, or a value in it, which may be a part of a statement itself */
function addsEntries(part: unknown): boolean {
  if (typeof part !== "object" || part === null) return false;
  if (adding.has(part)) return true;
  if (!Array.isArray(part) || !("raw" in part)) return false;
  const known = templates.get(part) ?? part.some((text) => insertsEntries.test(text));
  templates.set(part, known);
  return known;
}

/** A statement runs once it is awaited, and a part of another never is: only then is anything said. */
function noticed(query: unknown, adds: boolean, entriesAdded: () => void): unknown {
  if (!adds || !(query instanceof Promise)) return query;
  adding.add(query);
  const run = query.then;
  let ended: Promise<unknown> | undefined;
  // biome-ignore lint/suspicious/noThenProperty: postgres.js runs a statement when its `then` is called; this is where it ends.
  return Object.defineProperty(query, "then", {
    value: (...handlers: Parameters<Promise<unknown>["then"]>) => {
      ended ??= run.call(query, (rows) => {
        entriesAdded();
        return rows;
      });
      return ended.then(...handlers);
    },
  });
}

/** Every client of postgres.js is a function: the tag of its statements. */
function callable(client: object): (...args: unknown[]) => unknown {
  return client as (...args: unknown[]) => unknown;
}
