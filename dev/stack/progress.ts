/** Steps printed as they run, one line each with its time. Other lines may come between. */
type Progress = {
  /** Runs one step. `work` returns a few words for its line, if any. A failure is rethrown. */
  step: <T>(title: string, work: () => Promise<T>, words?: (result: T) => string) => Promise<T>;
  say: (line: string) => void;
};

/** Progress written to `out`. */
export function createProgress(out: NodeJS.WritableStream = process.stdout): Progress {
  let open = false;

  function say(line: string): void {
    out.write(`${open ? "\n" : ""}${line}\n`);
    open = false;
  }

  async function step<T>(title: string, work: () => Promise<T>, words?: (result: T) => string): Promise<T> {
    const began = performance.now();
    const label = title.padEnd(20);
    out.write(`  ${label} … `);
    open = true;
    const result = await work();
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const said = [`${seconds.padStart(5)} s`, words?.(result) ?? ""].join("  ").trimEnd();
    // Other output may have ended the line meanwhile.
    out.write(open ? `${said}\n` : `  ${label} … ${said}\n`);
    open = false;
    return result;
  }

  return { step, say };
}
