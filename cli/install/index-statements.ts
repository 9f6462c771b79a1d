/** A migration's statement that creates or drops one index, and an equivalent that does not block writers. */
export type IndexStatement =
  | {
      readonly kind: "create";
      readonly name: string;
      readonly table: string;
      readonly unique: boolean;
      readonly concurrent: string;
    }
  | { readonly kind: "drop"; readonly name: string; readonly concurrent: string };

const comments = String.raw`^(?:\s*--[^\n]*\n)*\s*`;
const identifier = '"?([a-z0-9_]+)"?';
// A statement with a semicolon inside is not parsed: it may be two.
const createStatement = new RegExp(
  String.raw`${comments}create\s+(unique\s+)?index\s+(?:if\s+not\s+exists\s+)?${identifier}\s+on\s+${identifier}([\s(][^;]*);?\s*$`,
  "i",
);
const dropStatement = new RegExp(String.raw`${comments}drop\s+index\s+(?:if\s+exists\s+)?${identifier}\s*;?\s*$`, "i");

/** Parses a statement in the form that `drizzle-kit` writes. Returns null for any other statement. */
export function indexStatement(statement: string): IndexStatement | null {
  const created = createStatement.exec(statement);
  if (created !== null) {
    const [, unique, name = "", table = "", rest = ""] = created;
    const concurrent = `create ${unique === undefined ? "" : "unique "}index concurrently "${name}" on "${table}"${rest}`;
    return { kind: "create", name, table, unique: unique !== undefined, concurrent };
  }
  const name = dropStatement.exec(statement)?.[1];
  return name === undefined ? null : { kind: "drop", name, concurrent: `drop index concurrently if exists "${name}"` };
}
