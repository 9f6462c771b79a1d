// `npm run send`: sends one signed webhook to the running `npm start`, as the shop would, and prints the resulting call.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import * as z from "zod";
import { type DevInfo, readDevInfo } from "../../cli/local/dev-file.ts";
import { stateDir } from "../../cli/local/paths.ts";
import type { GivenSettings, Preset } from "../../src/crm/preset/preset.ts";
import { findPreset } from "../../src/crm/presets/index.ts";
import { ticketsSource } from "../demo/demo-tickets.ts";
import { follow } from "./follow.ts";
import { sampleBody, sampleType } from "./sample.ts";
import { type SampleSent, signedSample } from "./senders.ts";
import { type SentWebhook, sameAsBefore } from "./sent.ts";
import { canSign, signedRequest } from "./sign.ts";

const usage = `npm run send -- [--order 1001] [--times 3] [--number +14155550100] [--source <slug>] [--again]

  --order    the order's number; each has one of a hundred fictional phone numbers
  --times    how often the same webhook is sent, as by a sender that did not hear the answer (1)
  --number   the customer's phone number instead
  --again    a new event of the same order, where otherwise the one sent before is repeated
  --source   a source of yours, of any preset; its secret comes from the variable SOURCE_SECRET
  --body     a file whose bytes are sent instead of the sample, such as one of examples/`;

type Target = { slug: string; preset: Preset; settings: GivenSettings; secret: string; tenant?: string };

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) return 2;
  const dev = readDevInfo();
  if (dev === undefined) {
    console.error("Hookline is not running here: start it with `npm start`, and send again once it is ready.");
    return 1;
  }
  const target = await findTarget(dev, options.source ?? dev.source.slug);
  if (!canSign(target.preset.name) || options.body !== undefined) return await sendSample(dev, target, options);
  const { order, number, again } = options;
  const sent = sameAsBefore({
    dir: stateDir,
    key: `${target.slug} ${order} ${number ?? ""}`,
    anew: again,
    compose: () => sampleBody({ order, number, now: Date.now() }),
  });
  let event: SentEvent = { id: null, duplicate: false };
  for (let nth = 1; nth <= options.times; nth += 1) {
    const answer = await post(dev, target, sent);
    if (!answer.ok) return 1;
    event = answer;
  }
  if (event.id !== null) await follow(dev, event.id);
  if (event.duplicate && options.times === 1) {
    console.log("\nThe same webhook was sent before, so nobody is called again. For another call:");
    console.log("  npm run send -- --order <another>        or, a new event of this order: npm run send -- --again");
  }
  return 0;
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        order: { type: "string", default: "1001" },
        times: { type: "string", default: "1" },
        number: { type: "string" },
        source: { type: "string" },
        body: { type: "string" },
        again: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    const times = Number(values.times);
    if (!Number.isInteger(times) || times < 1 || times > 1_000) throw new Error("--times is a number from 1 to 1000");
    if (!values.help) return { ...values, times };
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
  }
  console.error(usage);
  return undefined;
}

/** Sends the preset's own sample, or the bytes of a file. Nothing is known about an order here. */
async function sendSample(dev: DevInfo, target: Target, options: { body?: string; times: number }): Promise<number> {
  const body = options.body === undefined ? undefined : readFileSync(options.body, "utf8");
  const wanted = { ...target, url: `${dev.url}/in/${target.slug}`, ...(body === undefined ? {} : { body }) };
  for (let nth = 1; nth <= options.times; nth += 1) {
    const answer =
      body !== undefined && canSign(target.preset.name)
        ? await post(dev, target, { body, id: randomUUID() })
        : await postTo(await signedSample(wanted), target.slug);
    if (!answer.ok) return 1;
  }
  console.log(
    `\nwhat came    curl -H "Authorization: Bearer $(npm run -s hookline -- token --show)" ${dev.url}/v1/events`,
  );
  return 0;
}

const sourceView = z.object({
  preset: z.string(),
  settings: z.record(z.string(), z.string()).nullish(),
  tenant: z.string().nullish(),
});
type SourceView = z.infer<typeof sourceView>;

async function findTarget(dev: DevInfo, slug: string): Promise<Target> {
  const own = slug === dev.source.slug;
  const secret = own || slug === ticketsSource ? dev.source.secret : process.env.SOURCE_SECRET;
  if (!secret) {
    throw new Error(
      `The secret of "${slug}" is not known here: .hookline/dev.json holds the demonstration's ("${dev.source.slug}") only,\n` +
        `and the API never gives one back. Send with SOURCE_SECRET=… npm run send -- --source ${slug}`,
    );
  }
  const view: SourceView = own ? { preset: dev.source.preset } : await readSource(dev, slug);
  const preset = findPreset(view.preset);
  if (preset === null)
    throw new Error(`"${slug}" has the preset ${view.preset}, for which no sample can be signed here`);
  return { slug, preset, settings: view.settings ?? {}, secret, ...(view.tenant ? { tenant: view.tenant } : {}) };
}

async function readSource(dev: DevInfo, slug: string): Promise<SourceView> {
  const answer = await fetch(`${dev.url}/v1/sources/${encodeURIComponent(slug)}`, {
    headers: { authorization: `Bearer ${dev.token}` },
  });
  if (answer.status === 404) throw new Error(`There is no source "${slug}".`);
  if (!answer.ok) throw new Error(`The source "${slug}" could not be read: ${answer.status} ${await answer.text()}`);
  return sourceView.parse(await answer.json());
}

const accepted = z.looseObject({ events: z.array(z.looseObject({ id: z.string(), duplicate: z.boolean() })) });

/** The first event of a webhook that was sent. `duplicate`: all of its events were there before. */
type SentEvent = { readonly id: string | null; readonly duplicate: boolean };

async function post(dev: DevInfo, target: Target, sent: SentWebhook): Promise<SentEvent & { ok: boolean }> {
  const { headers, key } = signedRequest({ ...target, ...sent, type: sampleType });
  const address = ["in", target.slug, ...(key === null ? [] : [key])].map(encodeURIComponent).join("/");
  return await postTo({ address: `${dev.url}/${address}`, headers, body: sent.body }, target.slug);
}

async function postTo({ address, headers, body }: SampleSent, slug: string): Promise<SentEvent & { ok: boolean }> {
  const began = performance.now();
  const answer = await fetch(address, { method: "POST", headers, body });
  const text = await answer.text();
  // A key in the path is a secret, and is not printed.
  console.log(`POST /in/${slug} → ${answer.status} in ${Math.round(performance.now() - began)} ms  ${text}`);
  if (answer.status === 401) console.log(`\nwhy          npm run hookline -- rejections ${slug}`);
  const read = answer.ok ? accepted.safeParse(parsed(text)) : undefined;
  const events = read?.success === true ? read.data.events : [];
  return {
    ok: answer.ok,
    id: events[0]?.id ?? null,
    duplicate: events.length > 0 && events.every(({ duplicate }) => duplicate),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// Last, since what it reads has to exist by then.
process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  return 1;
});
