-- A copy of a database writes to nobody until an administrator starts the scenarios again.
INSERT INTO nurture_scenario_pause (scenario_id, company_id, state, reason, started_at)
SELECT id, company_id, 'open', 'This is a copy of a database.', now() AT TIME ZONE 'UTC'
  FROM nurture_scenario WHERE state = 'running';
UPDATE nurture_scenario
   SET state = 'paused', pause_reason = 'This is a copy of a database. Start the scenario again if it shall run here.'
 WHERE state = 'running';

-- A copy calls nobody: no host may be called.
UPDATE ir_config_parameter SET value = '' WHERE key = 'lead_nurture.webhook_hosts';
