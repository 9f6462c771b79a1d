import type { HopRpc } from "./hop.ts";

/** What the floors' Worker is given. */
export type FloorEnv = {
  Bindings: {
    SECRET: string;
    HOP: { idFromName(name: string): DurableObjectId; get(id: DurableObjectId): HopRpc };
    HYPERDRIVE: { connectionString: string };
  };
};
