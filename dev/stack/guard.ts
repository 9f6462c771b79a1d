import { spawn } from "node:child_process";

/**
 * Ends a process that must not outlive this one. A shell waits on a pipe from here. If the pipe closes because this
 * process is gone, even by kill -9, the shell sends `signal` to `pid` (to a whole process group if negative). Returns a
 * function that cancels the guard. Call it once the process has been stopped in the ordinary way.
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
