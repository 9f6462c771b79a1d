CREATE TABLE "task_items" (
	"task" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"item" uuid NOT NULL,
	CONSTRAINT "task_items_task_at_item_pk" PRIMARY KEY("task","at","item")
);
--> statement-breakpoint
ALTER TABLE "tasks" DROP CONSTRAINT "tasks_state";--> statement-breakpoint
ALTER TABLE "tasks" DROP CONSTRAINT "tasks_ended";--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "token" uuid;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "needs" text[];--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "search" jsonb;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "more" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "refused" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "unconfirmed" jsonb;--> statement-breakpoint
ALTER TABLE "task_items" ADD CONSTRAINT "task_items_task_tasks_id_fk" FOREIGN KEY ("task") REFERENCES "public"."tasks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_state" CHECK ("tasks"."state" in ('running', 'done', 'failed', 'canceled', 'stopped', 'stepping'));--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_ended" CHECK (("tasks"."state" in ('running', 'stepping')) = ("tasks"."ended_at" is null));