import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pausedSources, sourcePauses } from "../../../src/store/config/source-pauses.ts";
import { sourceStore } from "../../../src/store/config/sources.ts";
import { connect, type Sql } from "../../../src/store/postgres/connection.ts";
import { type World, world } from "../world/world.ts";

let w: World;
let sql: Sql;
beforeAll(async () => {
  w = await world();
  sql = connect(w.url, { idleSeconds: 20, connectSeconds: 5 }, () => {});
});
afterAll(async () => {
  await sql.end();
  await w.close();
});

const secrets = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];
const shop = async () =>
  (
    await w.owner`select version::int, paused_at is not null as paused, pause_detail as detail from sources where slug = 'shop'`
  )[0];
const entries = async () =>
  await w.owner`select action, actor, reason, data from entries where subject = 'source' and subject_id = 'shop' order by id`;

describe("a source of which Postgres has an older version than its inbox", () => {
  test("is paused, names its secrets in the pause and in the entry, and is a problem of its own", async () => {
    const store = sourceStore(() => sql);
    await store.wentBack("shop", { known: 12, found: 1, activeAgain: secrets });
    const detail = `Postgres went back from version 12 of this source to 1. Secrets that are active again: ${secrets.join(", ")}.`;
    expect(await shop()).toEqual({ version: 13, paused: true, detail });
    expect(await entries()).toEqual([
      {
        action: "paused",
        actor: "source:shop",
        reason: "database_went_back",
        data: { detail, known_version: 12, found_version: 1, secrets },
      },
    ]);
    expect(await pausedSources(sql)).toEqual([
      { code: "source_went_back", since: expect.any(Number), count: 1, rows: ["shop"] },
    ]);
    // Its other inboxes have seen no later version.
    await store.wentBack("shop", { known: 12, found: 1, activeAgain: [] });
    expect(await entries()).toHaveLength(1);
  });

  test("continues when a person says so, and a later pause is the person's", async () => {
    const pauses = sourcePauses(sql);
    await pauses.resumeSource("shop", "looked at", "alice");
    await pauses.pauseSource("shop", "stock-taking", "alice");
    expect((await pausedSources(sql)).map(({ code }) => code)).toEqual(["source_paused"]);
  });

  test("that a person has paused keeps that reason beside the new one", async () => {
    await sourceStore(() => sql).wentBack("shop", { known: 90, found: 15, activeAgain: [] });
    const detail = "Postgres went back from version 90 of this source to 15. Secrets that are active again: no secret.";
    expect(await shop()).toEqual({ version: 91, paused: true, detail: `${detail} stock-taking` });
    expect((await pausedSources(sql)).map(({ code }) => code)).toEqual(["source_went_back"]);
  });

  test("and that is closed has nothing to pause", async () => {
    await w.owner`update sources set disconnected_at = now(), paused_at = null, pause_detail = null where slug = 'shop'`;
    const before = (await entries()).length;
    await sourceStore(() => sql).wentBack("shop", { known: 200, found: 91, activeAgain: [] });
    expect(await shop()).toMatchObject({ version: 91, paused: false });
    expect(await entries()).toHaveLength(before);
  });
});
