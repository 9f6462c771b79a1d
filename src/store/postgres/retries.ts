/** Retries of statements that lost a race. */
import { errorCode } from "./connection.ts";

/** Deadlocks that one statement may meet in a row. */
const deadlocksMax = 5;

/** Races with other batches of events that one batch may lose in a row. */
const racesMax = 10;

/** Deadlock (40P01). */
const deadlockCodes: ReadonlySet<string> = new Set(["40P01"]);

/** Another statement inserted the same unique key at this very moment (23505), or deadlocked with this one (40P01). */
export const racedCodes: ReadonlySet<string> = new Set(["23505", ...deadlockCodes]);

/**
 * Retries a statement that fails with one of some codes.
 *
 * @param statement one statement, or one transaction: its failure undoes all of it
 */
export async function retryOn<T>(
  codes: ReadonlySet<string>,
  attemptsMax: number,
  statement: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await statement();
    } catch (error) {
      if (!codes.has(errorCode(error) ?? "") || attempt === attemptsMax) throw error;
    }
  }
}

/** Retries a statement about new events that lost a race with another batch. */
export async function retryRaces<T>(statement: () => Promise<T>): Promise<T> {
  return await retryOn(racedCodes, racesMax, statement);
}

/**
 * Retries a statement that lost a deadlock. Statements about calls lock them in one order. A statement with another
 * order, such as a plan that withdraws, may still win.
 */
export async function retryDeadlocks<T>(statement: () => Promise<T>): Promise<T> {
  return await retryOn(deadlockCodes, deadlocksMax, statement);
}
