CREATE TABLE "credentials" (
	"source" text PRIMARY KEY NOT NULL,
	"id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"env" text,
	"sealed" text NOT NULL,
	"kid" text NOT NULL,
	"fingerprint" text NOT NULL,
	"base_url" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "field_marks" (
	"source" text PRIMARY KEY NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"event_id" uuid NOT NULL,
	"looked_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "fields" (
	"source" text NOT NULL,
	"rule" text NOT NULL,
	"path" text NOT NULL,
	"state" jsonb NOT NULL,
	"told" text,
	"told_since" timestamp with time zone,
	"from_type" text,
	"to_type" text,
	CONSTRAINT "fields_source_rule_path_pk" PRIMARY KEY("source","rule","path"),
	CONSTRAINT "fields_told" CHECK ("fields"."told" in ('field_gone', 'field_changed')),
	CONSTRAINT "fields_told_since" CHECK (("fields"."told" is null) = ("fields"."told_since" is null))
);
--> statement-breakpoint
ALTER TABLE "events" DROP CONSTRAINT "events_erased";--> statement-breakpoint
ALTER TABLE "calls" ADD COLUMN "again_reason" text;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "fetch_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "fetch_tries" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "fetched" text;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "replays" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "rejections" ADD COLUMN "method" text;--> statement-breakpoint
ALTER TABLE "rejections" ADD COLUMN "url" text;--> statement-breakpoint
ALTER TABLE "rejections" ADD COLUMN "request_headers" jsonb;--> statement-breakpoint
ALTER TABLE "rejections" ADD COLUMN "body" "bytea";--> statement-breakpoint
ALTER TABLE "rejections" ADD COLUMN "body_kept" text;--> statement-breakpoint
ALTER TABLE "rejections" ADD COLUMN "presented" jsonb;--> statement-breakpoint
ALTER TABLE "rejections" ADD COLUMN "accepted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "rejections" ADD COLUMN "accepted_events" jsonb;--> statement-breakpoint
ALTER TABLE "secrets" ADD COLUMN "expires_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "secrets" ADD COLUMN "captured" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "sources" ADD COLUMN "fetch" jsonb;--> statement-breakpoint
ALTER TABLE "sources" ADD COLUMN "api" jsonb;--> statement-breakpoint
ALTER TABLE "sources" ADD COLUMN "fetch_problem" text;--> statement-breakpoint
ALTER TABLE "sources" ADD COLUMN "fetch_problem_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sources" ADD COLUMN "fetch_not_before" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sources" ADD COLUMN "paused_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sources" ADD COLUMN "pause_detail" text;--> statement-breakpoint
ALTER TABLE "sources" ADD COLUMN "resumed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "credentials" ADD CONSTRAINT "credentials_source_sources_slug_fk" FOREIGN KEY ("source") REFERENCES "public"."sources"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "field_marks" ADD CONSTRAINT "field_marks_source_sources_slug_fk" FOREIGN KEY ("source") REFERENCES "public"."sources"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fields" ADD CONSTRAINT "fields_source_sources_slug_fk" FOREIGN KEY ("source") REFERENCES "public"."sources"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "fields_told" ON "fields" USING btree ("told") WHERE "fields"."told" is not null;--> statement-breakpoint
CREATE INDEX "events_to_fetch" ON "events" USING btree ("source","fetch_at") WHERE "events"."state" = 'unplanned' and "events"."fetch_at" is not null;--> statement-breakpoint
CREATE INDEX "rejections_with_request" ON "rejections" USING btree ("at") WHERE "rejections"."method" is not null;--> statement-breakpoint
CREATE INDEX "secrets_ending" ON "secrets" USING btree ("expires_at") WHERE "secrets"."expires_at" is not null and "secrets"."retired_at" is null;--> statement-breakpoint
CREATE INDEX "sources_paused" ON "sources" USING btree ("slug") WHERE "sources"."paused_at" is not null;--> statement-breakpoint
CREATE INDEX "sources_in_fetch_problem" ON "sources" USING btree ("slug") WHERE "sources"."fetch_problem" is not null;--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_erased" CHECK ("events"."erased_at" is null or ("events"."state" <> 'unplanned' and "events"."body" = '{}' and "events"."body_hash" = '' and "events"."body_key" is null and "events"."external_id" is null and "events"."detail" is null and "events"."fetched" is null));--> statement-breakpoint
ALTER TABLE "rejections" ADD CONSTRAINT "rejections_body_kept" CHECK ("rejections"."body_kept" in ('whole', 'too_large', 'no_room', 'unsigned', 'credentials', 'shared_secret', 'token', 'handshake', 'accepted', 'forgotten'));--> statement-breakpoint
ALTER TABLE "rejections" ADD CONSTRAINT "rejections_body" CHECK ("rejections"."body" is null or "rejections"."body_kept" = 'whole');--> statement-breakpoint
ALTER TABLE "rejections" ADD CONSTRAINT "rejections_accepted" CHECK ("rejections"."accepted_at" is null or ("rejections"."accepted_events" is not null and "rejections"."body" is null));--> statement-breakpoint
ALTER TABLE "sources" ADD CONSTRAINT "sources_paused_has_detail" CHECK (("sources"."paused_at" is null) = ("sources"."pause_detail" is null));--> statement-breakpoint
ALTER TABLE "sources" ADD CONSTRAINT "sources_fetch_problem" CHECK ("sources"."fetch_problem" in ('credential_refused', 'credential_missing', 'credential_unreadable'));--> statement-breakpoint
ALTER TABLE "sources" ADD CONSTRAINT "sources_fetch_problem_at" CHECK (("sources"."fetch_problem" is null) = ("sources"."fetch_problem_at" is null));