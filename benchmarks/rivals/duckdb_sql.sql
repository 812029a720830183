-- The tables of the game in DuckDB's SQL, tuned for two cores and for more rows than memory holds.
-- What the tuning found: row numbers and lags are cheap, running aggregates are not (with FILTER ruinous); a GROUP BY
-- with the minimum of a packed HUGEINT beats a window over (agent, task); runs are found by the distance of the rows
-- that end them; who leads is looked for only on days on which somebody can have come to lead.

-- The order of submissions, as one number, and back.
CREATE MACRO place(t, submission) AS epoch_us(t)::HUGEINT << 63 | submission;
CREATE MACRO submission_at(place) AS (place & 9223372036854775807)::BIGINT;

-- Records that a later one replaces. They are few, and looked for in three columns only.
CREATE TABLE replaced AS
SELECT event
FROM read_parquet(getvariable('records')) AS records SEMI JOIN read_parquet(getvariable('revised')) USING (submission)
QUALIFY row_number() OVER (PARTITION BY submission ORDER BY "at" DESC, event DESC) > 1;

-- The records in force, without the void: one row a submission. `extra` holds what a solve is worth besides its task:
-- whether it was fast (1), whether something was found (2), and the points of an insight (times 4).
CREATE TABLE tries AS
SELECT agent, task, submitted_at AS t, submission, verdict,
    coalesce(epoch_us(submitted_at) - epoch_us(claimed_at) <= getvariable('fast_us'), false)::INTEGER
        + 2 * coalesce(found, false)::INTEGER
        + 4 * least(greatest(coalesce(awarded_points, 0), getvariable('insight_least')), getvariable('insight_most'))
        AS extra
FROM read_parquet(getvariable('records')) ANTI JOIN replaced USING (event) WHERE verdict <> getvariable('void');

-- Who is seen at all.
CREATE TABLE agents AS SELECT DISTINCT agent FROM tries;

-- Completed tasks: of each agent and task the first verified try.
CREATE TABLE solves AS
SELECT agent, task, min(place(t, submission)) AS solved, arg_min(extra, place(t, submission)) AS extra
FROM tries WHERE verdict = getvariable('verified') GROUP BY ALL;

-- Rejections that count, and pending tries that could: those before the agent's solve of the task.
CREATE TABLE unsolved AS
SELECT agent, t, submission, verdict = getvariable('rejected') AS is_rejected
FROM tries LEFT JOIN solves USING (agent, task)
WHERE verdict <> getvariable('verified') AND (solved IS NULL OR place(t, submission) < solved);

-- The tasks, with what a solve of each earns by itself, and its first solver. Before a first solve nobody has solved
-- the task, so that whatever of it is pending by then could still count.
CREATE TABLE known_tasks AS
WITH tasks AS (
    SELECT file_row_number AS task, problem, task_type, points,
        greatest(getvariable('counterexample_least'), counterexample_points) AS counterexample_points,
        getvariable('least_by_difficulty')[difficulty + 1] AS least,
        getvariable('most_by_difficulty')[difficulty + 1] AS most
    FROM read_parquet(getvariable('tasks'), file_row_number = true)
), firsts AS (
    SELECT task, min(solved) AS solved FROM solves GROUP BY task
), waits AS (
    SELECT task, min(place(t, submission)) AS waiting FROM tries WHERE verdict = getvariable('pending') GROUP BY task
)
SELECT task::UINTEGER AS task, problem, task_type = getvariable('pattern') AS is_pattern,
    least(greatest(coalesce(points, least), least), most)::SMALLINT AS task_points,
    CASE WHEN task_type = getvariable('search') THEN counterexample_points END::INTEGER AS counterexample_points,
    submission_at(solved) AS first_submission, coalesce(waiting < solved, false) AS is_waited_for
FROM tasks LEFT JOIN firsts USING (task) LEFT JOIN waits USING (task);

DROP TABLE tries;

-- Completed tasks, numbered by agent (n), with what each rule gives (null: nothing).
CREATE TABLE completed AS
WITH awarded AS (
    SELECT agent, task, make_timestamp((solved >> 63)::BIGINT) AS t, submission_at(solved) AS submission, problem,
        extra & 1 = 1 AS is_fast, is_pattern, is_waited_for,
        if(is_pattern, extra >> 2, task_points)::SMALLINT AS own_points,
        CASE WHEN extra & 2 = 2 THEN counterexample_points END AS counterexample_points,
        submission = first_submission AS is_first
    FROM solves JOIN known_tasks USING (task)
)
SELECT *, own_points + coalesce(counterexample_points, 0)
        + CASE WHEN is_first THEN getvariable('first_solver_points') ELSE 0 END AS points,
    (row_number() OVER in_order)::UINTEGER AS n, lag(problem) OVER in_order IS DISTINCT FROM problem AS is_change,
    epoch_us(t) - epoch_us(lag(t, getvariable('on_fire_tasks') - 1) OVER in_order)
        <= getvariable('on_fire_us') AS is_on_fire
FROM awarded WINDOW in_order AS (PARTITION BY agent ORDER BY t, submission);

DROP TABLE solves;

-- Agents by day, without perfect days.
CREATE TABLE worked_days AS
WITH work AS (
    SELECT agent, t, 1 AS completed, 0 AS rejected, points FROM completed
    UNION ALL
    SELECT agent, t, 0, 1, 0 FROM unsolved WHERE is_rejected
)
SELECT agent, t::DATE AS day, sum(completed)::INTEGER AS tasks_completed, sum(rejected)::INTEGER AS rejected,
    sum(points)::INTEGER AS points, max(t) AS last_at
FROM work GROUP BY ALL;

-- Perfect days, with the last completed submission of each.
CREATE TABLE perfect_days AS
WITH perfect AS (
    SELECT agent, day, day + INTERVAL 1 DAY - INTERVAL 1 MICROSECOND AS earned_at FROM worked_days
    WHERE tasks_completed >= getvariable('perfect_day_tasks') AND rejected = 0
        AND earned_at <= getvariable('as_of')::TIMESTAMP
), lasts AS (
    SELECT agent, day, max_by(submission, n) AS submission
    FROM (SELECT agent, t::DATE AS day, submission, n FROM completed) JOIN perfect USING (agent, day) GROUP BY ALL
), waited AS (
    SELECT DISTINCT agent, t::DATE AS day, true AS is_waited_for FROM unsolved WHERE NOT is_rejected
)
SELECT agent, day, earned_at, submission, getvariable('perfect_day_points') AS points,
    coalesce(is_waited_for, false) AS is_provisional
FROM perfect JOIN lasts USING (agent, day) LEFT JOIN waited USING (agent, day);

-- points_ledger: one row an award.
CREATE VIEW points_ledger AS
SELECT agent, task, submission,
    if(is_pattern, getvariable('pattern_insight'), getvariable('task'))::UTINYINT AS rule, own_points AS points,
    t AS earned_at, false AS is_provisional
FROM completed
UNION ALL
SELECT agent, task, submission, getvariable('counterexample'), counterexample_points, t, false
FROM completed WHERE counterexample_points IS NOT NULL
UNION ALL
SELECT agent, task, submission, getvariable('first_solver'), getvariable('first_solver_points'), t, is_waited_for
FROM completed WHERE is_first
UNION ALL
SELECT agent, NULL, submission, getvariable('perfect_day'), points, earned_at, is_provisional FROM perfect_days;

-- agent_days: one row an agent and day with a counted submission; a day with an award has one.
CREATE TABLE agent_days AS
SELECT agent, day, tasks_completed, rejected, worked_days.points + coalesce(perfect_days.points, 0) AS points
FROM worked_days LEFT JOIN perfect_days USING (agent, day);

-- agent_stats: one row an agent with a counted submission.
CREATE TABLE agent_stats AS
SELECT agent, sum(worked_days.points + coalesce(perfect_days.points, 0))::BIGINT AS points,
    sum(tasks_completed)::INTEGER AS tasks_completed, sum(tasks_completed + rejected)::INTEGER AS attempts,
    max(coalesce(earned_at, last_at)) AS last_active_at
FROM worked_days LEFT JOIN perfect_days USING (agent, day) GROUP BY agent;

-- Counted submissions, numbered by agent (n).
CREATE TABLE attempts AS
WITH counted AS (
    SELECT agent, t, submission, false AS is_rejected FROM completed
    UNION ALL
    SELECT agent, t, submission, is_rejected FROM unsolved WHERE is_rejected
)
SELECT *, (row_number() OVER (PARTITION BY agent ORDER BY t, submission))::INTEGER AS n FROM counted;

DROP TABLE unsolved;

-- Stretches of attempts of an agent between rejections: `rejected` so far, the first and the last attempt of the
-- stretch, of which the first is the rejection itself (but for that before any).
CREATE TABLE stretches AS
WITH rejections AS (
    SELECT agent, n, row_number() OVER in_order AS rejected, lead(n) OVER in_order AS next_n
    FROM attempts WHERE is_rejected WINDOW in_order AS (PARTITION BY agent ORDER BY n)
), ends AS (
    SELECT agent, n, rejected, next_n FROM rejections
    UNION ALL
    SELECT agent, 0, 0, (SELECT min(n) FROM rejections WHERE rejections.agent = agent_stats.agent) FROM agent_stats
)
SELECT agent, rejected, n AS first_n, coalesce(next_n - 1, attempts) AS last_n
FROM ends JOIN agent_stats USING (agent);

-- streaks: one row an agent that is seen. A run of days: dates that rise as fast as their numbers.
CREATE TABLE streaks AS
WITH accuracy AS (
    SELECT agent, max_by(last_n - first_n, rejected) AS accuracy_current, max(last_n - first_n) AS accuracy_best
    FROM stretches GROUP BY agent
), daily_runs AS (
    SELECT agent, count(*) AS length, max(day) AS last_on
    FROM (
        SELECT agent, day, day - (row_number() OVER (PARTITION BY agent ORDER BY day))::INTEGER AS run
        FROM worked_days WHERE tasks_completed > 0
    ) GROUP BY agent, run
), daily AS (
    SELECT agent, max(length) AS daily_best, max(last_on) AS daily_last_on,
        if(daily_last_on >= getvariable('as_of')::DATE - 1, max_by(length, last_on), 0) AS daily_current
    FROM daily_runs GROUP BY agent
), changes AS (
    SELECT agent, problem, n, lead(n) OVER (PARTITION BY agent ORDER BY n) AS next_n FROM completed WHERE is_change
), problem_runs AS (
    SELECT agent, problem, n, coalesce(next_n, tasks_completed + 1) - n AS length
    FROM changes JOIN agent_stats USING (agent)
), problems AS (
    SELECT agent, max_by(problem, n) AS problem_current, max_by(length, n) AS problem_current_length,
        max_by(problem, length::BIGINT << 32 | (~n & 4294967295::UINTEGER)) AS problem_best,
        max(length) AS problem_best_length
    FROM problem_runs GROUP BY agent
)
SELECT agent, coalesce(daily_current, 0) AS daily_current, coalesce(daily_best, 0) AS daily_best, daily_last_on,
    coalesce(accuracy_current, 0) AS accuracy_current, coalesce(accuracy_best, 0) AS accuracy_best, problem_current,
    coalesce(problem_current_length, 0) AS problem_current_length, problem_best,
    coalesce(problem_best_length, 0) AS problem_best_length
FROM agents LEFT JOIN accuracy USING (agent) LEFT JOIN daily USING (agent) LEFT JOIN problems USING (agent);

-- Badges that a completed task earns, by its number.
CREATE TABLE reached AS
WITH firsts AS (
    SELECT agent, min(n) FILTER (is_first) AS first_blood, min(n) FILTER (is_on_fire) AS on_fire,
        min(n, getvariable('master_tasks')) FILTER (problem = getvariable('erdos_straus')) AS erdos_straus,
        min(n, getvariable('master_tasks')) FILTER (problem = getvariable('collatz')) AS collatz,
        min(n) FILTER (counterexample_points IS NOT NULL) AS counterexample_hunter,
        min(n) FILTER (is_fast) AS speed_demon, min(n) FILTER (is_pattern) AS scholar, max(n) AS last_n
    FROM completed GROUP BY agent
), listed AS (
    SELECT agent, unnest([
        {badge: getvariable('first_blood'), n: first_blood},
        {badge: getvariable('on_fire'), n: on_fire},
        {badge: getvariable('erdos_straus_master'), n: erdos_straus[getvariable('master_tasks')]},
        {badge: getvariable('collatz_crawler'), n: collatz[getvariable('master_tasks')]},
        {badge: getvariable('counterexample_hunter'), n: counterexample_hunter},
        {badge: getvariable('speed_demon'), n: speed_demon},
        {badge: getvariable('scholar'), n: scholar},
        {badge: getvariable('rising_star'),
            n: if(last_n >= getvariable('rising_tasks'), getvariable('rising_tasks'), NULL)}
    ], recursive := true)
    FROM firsts
)
SELECT agent, badge, t AS earned_at, submission FROM completed JOIN listed USING (agent, n);

-- Sharpshooter: in a stretch accuracy rises with every attempt, so that the first one enough is found by division.
CREATE TABLE sharpshooters AS
WITH sharp AS (
    SELECT agent, greatest(first_n, getvariable('sharp_attempts'),
        ceil(100 * rejected / (100 - getvariable('sharp_percent'))))::INTEGER AS n, last_n
    FROM stretches
), earliest AS (
    SELECT agent, min(n) AS n FROM sharp WHERE n <= last_n GROUP BY agent
)
SELECT agent, t AS earned_at, submission FROM attempts JOIN earliest USING (agent, n);

-- Champion. Totals never fall: whoever comes to lead has then more than anybody had at the end of any day before.
-- Only such days of such agents are looked at award by award.
CREATE TABLE champions AS
WITH totals AS (
    SELECT agent, day, points, sum(points) OVER (PARTITION BY agent ORDER BY day) AS total FROM agent_days
), heights AS (
    SELECT day, coalesce(max(best) OVER (ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS height
    FROM (SELECT day, max(total) AS best FROM totals GROUP BY day)
), near AS (
    SELECT agent, day, total - points AS before, height FROM totals JOIN heights USING (day) WHERE total > height
), awards AS (
    SELECT agent, t, submission, points, n FROM completed
    UNION ALL
    SELECT agent, earned_at, submission, points, 4294967295 FROM perfect_days
), instants AS (
    SELECT awards.agent, t, any_value(before) AS before, any_value(height) AS height, sum(awards.points) AS points,
        max_by(submission, n) AS submission
    FROM awards JOIN near ON near.agent = awards.agent AND near.day = t::DATE GROUP BY ALL
), climbs AS (
    SELECT agent, t, submission, height,
        before + sum(points) OVER (PARTITION BY agent, t::DATE ORDER BY t) AS total
    FROM instants
), tops AS (
    SELECT t, max(total) AS total, count(*) FILTER (total = top) AS n_alike, max_by(agent, total) AS agent,
        max_by(submission, total) AS submission
    FROM (SELECT *, max(total) OVER (PARTITION BY t) AS top FROM climbs WHERE total > height) GROUP BY t
), rises AS (
    SELECT *, coalesce(max(total) OVER (ORDER BY t ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
    FROM tops
)
SELECT agent, t AS earned_at, submission FROM rises WHERE total > before AND n_alike = 1
QUALIFY row_number() OVER (PARTITION BY agent ORDER BY t) = 1;

-- badges: one row a badge earned.
CREATE VIEW badges AS
SELECT agent, badge, earned_at, submission FROM reached
UNION ALL
SELECT agent, getvariable('sharpshooter'), earned_at, submission FROM sharpshooters
UNION ALL
SELECT agent, getvariable('champion'), earned_at, submission FROM champions;
