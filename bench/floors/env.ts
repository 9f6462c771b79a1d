/** What the hop floor asks of its object. */
export type HopRpc = { nothing(): Promise<void> };

/** What the floors' Worker is given. */
export type FloorEnv = {
  Bindings: {
    SECRET: string;
    HOP: { idFromName(name: string): DurableObjectId; get(id: DurableObjectId): HopRpc };
    HYPERDRIVE: { connectionString: string };
  };
};
