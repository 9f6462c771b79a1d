import { rmSync } from "node:fs";
import * as z from "zod";
import { readIfThere, writePrivate } from "./files.ts";
import { devFile } from "./paths.ts";

const devInfo = z.looseObject({
  url: z.string(),
  token: z.string(),
  simulatorUrl: z.string().nullable(),
  databaseUrl: z.string(),
  workerdPid: z.number(),
  source: z.looseObject({ slug: z.string(), preset: z.string(), secret: z.string() }),
  line: z.string(),
});

/** What a running `npm start` tells scripts. `databaseUrl` is the owner's. */
export type DevInfo = z.infer<typeof devInfo>;

/** Writes .hookline/dev.json, readable by this user only. */
export function writeDevInfo(info: DevInfo): void {
  writePrivate(devFile, `${JSON.stringify(info, null, 2)}\n`);
}

/** What the running start has written; undefined when none is running. Throws when the file is not readable as such. */
export function readDevInfo(): DevInfo | undefined {
  const text = readIfThere(devFile);
  return text === undefined ? undefined : devInfo.parse(JSON.parse(text));
}

/** Removes .hookline/dev.json, if it is there. */
export function removeDevInfo(): void {
  rmSync(devFile, { force: true });
}
