import postgres from "postgres";
import { inject } from "vitest";
import { appUrl } from "../../../cli/install/run-migrations.ts";
import { type KeptClient, keptClient } from "../../../src/store/postgres/kept-client.ts";
import { service, type TestService } from "./service.ts";

/** A service, and connections of a test's own to its database. */
export type Beside = {
  readonly api: TestService;
  /** May do everything. */
  readonly owner: postgres.Sql;
  /** The app's role, as an object has it. */
  readonly client: KeptClient;
  close(): Promise<void>;
};

/**
 * @param deviation what is different from a service that works
 * @param owners connections of the owner
 */
export async function serviceBeside(deviation: Parameters<typeof service>[0] = {}, owners = 3): Promise<Beside> {
  const api = await service(deviation);
  const owner = postgres(api.ownerUrl, { max: owners, onnotice: () => {} });
  const client = keptClient(appUrl(api.ownerUrl, inject("cluster").appPassword), () => {});
  return {
    api,
    owner,
    client,
    async close() {
      client.drop();
      await owner.end();
      await api.close();
    },
  };
}
