// `hookline fetch-now`: retries the waiting fetches of a source at once.
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import * as z from "zod";
import { type Command, CommandError } from "../command.ts";
import { callApi, findService, get, read, refusal } from "../service.ts";

/** Looks for the API's answer, one per interval: a GET may take 5 s. */
const askedMax = 12;
const askedEveryMs = 1_000;

const asked = z.looseObject({ events: z.number(), paused: z.boolean(), detail: z.string() });
const source = z.looseObject({
  fetching: z
    .looseObject({
      problem_text: z.string(),
      tries: z.number(),
      events_waiting: z.number(),
      next_at: z.string().nullable(),
    })
    .nullable(),
  warnings: z.array(z.string()),
});

export const fetchNowCommand: Command = {
  usage: "SOURCE [--reason TEXT]",
  summary: "try the events that wait for a record of a source's API at once",
  help: `Needs a token with the scope admin. For events that wait for a record while the CRM's API fails.
Hookline also tries them by itself, up to half an hour apart. Prints the result.

  --reason  why, as the entries show it; may be left out

Exit code 1: the API still fails, or the source is paused.`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { reason: { type: "string" } },
    });
    const [slug, ...rest] = positionals;
    if (slug === undefined || rest.length > 0)
      throw new CommandError("name the source; usage: hookline fetch-now SOURCE", 2);
    const service = findService(io);
    const path = `/v1/sources/${encodeURIComponent(slug)}`;
    const before = await get(service, path, source);
    const answer = await callApi(service, "POST", `${path}/fetch-now`, { reason: values.reason });
    if (!answer.ok) throw refusal(answer);
    const { events, paused, detail } = read(asked, answer.body);
    io.out(`${slug}: ${detail}`);
    if (events === 0) return 0;
    if (paused) return 1;
    for (let nth = 0; nth < askedMax; nth++) {
      await pause(askedEveryMs);
      const { fetching } = await get(service, path, source);
      if (fetching === null) {
        io.out(`${slug}: the API answers`);
        return 0;
      }
      if (fetching.tries > (before.fetching?.tries ?? 0)) {
        const next = fetching.next_at === null ? "" : `; the next try is at ${fetching.next_at}`;
        io.out(
          `${slug}: still failing after ${fetching.tries} tries, events that wait: ${fetching.events_waiting}${next}`,
        );
        return 1;
      }
    }
    io.out(`${slug}: not answered yet; \`hookline doctor\` says what comes of it`);
    return 1;
  },
};
