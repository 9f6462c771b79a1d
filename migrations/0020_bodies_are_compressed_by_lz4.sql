-- lz4 costs less CPU than pglz. A server that was built without it stays with pglz. Bodies that are stored stay as they are.
DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
    EXECUTE 'ALTER TABLE "events" ALTER COLUMN "body" SET COMPRESSION lz4';
  END IF;
END $$;
