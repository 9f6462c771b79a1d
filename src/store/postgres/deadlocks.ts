import { errorCode } from "./connection.ts";

/** Deadlocks that one statement may meet in a row. */
const deadlocksMax = 5;

/**
 * Retries a statement that lost a deadlock. Statements about calls lock them in one order; one with another order, such as a plan that
 * withdraws, may still win.
 *
 * @param statement one statement, or one transaction: a deadlock undoes all of it
 */
export async function retryDeadlocks<T>(statement: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await statement();
    } catch (error) {
      if (errorCode(error) !== "40P01" || attempt === deadlocksMax) throw error;
    }
  }
}
