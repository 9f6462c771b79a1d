GRANT SELECT, INSERT, UPDATE, DELETE ON "refused_minutes" TO hookline_app;
