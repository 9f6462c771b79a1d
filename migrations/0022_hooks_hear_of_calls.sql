CREATE TABLE "deliveries" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"hook" uuid NOT NULL,
	"entry" bigint,
	"call" uuid,
	"type" text NOT NULL,
	"body" text,
	"personal" boolean NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"reason" text,
	"tries" integer DEFAULT 0 NOT NULL,
	"tries_before" integer DEFAULT 0 NOT NULL,
	"next_at" timestamp with time zone,
	"lease_until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"done_at" timestamp with time zone,
	CONSTRAINT "deliveries_once" UNIQUE("hook","entry"),
	CONSTRAINT "deliveries_state" CHECK ("deliveries"."state" in ('pending', 'delivered', 'given_up', 'missed')),
	CONSTRAINT "deliveries_pending" CHECK (("deliveries"."state" = 'pending') = ("deliveries"."next_at" is not null)),
	CONSTRAINT "deliveries_leased" CHECK ("deliveries"."lease_until" is null or "deliveries"."state" = 'pending'),
	CONSTRAINT "deliveries_done" CHECK (("deliveries"."state" = 'pending') = ("deliveries"."done_at" is null))
);
--> statement-breakpoint
CREATE TABLE "delivery_tries" (
	"delivery" uuid NOT NULL,
	"nth" integer NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"ms" integer NOT NULL,
	"status" integer,
	"error" text,
	"answer" text,
	CONSTRAINT "delivery_tries_delivery_nth_pk" PRIMARY KEY("delivery","nth")
);
--> statement-breakpoint
CREATE TABLE "hooks" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"owner" text NOT NULL,
	"target_url" text NOT NULL,
	"format" text NOT NULL,
	"events" text[] NOT NULL,
	"condition" text,
	"payload" text NOT NULL,
	"condition_error" text,
	"condition_error_at" timestamp with time zone,
	"header_names" text[] DEFAULT '{}' NOT NULL,
	"description" text,
	"sealed" text NOT NULL,
	"former_until" timestamp with time zone,
	"state" text DEFAULT 'active' NOT NULL,
	"state_reason" text,
	"state_detail" text,
	"state_since" timestamp with time zone DEFAULT now() NOT NULL,
	"failing_since" timestamp with time zone,
	"not_before" timestamp with time zone,
	"told_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "hooks_once" UNIQUE("owner","target_url"),
	CONSTRAINT "hooks_format" CHECK ("hooks"."format" in ('webhook', 'slack', 'email')),
	CONSTRAINT "hooks_payload" CHECK ("hooks"."payload" in ('full', 'full_with_pii', 'thin')),
	CONSTRAINT "hooks_state" CHECK ("hooks"."state" in ('active', 'paused', 'disabled')),
	CONSTRAINT "hooks_state_reason" CHECK (("hooks"."state" = 'active') = ("hooks"."state_reason" is null))
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"tx" "xid8" NOT NULL,
	"entry" bigint NOT NULL,
	"version" bigint DEFAULT 1 NOT NULL,
	CONSTRAINT "outbox_one" CHECK ("outbox"."id")
);
--> statement-breakpoint
CREATE TABLE "tasks" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"kind" text NOT NULL,
	"about" jsonb NOT NULL,
	"actor" text NOT NULL,
	"reason" text,
	"state" text DEFAULT 'running' NOT NULL,
	"total" integer NOT NULL,
	"done" integer DEFAULT 0 NOT NULL,
	"mark" text,
	"detail" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "tasks_state" CHECK ("tasks"."state" in ('running', 'done', 'failed')),
	CONSTRAINT "tasks_ended" CHECK (("tasks"."state" = 'running') = ("tasks"."ended_at" is null))
);
--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_hook_hooks_id_fk" FOREIGN KEY ("hook") REFERENCES "public"."hooks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "delivery_tries" ADD CONSTRAINT "delivery_tries_delivery_deliveries_id_fk" FOREIGN KEY ("delivery") REFERENCES "public"."deliveries"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "deliveries_due" ON "deliveries" USING btree ("hook","next_at","entry") WHERE "deliveries"."state" = 'pending';--> statement-breakpoint
CREATE INDEX "deliveries_in_turn" ON "deliveries" USING btree ("hook","call","entry") WHERE "deliveries"."state" = 'pending';--> statement-breakpoint
CREATE INDEX "deliveries_leased" ON "deliveries" USING btree ("hook","lease_until") WHERE "deliveries"."lease_until" is not null;--> statement-breakpoint
CREATE INDEX "deliveries_of_hook" ON "deliveries" USING btree ("hook","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "deliveries_of_call" ON "deliveries" USING btree ("call") WHERE "deliveries"."call" is not null;--> statement-breakpoint
CREATE INDEX "deliveries_oldest" ON "deliveries" USING btree ("done_at") WHERE "deliveries"."done_at" is not null;--> statement-breakpoint
CREATE INDEX "tasks_newest" ON "tasks" USING btree ("created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "tasks_running" ON "tasks" USING btree ("created_at") WHERE "tasks"."state" = 'running';--> statement-breakpoint
CREATE INDEX "tokens_by_name" ON "tokens" USING btree ("name","expires_at");