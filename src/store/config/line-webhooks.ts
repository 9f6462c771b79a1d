/** The keys of Mihu's webhooks. Each change is one statement with its entry. No entry holds a key or a secret. */
import type { LineWebhooks } from "../../ports/config/line-webhooks.ts";
import { columns, select } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import type { lines } from "../schema/lines.ts";
import { webhookLines } from "./lines.ts";

const agentColumns = columns<typeof lines, { agent: string }>({ agent: "agent" });

/** @param sql the request's client */
export function lineWebhooks(sql: Sql): LineWebhooks {
  return {
    async agentOf(line) {
      const [row] = await sql<{ agent: string }[]>`
        select ${select(sql, agentColumns, "lines")} from lines where slug = ${line}`;
      return row?.agent ?? null;
    },
    async webhookOwners() {
      const lines = await webhookLines(sql);
      return new Map([...lines].map(([keyHash, { slug }]) => [keyHash, slug]));
    },
    async proposeWebhook(line, { keyHash, sealedSecret }, actor) {
      await sql`
        with proposed as (
          update lines set webhook_next_key_hash = ${keyHash}, webhook_next_secret = ${sealedSecret} where slug = ${line}
          returning slug
        )
        insert into entries (subject, subject_id, action, actor)
        select 'line', slug, 'webhook_proposed', ${actor} from proposed`;
    },
    async settleWebhook(line, keyHash, actor) {
      const [row] = await sql<[{ known: boolean }]>`
        with renewed as (
          update lines set webhook_key_hash = webhook_next_key_hash, webhook_secret = webhook_next_secret,
            webhook_next_key_hash = null, webhook_next_secret = null, updated_at = now()
          where slug = ${line} and webhook_next_key_hash = ${keyHash} returning slug
        ), audited as (
          insert into entries (subject, subject_id, action, actor)
          select 'line', slug, 'webhook_renewed', ${actor} from renewed
        )
        select exists (select 1 from renewed)
          or exists (select 1 from lines where slug = ${line} and webhook_key_hash = ${keyHash}) as known`;
      return row.known;
    },
    async setWebhook(line, { keyHash, sealedSecret }, actor) {
      const rows = await sql`
        with renewed as (
          update lines set webhook_key_hash = ${keyHash}, webhook_secret = ${sealedSecret}, webhook_next_key_hash = null,
            webhook_next_secret = null, updated_at = now()
          where slug = ${line} returning slug
        ), audited as (
          insert into entries (subject, subject_id, action, actor)
          select 'line', slug, 'webhook_renewed', ${actor} from renewed
        )
        select slug from renewed`;
      return rows.length > 0;
    },
  };
}
