import { spawn } from "node:child_process";

/**
 * Ends a process that must not outlive this one: a shell waits on a pipe from here, and when the pipe closes because this
 * process is gone, even by kill -9, it sends `signal` to `pid` (to a whole process group when negative).
 * Gives a function that calls the guard off; call it once the process has been ended in the ordinary way.
 */
export function guard(pid: number, signal: "INT" | "TERM" | "KILL"): () => void {
  const shell = spawn("/bin/sh", ["-c", `read -r _; kill -s ${signal} -- ${pid} 2>/dev/null`], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  shell.on("error", () => undefined);
  shell.stdin.on("error", () => undefined);
  shell.unref();
  if ("unref" in shell.stdin && typeof shell.stdin.unref === "function") shell.stdin.unref();
  return () => {
    shell.kill("SIGKILL");
  };
}
