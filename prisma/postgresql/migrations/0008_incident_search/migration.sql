-- AlterTable
ALTER TABLE "incident" ADD COLUMN     "assignee" TEXT,
ADD COLUMN     "services" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "severity" INTEGER NOT NULL DEFAULT 3,
ADD COLUMN     "words" TEXT NOT NULL DEFAULT '';

-- CreateIndex
CREATE INDEX "incident_environment_assignee_startedAt_number_idx" ON "incident"("environment", "assignee", "startedAt", "number");

-- What was kept in the body only. Symptoms are found by service and thing; all their words come with the next change of an incident.
UPDATE "incident" SET
    "severity" = ("body"::json->>'severity')::int,
    "assignee" = "body"::json->>'assignee',
    "services" = lower(coalesce((SELECT E'\n' || string_agg("value", E'\n') || E'\n' FROM json_array_elements_text("body"::json->'services') AS "one"("value")), '')),
    "words" = lower('#' || "number" || E'\n' || ("body"::json->>'title') || E'\n' || coalesce("body"::json->>'assignee', '') || E'\n'
        || coalesce((SELECT string_agg("value", E'\n') FROM json_array_elements_text("body"::json->'services') AS "one"("value")), '') || E'\n'
        || coalesce((SELECT string_agg(("value"->>'service') || ' ' || coalesce(("value"->'resource'->>'kind') || ' ' || ("value"->'resource'->>'name'), ''), E'\n') FROM json_array_elements("body"::json->'symptoms') AS "one"("value")), ''));

-- Signs that mean something to a search are kept as signs of nobody's.
UPDATE "incident" SET
    "services" = replace(replace(replace("services", '%', chr(57344)), '_', chr(57345)), '\', chr(57346)),
    "words" = replace(replace(replace("words", '%', chr(57344)), '_', chr(57345)), '\', chr(57346));
