-- AlterTable
ALTER TABLE "incident" ADD COLUMN "severity" INTEGER NOT NULL DEFAULT 3;
ALTER TABLE "incident" ADD COLUMN "assignee" TEXT;
ALTER TABLE "incident" ADD COLUMN "services" TEXT NOT NULL DEFAULT '';
ALTER TABLE "incident" ADD COLUMN "words" TEXT NOT NULL DEFAULT '';

-- CreateIndex
CREATE INDEX "incident_environment_assignee_startedAt_number_idx" ON "incident"("environment", "assignee", "startedAt", "number");

-- What was kept in the body only. Symptoms are found by service and thing; all their words come with the next change of an incident.
UPDATE "incident" SET
    "severity" = json_extract("body", '$.severity'),
    "assignee" = json_extract("body", '$.assignee'),
    "services" = lower(coalesce((SELECT char(10) || group_concat("value", char(10)) || char(10) FROM json_each("body", '$.services')), '')),
    "words" = lower('#' || "number" || char(10) || json_extract("body", '$.title') || char(10) || coalesce(json_extract("body", '$.assignee'), '') || char(10)
        || coalesce((SELECT group_concat("value", char(10)) FROM json_each("body", '$.services')), '') || char(10)
        || coalesce((SELECT group_concat(json_extract("value", '$.service') || ' ' || coalesce(json_extract("value", '$.resource.kind') || ' ' || json_extract("value", '$.resource.name'), ''), char(10)) FROM json_each("body", '$.symptoms')), ''));

-- Signs that mean something to a search are kept as signs of nobody's.
UPDATE "incident" SET
    "services" = replace(replace(replace("services", '%', char(57344)), '_', char(57345)), '\', char(57346)),
    "words" = replace(replace(replace("words", '%', char(57344)), '_', char(57345)), '\', char(57346));
