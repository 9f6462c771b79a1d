import type { Sql } from "../postgres/connection.ts";

/** Names of all sources, closed ones included. @param sql returns the current client: an object has a new one after it dropped the last */
export function sourceNameStore(sql: () => Sql): { read(): Promise<string[]> } {
  return {
    async read() {
      const rows = await sql()<{ slug: string }[]>`select slug from sources`;
      return rows.map(({ slug }) => slug);
    },
  };
}
