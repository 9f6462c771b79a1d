/** Method of the hop floor's object. */
export type HopRpc = { nothing(): Promise<void> };

/** Environment of the floors' Worker. */
export type FloorEnv = {
  Bindings: {
    SECRET: string;
    HOP: { idFromName(name: string): DurableObjectId; get(id: DurableObjectId): HopRpc };
    HYPERDRIVE: { connectionString: string };
  };
};
