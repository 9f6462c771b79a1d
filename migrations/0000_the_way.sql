CREATE TABLE "bursts" (
	"source" text NOT NULL,
	"rule" text NOT NULL,
	"window" timestamp with time zone NOT NULL,
	"calls" integer NOT NULL,
	CONSTRAINT "bursts_source_rule_window_pk" PRIMARY KEY("source","rule","window")
);
--> statement-breakpoint
CREATE TABLE "calls" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"event_id" uuid NOT NULL,
	"source" text NOT NULL,
	"rule" text NOT NULL,
	"rule_version" integer NOT NULL,
	"try" integer DEFAULT 1 NOT NULL,
	"again_of" uuid,
	"mode" text NOT NULL,
	"line" text,
	"status" text NOT NULL,
	"reason" text,
	"detail" jsonb,
	"order_number" text,
	"order_number_key" text,
	"record_type" text,
	"record_id" text,
	"number" text,
	"country" text,
	"about" text,
	"prompt" text,
	"prompt_overwrite" boolean DEFAULT false NOT NULL,
	"greeting" text,
	"zones" text[],
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"due_at" timestamp with time zone,
	"closes_at" timestamp with time zone,
	"expires_at" timestamp with time zone,
	"claimed_at" timestamp with time zone,
	"claim_seq" bigint,
	"lease_until" timestamp with time zone,
	"slot_until" timestamp with time zone,
	"placed_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"outcome" text,
	"outcome_raw" text,
	"duration_s" integer,
	"summary" text,
	"recording_url" text,
	"conversation_uuid" text,
	"contact_uuid" text,
	"mihu_id" text,
	"listen_url" text,
	"record_url" text,
	"poll_at" timestamp with time zone,
	"polls" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "calls_once" UNIQUE("event_id","rule","try"),
	CONSTRAINT "calls_status" CHECK ("calls"."status" in ('skipped', 'held', 'queued', 'dialing', 'unknown', 'review', 'placed', 'ended', 'rejected', 'expired', 'canceled')),
	CONSTRAINT "calls_outcome" CHECK ("calls"."outcome" in ('completed', 'no_answer', 'busy', 'failed', 'canceled', 'voicemail', 'unspecified')),
	CONSTRAINT "calls_ended_has_outcome" CHECK (("calls"."status" = 'ended') = ("calls"."outcome" is not null)),
	CONSTRAINT "calls_ended_at" CHECK (("calls"."status" = 'ended') = ("calls"."ended_at" is not null)),
	CONSTRAINT "calls_reason" CHECK ("calls"."reason" is not null or "calls"."status" not in ('skipped', 'held', 'unknown', 'review', 'rejected', 'expired', 'canceled')),
	CONSTRAINT "calls_dialable" CHECK ("calls"."status" in ('skipped', 'held', 'canceled', 'expired') or ("calls"."line" is not null and "calls"."number" is not null and "calls"."about" is not null and "calls"."due_at" is not null)),
	CONSTRAINT "calls_number_e164" CHECK ("calls"."number" ~ '^\+[1-9][0-9]{6,14}$'),
	CONSTRAINT "calls_lease" CHECK ("calls"."status" <> 'dialing' or ("calls"."lease_until" is not null and "calls"."claim_seq" is not null)),
	CONSTRAINT "calls_placed" CHECK ("calls"."status" not in ('placed', 'ended') or ("calls"."placed_at" is not null and ("calls"."conversation_uuid" is not null or "calls"."mihu_id" is not null))),
	CONSTRAINT "calls_try" CHECK ("calls"."try" >= 1 and ("calls"."try" = 1) = ("calls"."again_of" is null))
);
--> statement-breakpoint
CREATE TABLE "entries" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "entries_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"tx" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"subject" text NOT NULL,
	"subject_id" text NOT NULL,
	"action" text NOT NULL,
	"actor" text NOT NULL,
	"reason" text,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"source" text NOT NULL,
	"dedupe_key" text NOT NULL,
	"external_id" text,
	"type" text NOT NULL,
	"occurred_at" timestamp with time zone,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"nth" integer DEFAULT 0 NOT NULL,
	"order_number" text,
	"order_number_key" text,
	"record_type" text,
	"record_id" text,
	"headers" jsonb NOT NULL,
	"body" text NOT NULL,
	"body_hash" text NOT NULL,
	"conflicts" integer DEFAULT 0 NOT NULL,
	"state" text DEFAULT 'unplanned' NOT NULL,
	"reason" text,
	"detail" jsonb,
	"planned_at" timestamp with time zone,
	CONSTRAINT "events_once" UNIQUE("source","dedupe_key"),
	CONSTRAINT "events_state" CHECK ("events"."state" in ('unplanned', 'planned', 'ignored')),
	CONSTRAINT "events_ignored_has_reason" CHECK (("events"."state" = 'ignored') = ("events"."reason" is not null)),
	CONSTRAINT "events_planned_at" CHECK (("events"."state" = 'unplanned') = ("events"."planned_at" is null))
);
--> statement-breakpoint
CREATE TABLE "lines" (
	"slug" text PRIMARY KEY NOT NULL,
	"agent" text NOT NULL,
	"calls_per_minute" integer NOT NULL,
	"calls_at_once" integer NOT NULL,
	"calls_per_day" integer NOT NULL,
	"countries" text[],
	"hours" jsonb,
	"version" bigint DEFAULT 1 NOT NULL,
	"claim_seq" bigint DEFAULT 0 NOT NULL,
	"day" text,
	"day_calls" integer DEFAULT 0 NOT NULL,
	"paused_at" timestamp with time zone,
	"pause_reason" text,
	"pause_detail" text,
	"not_before" timestamp with time zone,
	"webhook_key_hash" text,
	"webhook_secret" text,
	"webhook_settings" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "lines_pace" CHECK ("lines"."calls_per_minute" > 0 and "lines"."calls_at_once" > 0 and "lines"."calls_per_day" >= 0),
	CONSTRAINT "lines_paused_has_reason" CHECK (("lines"."paused_at" is null) = ("lines"."pause_reason" is null))
);
--> statement-breakpoint
CREATE TABLE "once" (
	"source" text NOT NULL,
	"rule" text NOT NULL,
	"key" text NOT NULL,
	"event_id" uuid NOT NULL,
	"until" timestamp with time zone NOT NULL,
	CONSTRAINT "once_source_rule_key_pk" PRIMARY KEY("source","rule","key")
);
--> statement-breakpoint
CREATE TABLE "rejections" (
	"id" uuid PRIMARY KEY NOT NULL,
	"source" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"code" text NOT NULL,
	"detail" text NOT NULL,
	"headers" jsonb NOT NULL,
	"body_bytes" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rules" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"source" text NOT NULL,
	"name" text NOT NULL,
	"version" integer NOT NULL,
	"position" integer NOT NULL,
	"definition" jsonb NOT NULL,
	"current" boolean NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" text NOT NULL,
	CONSTRAINT "rules_each_version_once" UNIQUE("source","name","version")
);
--> statement-breakpoint
CREATE TABLE "secrets" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"source" text NOT NULL,
	"env" text,
	"sealed" text NOT NULL,
	"kid" text NOT NULL,
	"fingerprint" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"retired_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"hash" text PRIMARY KEY NOT NULL,
	"jti" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "slots" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "slots_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"line" text NOT NULL,
	"until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sources" (
	"slug" text PRIMARY KEY NOT NULL,
	"preset" text NOT NULL,
	"tenant" text,
	"country" text,
	"zone" text,
	"settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"order_number" text,
	"record_type" text,
	"record_id" text,
	"shards" integer DEFAULT 1 NOT NULL,
	"version" bigint DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "sources_shards" CHECK ("sources"."shards" between 1 and 16)
);
--> statement-breakpoint
CREATE TABLE "suppressions" (
	"number" text PRIMARY KEY NOT NULL,
	"reason" text NOT NULL,
	"until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tokens" (
	"jti" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"scopes" text[] NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" text,
	"expires_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "verdicts" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "verdicts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"call_id" uuid NOT NULL,
	"gate" text NOT NULL,
	"verdict" text NOT NULL,
	"inputs" jsonb NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "verdicts_verdict" CHECK ("verdicts"."verdict" in ('pass', 'stop'))
);
--> statement-breakpoint
ALTER TABLE "calls" ADD CONSTRAINT "calls_event_id_events_id_fk" FOREIGN KEY ("event_id") REFERENCES "public"."events"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "calls" ADD CONSTRAINT "calls_line_lines_slug_fk" FOREIGN KEY ("line") REFERENCES "public"."lines"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_source_sources_slug_fk" FOREIGN KEY ("source") REFERENCES "public"."sources"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rejections" ADD CONSTRAINT "rejections_source_sources_slug_fk" FOREIGN KEY ("source") REFERENCES "public"."sources"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rules" ADD CONSTRAINT "rules_source_sources_slug_fk" FOREIGN KEY ("source") REFERENCES "public"."sources"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "secrets" ADD CONSTRAINT "secrets_source_sources_slug_fk" FOREIGN KEY ("source") REFERENCES "public"."sources"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_jti_tokens_jti_fk" FOREIGN KEY ("jti") REFERENCES "public"."tokens"("jti") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slots" ADD CONSTRAINT "slots_line_lines_slug_fk" FOREIGN KEY ("line") REFERENCES "public"."lines"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "verdicts" ADD CONSTRAINT "verdicts_call_id_calls_id_fk" FOREIGN KEY ("call_id") REFERENCES "public"."calls"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "calls_number_once" ON "calls" USING btree ("number") WHERE "calls"."status" in ('dialing', 'unknown');--> statement-breakpoint
CREATE INDEX "calls_newest" ON "calls" USING btree ("created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "calls_by_order" ON "calls" USING btree ("order_number_key","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "calls_by_record" ON "calls" USING btree ("record_type","record_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "calls_by_number" ON "calls" USING btree ("number","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "calls_by_conversation" ON "calls" USING btree ("conversation_uuid");--> statement-breakpoint
CREATE INDEX "calls_by_status" ON "calls" USING btree ("status","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "calls_by_source" ON "calls" USING btree ("source","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "calls_by_rule" ON "calls" USING btree ("rule","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "calls_by_line" ON "calls" USING btree ("line","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "calls_due" ON "calls" USING btree ("line","due_at") WHERE "calls"."status" = 'queued';--> statement-breakpoint
CREATE INDEX "calls_pace" ON "calls" USING btree ("line","slot_until") WHERE "calls"."slot_until" is not null;--> statement-breakpoint
CREATE INDEX "calls_in_review" ON "calls" USING btree ("line","claimed_at") WHERE "calls"."status" = 'review';--> statement-breakpoint
CREATE INDEX "calls_in_flight" ON "calls" USING btree ("line","status") WHERE "calls"."status" in ('dialing', 'unknown');--> statement-breakpoint
CREATE INDEX "calls_placed" ON "calls" USING btree ("line","placed_at") WHERE "calls"."status" = 'placed';--> statement-breakpoint
CREATE INDEX "calls_going_on" ON "calls" USING btree ("number","placed_at") WHERE "calls"."status" = 'placed';--> statement-breakpoint
CREATE INDEX "calls_to_poll" ON "calls" USING btree ("line","poll_at") WHERE "calls"."status" = 'placed';--> statement-breakpoint
CREATE INDEX "entries_by_subject" ON "entries" USING btree ("subject","subject_id","id");--> statement-breakpoint
CREATE INDEX "entries_by_tx" ON "entries" USING btree ("tx","id");--> statement-breakpoint
CREATE INDEX "events_newest" ON "events" USING btree ("received_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "events_by_source" ON "events" USING btree ("source","received_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "events_by_order" ON "events" USING btree ("order_number_key","received_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "events_by_record" ON "events" USING btree ("record_type","record_id","received_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "events_unplanned" ON "events" USING btree ("source","received_at") WHERE "events"."state" = 'unplanned';--> statement-breakpoint
CREATE UNIQUE INDEX "lines_webhook_key" ON "lines" USING btree ("webhook_key_hash");--> statement-breakpoint
CREATE INDEX "rejections_newest" ON "rejections" USING btree ("source","at" DESC NULLS LAST);--> statement-breakpoint
CREATE UNIQUE INDEX "rules_one_current" ON "rules" USING btree ("source","name") WHERE "rules"."current";--> statement-breakpoint
CREATE UNIQUE INDEX "secrets_once_active" ON "secrets" USING btree ("source","fingerprint") WHERE "secrets"."retired_at" is null;--> statement-breakpoint
CREATE INDEX "slots_by_line" ON "slots" USING btree ("line","until");--> statement-breakpoint
CREATE INDEX "verdicts_by_call" ON "verdicts" USING btree ("call_id","id");