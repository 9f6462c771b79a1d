ALTER TABLE "sources" ADD COLUMN "silent_after" text;--> statement-breakpoint
ALTER TABLE "sources" ADD COLUMN "silent_after_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sources" ADD COLUMN "rejecting_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sources" ADD COLUMN "silent_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sources" ADD CONSTRAINT "sources_silent_after" CHECK ("sources"."silent_after" ~ '^[0-9]{1,9}[smhdw]$');--> statement-breakpoint
ALTER TABLE "sources" ADD CONSTRAINT "sources_silent_after_at" CHECK (("sources"."silent_after" is null) = ("sources"."silent_after_at" is null));