ALTER TABLE "sweeps" ADD COLUMN "compared_to" uuid;--> statement-breakpoint
ALTER TABLE "sweeps" ADD COLUMN "links_to" bigint;--> statement-breakpoint
ALTER TABLE "secrets" ADD COLUMN "rotated" boolean DEFAULT false NOT NULL;