/** Rules of incidents: read, stored, and tried on what was. */
import { CONDITION_EVENTS, ConditionLog } from "../../core/incidents/conditions.ts";
import { groupRuns } from "../../core/incidents/grouping.ts";
import { incidentOf } from "../../core/incidents/incident.ts";
import { Paths } from "../../core/incidents/paths.ts";
import { BUILT_IN_RULES, rulesInForce } from "../../core/incidents/rules.ts";
import { isActive, runsOf } from "../../core/incidents/runs.ts";
import type { IncidentRule, IncidentRuleBody, RuleAnswer, TryAnswer } from "../../protocol/incident-rule-api.ts";
import type { Clock } from "../clock.ts";
import { ApiError } from "../errors.ts";
import type { HistoryReader } from "../history/history-reader.ts";
import type { NewEvent, Store } from "../store/store.ts";
import { ruleAudit } from "./incident-audit.ts";
import type { IncidentEngine } from "./incident-engine.ts";
import { readEvents } from "./read-events.ts";
import { storedReadings } from "./stored-readings.ts";

export interface RuleBookOptions {
  readonly store: Pick<Store, "listIncidentRules" | "putIncidentRule" | "deleteIncidentRule" | "listEvents" | "listInstances">;
  readonly history: Pick<HistoryReader, "series">;
  readonly engine: Pick<IncidentEngine, "rules" | "rulesChanged" | "edges" | "told">;
  readonly clock: Clock;
}

const EVENTS_MOST = 200_000;
const STEP_MS = 60_000;
const SHOWN_MOST = 100;
const DAY_MS = 86_400_000;

export class RuleBook {
  readonly #options: RuleBookOptions;

  constructor(options: RuleBookOptions) {
    this.#options = options;
  }

  /** Built-in ones first. */
  async list(environment: string): Promise<RuleAnswer[]> {
    const stored = await this.#options.store.listIncidentRules(environment);
    return rulesInForce(stored.map(({ updatedAt: _a, updatedBy: _b, ...rule }) => rule)).map((rule) => {
      const own = stored.find(({ id }) => id === rule.id);
      return { ...rule, builtIn: isBuiltIn(rule.id), updatedAt: own?.updatedAt ?? null, updatedBy: own?.updatedBy ?? null };
    });
  }

  async put(environment: string, rule: IncidentRule, actor: string): Promise<RuleAnswer> {
    const { store, engine, clock } = this.#options;
    const now = clock.now();
    const stored = { ...rule, updatedAt: now, updatedBy: actor };
    const before = engine.rules(environment).find(({ id }) => id === rule.id) ?? null;
    const event = ruleEvent(environment, "set", { rule, actor, now });
    engine.told(await store.putIncidentRule(environment, stored, { ...event, audit: ruleAudit(event, before, rule) }));
    await engine.rulesChanged(environment);
    return { ...stored, builtIn: isBuiltIn(rule.id) };
  }

  /** A built-in rule is as it was, then. @throws ApiError rule_unknown */
  async delete(environment: string, id: string, actor: string): Promise<void> {
    const { store, engine, clock } = this.#options;
    const rule = engine.rules(environment).find((candidate) => candidate.id === id);
    if (!rule) throw new ApiError("rule_unknown");
    const told = ruleEvent(environment, "deleted", { rule, actor, now: clock.now() });
    const builtIn = BUILT_IN_RULES.find((candidate) => candidate.id === id) ?? null;
    const event = await store.deleteIncidentRule(environment, id, { ...told, audit: ruleAudit(told, rule, builtIn) });
    if (!event) throw new ApiError("rule_unknown");
    engine.told(event);
    await engine.rulesChanged(environment);
  }

  /** What a rule would have opened; rates by the minute, so what is shorter may not show. */
  async try(
    environment: string,
    { rule: body, days, withOthers }: { readonly rule: IncidentRuleBody; readonly days: number; readonly withOthers: boolean },
  ): Promise<TryAnswer> {
    const { store, history, engine, clock } = this.#options;
    const now = clock.now();
    const from = now - days * DAY_MS;
    const rule: IncidentRule = { ...body, enabled: true, id: TRIED };
    const rules = [rule, ...(withOthers ? engine.rules(environment) : [])];
    const conditions = new ConditionLog();
    const read = { environment, kinds: CONDITION_EVENTS, since: from, until: now, most: EVENTS_MOST };
    let truncated = !(await readEvents(store, read, (event) => void conditions.add(event)));
    const rates = rules.some(({ trigger }) => trigger.on === "shed" || trigger.on === "error_budget");
    const known = rates ? await store.listInstances(environment) : [];
    const services = [...new Set(known.map(({ service }) => service))].filter(
      (service) => withOthers || rule.service === null || rule.service === service,
    );
    const stored = await storedReadings(history, { environment, services, from, to: now, stepMs: STEP_MS });
    truncated ||= stored.truncated;
    const runs = runsOf(rules, { conditions: conditions.all(), readings: stored.readings }, now);
    const edges = engine.edges(environment);
    const groups = groupRuns(runs, new Paths(edges)).filter((group) =>
      group.some((run) => run.rule.id === TRIED && run.span.openedAt !== null),
    );
    const incidents = groups.map((group) => {
      const {
        startedAt,
        detectedAt,
        title,
        severity,
        services: involved,
        symptoms,
      } = incidentOf("tried", environment, group, { edges, now });
      const over = !group.some((run) => isActive(run, now));
      const opened = group.filter(({ span }) => span.openedAt !== null);
      const end = Math.max(...opened.map(({ span }) => span.to ?? now));
      const phases = phasesOf(opened.map(({ span }) => [span.openedAt ?? span.from, span.to ?? now]));
      return {
        startedAt,
        detectedAt,
        resolvedAt: over ? end : null,
        title,
        severity,
        services: involved,
        symptoms: symptoms.length,
        reopened: phases.length - 1,
        openMinutes: phases.reduce((sum, [start, stop]) => sum + (stop - start) / 60_000, 0),
      };
    });
    return {
      from,
      to: now,
      incidents: incidents.slice(0, SHOWN_MOST),
      opened: incidents.length,
      openMinutes: incidents.reduce((sum, { openMinutes }) => sum + openMinutes, 0),
      truncated,
    };
  }
}

const TRIED = "(tried)";
const isBuiltIn = (id: string): boolean => BUILT_IN_RULES.some((rule) => rule.id === id);

/** What overlaps is one. */
function phasesOf(spans: [from: number, to: number][]): [from: number, to: number][] {
  const phases: [number, number][] = [];
  for (const [from, to] of spans.sort((a, b) => a[0] - b[0])) {
    const last = phases.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else phases.push([from, to]);
  }
  return phases;
}

function ruleEvent(
  environment: string,
  type: "set" | "deleted",
  { rule, actor, now }: { readonly rule: IncidentRule; readonly actor: string; readonly now: number },
): NewEvent {
  const { id, title, enabled, trigger } = rule;
  return {
    ...{ environment, at: now, receivedAt: now, type: `incident_rule.${type}`, service: null, instance: null, resource: null, actor },
    data: { rule: id, title, enabled, on: trigger.on },
  };
}
