-- Reading a table from end to end counts as endlessly dear to this role, so Postgres would start further processes to
-- read a table of two rows: some 5 ms, and a share of the server, for each such statement. The setting is the server's: the
-- migration of another database may have made it.
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
    WHERE r.rolname = 'hookline_app' AND s.setdatabase = 0 AND 'max_parallel_workers_per_gather=0' = ANY (s.setconfig))
  THEN
    ALTER ROLE hookline_app SET max_parallel_workers_per_gather = 0;
  END IF;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'another owner made the role hookline_app: let them run the ALTER ROLE statement of the migration app_role_reads_with_one_process';
END
$$;
