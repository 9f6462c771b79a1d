// A complete Hookline in one call: database, simulator, Worker in raw workerd, a token with all scopes.

import { type KeySets, keyVars, makeKeySets } from "../../cli/install/keys.ts";
import { allScopes, mintToken, type TokenScope } from "../../cli/install/mint-token.ts";
import { appUrl } from "../../cli/install/run-migrations.ts";
import type { SettingsChange } from "../simulator/engine/settings.ts";
import { type Simulator, simulatorMediaHost, startSimulator } from "../simulator/index.ts";
import { type Bundle, bundle } from "./bundle.ts";
import { type Cluster, type ClusterInfo, migratedDatabase, startCluster } from "./cluster.ts";
import { freePort } from "./network.ts";
import { dropDatabase } from "./postgres.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";

/** A running whole. */
export type Stack = {
  url: string;
  /** An API token with all scopes. */
  token: string;
  /** Mints another one. */
  tokenFor: (scopes: readonly TokenScope[], days?: number) => Promise<string>;
  /** `fetch` below `url` with the token, unless `init` carries an authorization of its own; JSON for a plain object. */
  api: (path: string, init?: ApiInit) => Promise<Response>;
  worker: Workerd;
  /** The addresses of the further Workers. */
  isolates: readonly string[];
  simulator: Simulator;
  ownerUrl: string;
  appUrl: string;
  adminUrl: string;
  keys: KeySets;
  /** The cluster if it is this stack's own. Only then can Postgres be stopped without affecting others. */
  cluster: Cluster | undefined;
  stop: () => Promise<void>;
};

/** The options of `api`, beside those of fetch. */
type ApiInit = Omit<RequestInit, "body"> & { json?: unknown; body?: string | Uint8Array<ArrayBuffer> };

type StackOptions = {
  /** A shared cluster (`inject("cluster")` in a test). By default one is started for this stack. */
  cluster?: ClusterInfo;
  /** The built Worker; built from this checkout when absent. */
  bundle?: Bundle;
  /** The directory of the objects' storage; a temporary one by default. */
  dir?: string;
  /** Settings and faults of the simulator. */
  mihu?: SettingsChange;
  /** Variables that override the stack's own. */
  vars?: Readonly<Record<string, string>>;
  /** Returns the database URL for the Worker, such as one through a proxy that can be cut. The caller closes the proxy. */
  through?: (databaseUrl: string) => Promise<string>;
  /** Number of further Workers, each in its own isolate, with the objects of the first; none by default. */
  isolates?: number;
};

/** Starts everything and waits until the Worker answers. If a later part fails, the earlier ones are stopped again. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  return await startTogether(async (undo, stop) => {
    const built = options.bundle ?? (await bundle());
    const cluster = options.cluster === undefined ? await startCluster() : undefined;
    if (cluster !== undefined) undo(cluster.stop);
    const info = options.cluster ?? cluster?.info;
    if (info === undefined) throw new Error("there is no cluster");
    const { name, ownerUrl } = await migratedDatabase(info);
    if (cluster === undefined) undo(() => dropDatabase(info, name));
    const simulator = await simulate(options.mihu);
    undo(simulator.close);
    const keys = makeKeySets();
    const databaseUrl = appUrl(ownerUrl, info.appPassword);
    const port = await freePort();
    const isolatePorts = await Promise.all(Array.from({ length: options.isolates ?? 0 }, freePort));
    const worker = await startWorkerd({
      port,
      isolatePorts,
      bundle: built,
      databaseUrl: (await options.through?.(databaseUrl)) ?? databaseUrl,
      vars: { ...localVars(keys, simulator), PUBLIC_URL: `http://127.0.0.1:${port}`, ...options.vars },
      ...(options.dir === undefined ? {} : { dir: options.dir }),
    });
    undo(worker.stop);
    const tokenFor = async (scopes: readonly TokenScope[], days = 1) => {
      const made = await mintToken({ ownerUrl, tokenKeys: keys.TOKEN_KEYS, scopes, days, name: "stack" });
      return made.token;
    };
    const token = await tokenFor(allScopes);
    const api = (path: string, init: ApiInit = {}) => call(worker.url, token, path, init);
    const { url } = worker;
    return {
      url,
      token,
      tokenFor,
      api,
      worker,
      isolates: isolatePorts.map((one) => `http://127.0.0.1:${one}`),
      simulator,
      ownerUrl,
      appUrl: databaseUrl,
      adminUrl: info.adminUrl,
      keys,
      cluster,
      stop,
    };
  });
}

/** The Worker's variables for a run on this machine. */
export function localVars(keys: KeySets, mihu: { baseUrl: string; token: string }): Record<string, string> {
  return {
    MODE: "local",
    DB_REGION: "weur",
    DEFAULT_COUNTRY: "US",
    MIHU_BASE_URL: mihu.baseUrl,
    MIHU_TOKEN: mihu.token,
    // The host of the simulator's recordings.
    LINK_HOSTS: simulatorMediaHost,
    ...keyVars(keys),
  };
}

async function simulate(settings: SettingsChange | undefined): Promise<Simulator> {
  const simulator = await startSimulator({ port: 0 });
  if (settings !== undefined) simulator.setFaults(settings);
  return simulator;
}

function call(base: string, token: string, path: string, init: ApiInit): Promise<Response> {
  const { json, ...rest } = init;
  const headers = new Headers(init.headers);
  if (!headers.has("authorization")) headers.set("authorization", `Bearer ${token}`);
  if (json === undefined) return fetch(new URL(path, base), { ...rest, headers });
  headers.set("content-type", "application/json");
  return fetch(new URL(path, base), { ...rest, headers, body: JSON.stringify(json) });
}

/** Registers how to stop the part that was just started. */
export type Undo = (step: () => Promise<unknown>) => void;

/**
 * Starts parts that belong together. If a later one fails, the earlier ones are stopped again, in reverse order.
 *
 * @param start Gets `undo`, and `stop`, which stops everything.
 */
export async function startTogether<Whole>(
  start: (undo: Undo, stop: () => Promise<void>) => Promise<Whole>,
): Promise<Whole> {
  const steps: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (let next = steps.pop(); next !== undefined; next = steps.pop()) await next();
  };
  try {
    return await start((step) => void steps.push(step), stop);
  } catch (error) {
    await stop();
    throw error;
  }
}
