/**
 * Sees every step of the flows, and stops one of them. A step is the n-th call of one method of one port; what is awaited is found by
 * running, so a new await is a new step without anyone remembering it.
 */

/**
 * How a step is stopped. It fails, and nothing was done; or it was done and committed, and its answer is lost. It is never begun, while
 * all else continues until the process is killed; or the process is killed at the moment at which it is done.
 */
export const modes = [
  "fails before it is done",
  "fails after it is done",
  "hangs until the process is killed",
  "is the last before the process is killed",
] as const;
export type Mode = (typeof modes)[number];

export type Stop = { readonly step: string; readonly mode: Mode };

/** Methods of every wrapped port, by the ports' own keys; and those that some run has called. */
export const methods = { known: new Set<string>(), reached: new Set<string>() };
/** Methods that give a promise: only they can fail or never return. */
const awaited = new Set<string>();

/** The error of a client whose connection broke. Nothing is wrong with the statement. */
class ConnectionLost extends Error {
  readonly code = "CONNECTION_CLOSED";
}

/** Ends the code of a killed process where it does not await. */
class Killed extends Error {}

/** Ports that are other objects. */
const objects = new Set(["inboxes", "lines", "notary", "spills", "taskRunner"]);

const never = () => new Promise<never>(() => {});

/** Counts the steps of a run over all of its processes. */
export type Steps = {
  /** Counts from now on, from one. */
  begin(): void;
  /** In the order in which they began. */
  seen(): string[];
  /** Stops the next call of a method, counted or not: what a stage begins with. */
  lose(method: string, mode: Mode): void;
  /** @returns how this call of a method is stopped; `null`: it is not */
  next(method: string): Mode | null;
  /** Whether the stop that the run is about was reached. */
  isStruck(): boolean;
};

/** @param stop `null`: nothing is stopped */
export function countSteps(stop: Stop | null): Steps {
  let counts: Map<string, number> | null = null;
  const seen: string[] = [];
  let struck = false;
  let lost: { method: string; mode: Mode } | null = null;
  return {
    lose(method, mode) {
      lost = { method, mode };
    },
    begin: () => {
      counts = new Map();
    },
    seen: () => seen,
    isStruck: () => struck,
    next(method) {
      if (lost?.method === method) {
        const { mode } = lost;
        lost = null;
        return mode;
      }
      if (counts === null) return null;
      const nth = (counts.get(method) ?? 0) + 1;
      counts.set(method, nth);
      const step = `${method} #${nth}`;
      seen.push(step);
      if (struck || stop?.step !== step) return null;
      struck = true;
      return stop.mode;
    },
  };
}

/** One process, watched at its ports and disks. */
export type Watch = {
  readonly killed: Promise<void>;
  /** Resolves when a step is never begun, so that its callers wait for ever. */
  readonly hangs: Promise<void>;
  isDead(): boolean;
  isHung(): boolean;
  kill(): void;
  /** Calls of ports that have not returned, but for calls of objects. */
  inFlight(): number;
  /** Wraps a port's methods. @param name the actor and the port: `line.claims` */
  port<Port extends object>(name: string, port: Port): Port;
  /** A write to an object's own disk, which is done at once. It is killed, and never thrown. */
  disk<T>(step: string, write: () => T): T;
  /** Like `disk`, for a write that the code awaits. */
  diskLater<T>(step: string, write: () => T): Promise<T>;
};

export function watch(steps: Steps): Watch {
  let dead = false;
  let hung = false;
  let begunToHang: () => void = () => {};
  const hangs = new Promise<void>((resolve) => {
    begunToHang = resolve;
  });
  let flying = 0;
  let died: () => void = () => {};
  const killed = new Promise<void>((resolve) => {
    died = resolve;
  });
  const kill = () => {
    dead = true;
    died();
  };

  async function take(method: string, call: () => unknown): Promise<unknown> {
    const mode = steps.next(method);
    if (mode === "fails before it is done") throw new ConnectionLost("the connection was lost");
    if (mode === "hangs until the process is killed") {
      hung = true;
      begunToHang();
    }
    // A killed process does nothing more.
    if (dead || mode === "hangs until the process is killed") return await never();
    // A caller of another object waits for that object's steps, which are watched there.
    const leaf = !objects.has(method.split(".")[1] ?? "");
    if (leaf) flying++;
    try {
      const answer = await call();
      if (mode === "fails after it is done") throw new ConnectionLost("the connection was lost");
      if (mode === "is the last before the process is killed") kill();
      return dead ? await never() : answer;
    } catch (error) {
      if (dead) return await never();
      throw error;
    } finally {
      if (leaf) flying--;
    }
  }

  function disk<T>(step: string, write: () => T): T {
    if (dead) throw new Killed();
    const mode = steps.next(step);
    // A synchronous write cannot hang.
    if (mode === "hangs until the process is killed") kill();
    else {
      const answer = write();
      if (mode !== "is the last before the process is killed") return answer;
      kill();
    }
    throw new Killed();
  }

  return {
    killed,
    hangs,
    kill,
    isDead: () => dead,
    isHung: () => hung,
    inFlight: () => flying,
    port(name, port) {
      const plain = name.slice(name.indexOf(".") + 1);
      const wrapped = Object.entries(port).map(([key, value]: [string, unknown]) => {
        if (typeof value !== "function") return [key, value];
        const method = `${name}.${key}`;
        methods.known.add(`${plain}.${key}`);
        const call = (...args: unknown[]) => {
          methods.reached.add(`${plain}.${key}`);
          if (awaited.has(method)) return take(method, () => value.apply(port, args));
          const answer: unknown = value.apply(port, args);
          if (!(answer instanceof Promise)) return answer;
          // The run that finds it stops nothing.
          awaited.add(method);
          return take(method, () => answer);
        };
        return [key, call];
      });
      return samePort<typeof port>(Object.fromEntries(wrapped));
    },
    disk,
    async diskLater(step, write) {
      try {
        return disk(step, write);
      } catch (error) {
        if (error instanceof Killed) return await never();
        throw error;
      }
    },
  };
}

/** Every method of a wrapped port takes what it took and gives what it gave, or does not return. */
function samePort<Port extends object>(port: object): Port {
  return port as Port;
}
