/**
 * A client that reports when its statements add entries to the audit log. All entries are written through it.
 *
 * The statement's own text decides, so a new writer of entries needs no registration.
 *
 * | moment                                          | notice   | why                                                         |
 * | ----------------------------------------------- | -------- | ----------------------------------------------------------- |
 * | a statement is about to be sent                 | `before` | its process may be killed between the commit and the answer |
 * | it is committed, or its transaction is          | `after`  | the entries can be read now                                 |
 * | its answer is lost: connection closed, deadline | `after`  | it may have been committed, or may be later                 |
 * | Postgres rejects it, or it is rolled back       | none     | there are no entries                                        |
 */
import type postgres from "postgres";

/** Recognises a statement that adds entries. */
export const insertsEntries = /\binsert\s+into\s+entries\b/i;

/** Called when statements may add entries, or may have. Not awaited. */
export type EntriesNotice = (when: "before" | "after") => void;

/**
 * @param sql A client, or a transaction of one.
 * @param note Called before each statement that may add entries, and once after it, or after its transaction.
 * @param isLost Whether an error leaves the statement's result unknown.
 * @returns The same client with observed statements.
 */
export function notifyingOfEntries<Client extends postgres.ISql>(
  sql: Client,
  note: EntriesNotice,
  isLost: (error: unknown) => boolean,
): Client {
  return new Proxy(sql, {
    apply(target, self, args) {
      return noticed(Reflect.apply(callable(target), self, args), args.some(addsEntries), note, isLost);
    },
    get(target, key, self) {
      const member: unknown = Reflect.get(target, key, self);
      if (typeof member !== "function") return member;
      if (key === "unsafe")
        return (text: string, ...rest: readonly unknown[]) =>
          noticed(Reflect.apply(member, target, [text, ...rest]), insertsEntries.test(text), note, isLost);
      if (key !== "begin" && key !== "savepoint") return member;
      return async (...args: readonly unknown[]) => {
        let added = false;
        const inTransaction: EntriesNotice = (when) => {
          if (when === "before") note("before");
          added = true;
        };
        const watched = (work: unknown) =>
          typeof work === "function"
            ? (inner: postgres.ISql) => work(notifyingOfEntries(inner, inTransaction, isLost))
            : work;
        try {
          const answer: unknown = await Reflect.apply(member, target, args.map(watched));
          if (added) note("after");
          return answer;
        } catch (error) {
          if (added && isLost(error)) note("after");
          throw error;
        }
      };
    },
  });
}

/** Statements, and parts of statements, that add entries. */
const adding = new WeakSet<object>();

/** Whether the text of each template adds entries. A template is one object, however often it is run. */
const templates = new WeakMap<object, boolean>();

/** @param part The text of a statement, or a value in it, which may itself be a part of a statement. */
function addsEntries(part: unknown): boolean {
  if (typeof part !== "object" || part === null) return false;
  if (adding.has(part)) return true;
  if (!Array.isArray(part) || !("raw" in part)) return false;
  const known = templates.get(part) ?? part.some((text) => insertsEntries.test(text));
  templates.set(part, known);
  return known;
}

/** Notices are sent only when a statement is awaited: a part of another statement never is. */
function noticed(query: unknown, adds: boolean, note: EntriesNotice, isLost: (error: unknown) => boolean): unknown {
  if (!adds || !(query instanceof Promise)) return query;
  adding.add(query);
  const run = query.then;
  let ended: Promise<unknown> | undefined;
  // biome-ignore lint/suspicious/noThenProperty: postgres.js runs a statement when its `then` is called; this is where it ends.
  return Object.defineProperty(query, "then", {
    value: (...handlers: Parameters<Promise<unknown>["then"]>) => {
      if (ended === undefined) {
        note("before");
        ended = run.call(
          query,
          (rows) => {
            note("after");
            return rows;
          },
          (error) => {
            if (isLost(error)) note("after");
            throw error;
          },
        );
      }
      return ended.then(...handlers);
    },
  });
}

/** Every client of postgres.js is a function: the tag of its statements. */
function callable(client: object): (...args: unknown[]) => unknown {
  return client as (...args: unknown[]) => unknown;
}
