-- A flip becomes one kind of change among others: its switch and position move into the columns that all kinds share.
DROP INDEX "flip_environment_switchKey_revision_idx";
DROP INDEX "flip_environment_switchKey_endRevision_idx";
ALTER TABLE "flip" RENAME COLUMN "switchKey" TO "key";
ALTER TABLE "flip" RENAME COLUMN "position" TO "body";
UPDATE "flip" SET "body" = json_build_object('position', "body")::text;
ALTER TABLE "flip" ADD COLUMN "kind" TEXT NOT NULL DEFAULT 'switch', ADD COLUMN "policy" TEXT;
CREATE INDEX "flip_environment_key_revision_idx" ON "flip"("environment", "key", "revision");
CREATE INDEX "flip_environment_key_endRevision_idx" ON "flip"("environment", "key", "endRevision");

-- Policies that an instance declares.
ALTER TABLE "instance" ADD COLUMN "policies" TEXT NOT NULL DEFAULT '[]';
