import type {} from "vitest";
import type { TestProject } from "vitest/node";
import { bundle } from "../dev/stack/bundle.ts";
import { type ClusterInfo, startCluster } from "../dev/stack/cluster.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The Postgres of this test run: `migratedDatabase(inject("cluster"))`, or `startStack({ cluster })`. */
    cluster: ClusterInfo;
  }
}

/** One Postgres for the whole run, and the Worker built once before the tests ask for it at the same time. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // A Worker that does not build fails the tests that use it, with wrangler's words; the others can still run.
  const [cluster] = await Promise.all([startCluster(), bundle().catch(() => undefined)]);
  project.provide("cluster", cluster.info);
  return cluster.stop;
}
