-- A copy of a database writes to nobody until an administrator starts the scenarios again.
UPDATE nurture_scenario
   SET state = 'paused', pause_reason = 'This is a copy of a database. Start the scenario again if it shall run here.'
 WHERE state = 'running';
