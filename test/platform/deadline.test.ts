import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { abortedAt, DeadlineExceeded, endsWithin, withinDeadline } from "../../src/platform/deadline.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new Promise<never>(() => {});

test("An answer before the deadline comes through, a failure too, and neither leaves a timer.", async () => {
  expect(await withinDeadline(Promise.resolve(1), 100)).toBe(1);
  await expect(withinDeadline(Promise.reject(new Error("no")), 100)).rejects.toThrow("no");
  expect(vi.getTimerCount()).toBe(0);
});

test("At the deadline the wait ends, and not before.", async () => {
  const ended = vi.fn();
  const waiting = withinDeadline(never, 100).catch(ended);
  await vi.advanceTimersByTimeAsync(99);
  expect(ended).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await waiting;
  expect(ended).toHaveBeenCalledWith(expect.any(DeadlineExceeded));
});

test("The caller may name the error of its deadline.", async () => {
  const waiting = expect(withinDeadline(never, 100, () => new Error("the line is late"))).rejects.toThrow(/^the line/);
  await vi.advanceTimersByTimeAsync(100);
  await waiting;
});

test("Work is aborted at its deadline, and says itself what that means.", async () => {
  const waiting = abortedAt(
    100,
    (signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve("stopped"))),
  );
  await vi.advanceTimersByTimeAsync(100);
  expect(await waiting).toBe("stopped");
});

test("Work that has ended is not aborted any more.", async () => {
  const signal = await abortedAt(100, async (given) => given);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(signal.aborted).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

test("The end of work is waited for until a deadline; a failure of the work is no deadline.", async () => {
  expect(await endsWithin(Promise.resolve(), 100)).toBe(true);
  await expect(endsWithin(Promise.reject(new DeadlineExceeded("its own")), 100)).rejects.toThrow("its own");
  const waiting = endsWithin(never, 100);
  await vi.advanceTimersByTimeAsync(100);
  expect(await waiting).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});
