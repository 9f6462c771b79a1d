CREATE TABLE "gaps" (
	"code" text NOT NULL,
	"subject_id" text NOT NULL,
	"found_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "gaps_code_subject_id_pk" PRIMARY KEY("code","subject_id")
);
--> statement-breakpoint
CREATE TABLE "heads" (
	"position" bigint PRIMARY KEY NOT NULL,
	"hash" "bytea" NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"kid" text NOT NULL,
	"jws" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "links" (
	"position" bigint PRIMARY KEY NOT NULL,
	"entry_id" bigint NOT NULL,
	"hash" "bytea" NOT NULL,
	CONSTRAINT "links_each_entry_once" UNIQUE("entry_id"),
	CONSTRAINT "links_position" CHECK ("links"."position" > 0),
	CONSTRAINT "links_hash" CHECK (octet_length("links"."hash") = 32)
);
--> statement-breakpoint
CREATE TABLE "reports" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "reports_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"line" text NOT NULL,
	"key" text NOT NULL,
	"event" text NOT NULL,
	"conversation_uuid" text,
	"mihu_id" text,
	"body" text NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	CONSTRAINT "reports_once" UNIQUE("line","key")
);
--> statement-breakpoint
CREATE TABLE "sweeps" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"events_at" timestamp with time zone,
	"events_id" uuid,
	"calls_at" timestamp with time zone,
	"calls_id" uuid,
	CONSTRAINT "sweeps_one" CHECK ("sweeps"."one")
);
--> statement-breakpoint
CREATE TABLE "withdrawals" (
	"source" text NOT NULL,
	"rule" text NOT NULL,
	"record_type" text NOT NULL,
	"record_id" text NOT NULL,
	"event_id" uuid NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"occurred_at" timestamp with time zone,
	CONSTRAINT "withdrawals_source_rule_record_type_record_id_pk" PRIMARY KEY("source","rule","record_type","record_id")
);
--> statement-breakpoint
ALTER TABLE "calls" DROP CONSTRAINT "calls_dialable";--> statement-breakpoint
ALTER TABLE "calls" ADD COLUMN "salt" text;--> statement-breakpoint
ALTER TABLE "calls" ADD COLUMN "content" text;--> statement-breakpoint
ALTER TABLE "calls" ADD COLUMN "claimed_by" text;--> statement-breakpoint
ALTER TABLE "calls" ADD COLUMN "again_stopped" text;--> statement-breakpoint
ALTER TABLE "calls" ADD COLUMN "erased_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "body_key" uuid;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "conflict_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "erased_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "lines" ADD COLUMN "day_told" text;--> statement-breakpoint
ALTER TABLE "lines" ADD COLUMN "day_told_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "lines" ADD COLUMN "pause_claim_seq" bigint;--> statement-breakpoint
ALTER TABLE "lines" ADD COLUMN "webhook_next_key_hash" text;--> statement-breakpoint
ALTER TABLE "lines" ADD COLUMN "webhook_next_secret" text;--> statement-breakpoint
ALTER TABLE "lines" ADD COLUMN "agent_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sources" ADD COLUMN "disconnected_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "suppressions" ADD COLUMN "mark" text;--> statement-breakpoint
ALTER TABLE "suppressions" ADD COLUMN "salt" text;--> statement-breakpoint
ALTER TABLE "reports" ADD CONSTRAINT "reports_line_lines_slug_fk" FOREIGN KEY ("line") REFERENCES "public"."lines"("slug") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "reports_by_conversation" ON "reports" USING btree ("conversation_uuid","id") WHERE "reports"."conversation_uuid" is not null;--> statement-breakpoint
CREATE INDEX "reports_oldest" ON "reports" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "withdrawals_oldest" ON "withdrawals" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "calls_closing" ON "calls" USING btree ("line","closes_at") WHERE "calls"."status" = 'queued' and "calls"."closes_at" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "events_body_once" ON "events" USING btree ("body_key") WHERE "events"."body_key" is not null;--> statement-breakpoint
CREATE INDEX "events_in_conflict" ON "events" USING btree ("conflict_at" DESC NULLS LAST,"id" DESC NULLS LAST) WHERE "events"."conflict_at" is not null;--> statement-breakpoint
CREATE INDEX "once_by_event" ON "once" USING btree ("event_id");--> statement-breakpoint
ALTER TABLE "calls" ADD CONSTRAINT "calls_erased" CHECK ("calls"."erased_at" is null or ("calls"."status" in ('skipped', 'ended', 'rejected', 'expired', 'canceled') and num_nonnulls("calls"."number", "calls"."about", "calls"."prompt", "calls"."greeting", "calls"."salt", "calls"."summary", "calls"."recording_url", "calls"."record_url", "calls"."listen_url", "calls"."contact_uuid", "calls"."detail") = 0));--> statement-breakpoint
ALTER TABLE "calls" ADD CONSTRAINT "calls_again_stopped" CHECK ("calls"."again_stopped" in ('withdrawn', 'canceled'));--> statement-breakpoint
ALTER TABLE "calls" ADD CONSTRAINT "calls_dialable" CHECK ("calls"."status" in ('skipped', 'held', 'canceled', 'expired') or "calls"."erased_at" is not null or ("calls"."line" is not null and "calls"."number" is not null and "calls"."about" is not null and "calls"."due_at" is not null));--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_erased" CHECK ("events"."erased_at" is null or ("events"."state" <> 'unplanned' and "events"."body" = '{}' and "events"."body_hash" = '' and "events"."body_key" is null and "events"."external_id" is null and "events"."detail" is null));