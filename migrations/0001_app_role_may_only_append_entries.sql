-- The role that everything but migrations runs as. It cannot log in until somebody gives it a password (`hookline migrate`).
-- Roles belong to the whole server: another database on it may have made this one already, even at this moment.
DO $$
BEGIN
  CREATE ROLE hookline_app NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL;
END
$$;
--> statement-breakpoint
GRANT USAGE ON SCHEMA public TO hookline_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON "sources", "secrets", "rules", "lines", "events", "calls", "once", "bursts", "suppressions", "tokens", "sessions" TO hookline_app;
--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON "slots" TO hookline_app;
--> statement-breakpoint
GRANT DELETE ON "secrets", "lines", "once", "bursts", "suppressions", "sessions" TO hookline_app;
--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON "rejections" TO hookline_app;
--> statement-breakpoint
-- What is written here stays as it was written.
GRANT SELECT, INSERT ON "entries", "verdicts" TO hookline_app;
--> statement-breakpoint
-- So that the Worker can say which migration has not run.
GRANT USAGE ON SCHEMA drizzle TO hookline_app;
--> statement-breakpoint
GRANT SELECT ON drizzle.__drizzle_migrations TO hookline_app;
--> statement-breakpoint
-- The built-in source of calls that are asked for directly: one way in, one plan, one gate.
INSERT INTO "sources" ("slug", "preset") VALUES ('api', 'api');
--> statement-breakpoint
-- Every statement of the app finds its rows by an index. Prepared while a table is small it might be planned to read the whole of
-- it, and that plan is kept while the table grows a thousandfold: so such plans are not offered to this role.
DO $$
BEGIN
  ALTER ROLE hookline_app SET enable_seqscan = off;
  ALTER ROLE hookline_app SET enable_hashjoin = off;
  ALTER ROLE hookline_app SET enable_mergejoin = off;
  -- A transaction that nobody ends, or that waits for one, must not hold a line's row from its claims.
  ALTER ROLE hookline_app SET idle_in_transaction_session_timeout = '30s';
  ALTER ROLE hookline_app SET lock_timeout = '10s';
  -- What cannot be avoided all the same counts as endlessly dear, which would have every such statement compiled anew.
  ALTER ROLE hookline_app SET jit = off;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'another owner made the role hookline_app: let them run the ALTER ROLE statements of this migration';
END
$$;
