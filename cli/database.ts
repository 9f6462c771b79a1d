import { CommandError, type Io } from "./command.ts";

/** The URL of the database's owner. Throws one sentence if it is missing or malformed. */
export function ownerUrl(io: Io): string {
  const url = io.env.DATABASE_URL;
  if (!url) throw new CommandError("DATABASE_URL is not set: the direct address of Postgres, with the owner's role");
  if (!URL.canParse(url) || !/^postgres(?:ql)?:$/.test(new URL(url).protocol))
    throw new CommandError("DATABASE_URL is not an address such as postgres://user:password@host:5432/database");
  return url;
}

/** Runs a step. An error of Postgres becomes one sentence, without the URL, which holds a password. */
export async function sayingWhat<T>(step: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${step}: ${words.replace(/:\/\/[^\s@]+@/g, "://…@")}`);
  }
}
