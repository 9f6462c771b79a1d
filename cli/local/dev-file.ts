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

/** The addresses and secrets that a running `npm start` gives to scripts. `databaseUrl` is the owner's. */
export type DevInfo = z.infer<typeof devInfo>;

/** Writes .hookline/dev.json, readable by this user only. */
export function writeDevInfo(info: DevInfo): void {
  writePrivate(devFile, `${JSON.stringify(info, null, 2)}\n`);
}

/** Reads .hookline/dev.json. @returns Undefined if there is no such file. Throws if the file is malformed. */
export function readDevInfo(): DevInfo | undefined {
  const text = readIfThere(devFile);
  return text === undefined ? undefined : devInfo.parse(JSON.parse(text));
}

/** Removes .hookline/dev.json if it exists. */
export function removeDevInfo(): void {
  rmSync(devFile, { force: true });
}
