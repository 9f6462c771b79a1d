// `hookline migrate`: runs the missing migrations as the database's owner.
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import type { Command } from "../command.ts";
import { ownerUrl, sayingWhat } from "../database.ts";
import { appUrl, migrate, prepareAppRole } from "./run-migrations.ts";

const waitMs = 30_000;

export const migrateCommand: Command = {
  usage: "[--app-password]",
  summary: "run the migrations on DATABASE_URL, as its owner",
  help: `DATABASE_URL is the owner's direct Postgres URL, not Hyperdrive's.

  --app-password   also set the password of the role hookline_app: APP_PASSWORD if it is set,
                   else a new one. Prints that role's Postgres URL once, for`,
  async run(args, io) {
    const { values } = parseArgs({ args, options: { "app-password": { type: "boolean" } } });
    const owner = ownerUrl(io);
    await sayingWhat("the migrations", () => migrate(owner, { log: io.say, waitMs }));
    io.say("the migrations have run");
    if (!values["app-password"]) return 0;
    const password = io.env.APP_PASSWORD || randomBytes(32).toString("base64url");
    await sayingWhat("the app's role", () => prepareAppRole(owner, password));
    io.say(
      "the app's address, for `wrangler hyperdrive create … --caching-disabled --connection-string`; it is not shown again:",
    );
    io.out(appUrl(owner, password));
    return 0;
  },
};
