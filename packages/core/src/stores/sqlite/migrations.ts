/**
 * What takes a database from each version to the next; the number in `user_version` is how many were applied. A
 * migration that was released is never changed: add one. Numbers that name something are `autoincrement`: that of a row
 * that was deleted is never given to another.
 */
export const migrations: readonly string[] = [
  `
  create table projects(id integer primary key autoincrement, name text not null unique);

  create table events(
    seq integer primary key autoincrement, project integer not null, at integer not null, id text not null,
    type text not null, source text not null, status text not null, dur integer not null,
    session text, agent text, user_id text, env text, provider text, model text,
    tokens_in integer, tokens_out integer, cost integer, cost_source text, duplicate_of text, more text,
    unique(project, at, id));

  create table calls(
    project integer not null, print text not null, event_id text not null, source text not null,
    start_at integer not null, end_at integer not null, first_id text not null,
    primary key(project, print, event_id)) without rowid;

  create table sessions(
    project integer not null, id text not null, state text not null,
    name text, agent text, user_id text, env text,
    first_at integer not null, last_at integer not null, started_at integer, ended_at integer, end_reason text,
    calls integer not null, errors integer not null, cost integer not null, unpriced integer not null, failure text,
    primary key(project, id)) without rowid;

  create table spend(
    project integer not null, budget text not null, scope text not null, period integer not null, epoch text not null,
    nano integer not null, unpriced integer not null,
    primary key(project, budget, scope, period, epoch)) without rowid;

  create table crossings(
    project integer not null, budget text not null, scope text not null, period integer not null, epoch text not null,
    threshold real not null, at integer not null,
    primary key(project, budget, scope, period, epoch, threshold)) without rowid;

  create table alerts(
    id integer primary key autoincrement, project integer not null, rule text not null, key text not null,
    kind text not null, severity text not null, state text not null, ends text not null, quiet_ms integer not null,
    message text not null, session text, opened_at integer not null, updated_at integer not null, resolved_at integer,
    count integer not null, facts text not null);
  create unique index alerts_open on alerts(project, rule, key) where state <> 'resolved';
  create index alerts_resolved on alerts(project, rule, key, resolved_at) where state = 'resolved' and ends <> 'at-once';

  create table destinations(
    id integer primary key autoincrement, channel text not null, person text not null, role text not null, address text not null,
    locale text not null, timezone text not null, route text not null, without text not null, fallback text not null,
    fallback_after_ms integer not null,
    unique(person, channel, address, route, role, locale, timezone, without, fallback, fallback_after_ms));

  create table deliveries(
    id integer primary key autoincrement, channel text not null, priority integer not null, due_at integer not null,
    fence integer not null, attempts integer not null, claimed_at integer, doubt_at integer, doubts integer not null,
    cost integer not null, result text, done_at integer, alert integer, items integer not null, batch_key text,
    project integer not null, destination integer not null, news text not null,
    created_at integer not null, expires_at integer not null, fallback_asked integer not null default 0);
  create index deliveries_due on deliveries(project, channel, priority, due_at) where done_at is null;
  create index deliveries_alert on deliveries(alert) where alert is not null;
  create unique index deliveries_batch on deliveries(project, batch_key) where batch_key is not null;

  create table fences(id integer primary key, last integer not null);
  insert into fences values(1, 0);

  create table batch_items(delivery integer not null, alert integer not null, primary key(delivery, alert)) without rowid;
  create index batch_items_alert on batch_items(alert);

  create table attempts(
    delivery integer not null, n integer not null, at integer not null, ms integer not null,
    outcome text not null, code text, detail text not null, primary key(delivery, n)) without rowid;

  create table decisions(
    alert integer not null, person text not null, channel text not null, reason text not null,
    at integer not null, count integer not null, params text,
    primary key(alert, person, channel, reason)) without rowid;

  create table rates(key text primary key, tat real not null) without rowid;

  create table timers(
    project integer not null, kind text not null, key text not null, due_at integer not null,
    primary key(project, kind, key)) without rowid;
  create index timers_due on timers(project, due_at);

  create table pauses(
    project integer not null, channel text not null, cause text not null, since_at integer not null, until_at integer not null,
    primary key(project, channel)) without rowid;

  create table bad_addresses(
    project integer not null, channel text not null, address text not null, code text not null, since_at integer not null, until_at integer not null,
    primary key(project, channel, address)) without rowid;

  create table inbox(
    seq integer primary key autoincrement, id text not null unique, channel text not null, address text not null,
    subject text not null, body text not null, severity text not null, at integer not null);
  `,
  'alter table attempts add column provider_id text;',
  'alter table batch_items add column late integer not null default 0;',
  'create table threads(thread text primary key, provider_id text not null, at integer not null) without rowid;',
  `
  alter table pauses add column why text not null default 'bad-config';
  alter table pauses add column length_ms integer not null default 300000;
  alter table pauses add column failed_probes integer not null default 0;
  alter table pauses add column probe integer;
  create table channel_health(
    project integer not null, channel text not null, since_at integer not null, last_at integer not null,
    failures integer not null, first_delivery integer not null, several integer not null,
    primary key(project, channel)) without rowid;
  `,
  // The attempt that ends a delivery is part of its row: nearly always it is the only one.
  `
  alter table deliveries add column last_n integer;
  alter table deliveries add column last_at integer;
  alter table deliveries add column last_ms integer;
  alter table deliveries add column last_outcome text;
  alter table deliveries add column last_code text;
  alter table deliveries add column last_detail text;
  alter table deliveries add column last_provider_id text;
  create view every_attempt as
    select delivery, n, at, ms, outcome, code, detail, provider_id from attempts
    union all
    select id, last_n, last_at, last_ms, coalesce(last_outcome, 'sent'), last_code, coalesce(last_detail, ''), last_provider_id from deliveries where last_n is not null;
  `,
  'alter table projects add column events_since integer not null default 0;',
  // Calls of one time lie together: prints are spread over the whole table, so that each new one wrote a page of its own.
  `
  alter table calls rename to calls_by_print;
  create table calls(
    project integer not null, period integer not null, print text not null, event_id text not null, source text not null,
    start_at integer not null, end_at integer not null, first_id text,
    primary key(project, period, print, event_id)) without rowid;
  insert into calls select project, end_at / 21600000, print, event_id, source, start_at, end_at, nullif(first_id, event_id) from calls_by_print;
  drop table calls_by_print;
  create table call_sources(project integer not null, source text not null, primary key(project, source)) without rowid;
  insert into call_sources select distinct project, source from calls;
  `,
  // What rules keep: one row a key, read and written whole by the one writer.
  `
  alter table sessions add column walk text;
  create table rule_states(
    project integer not null, rule text not null, key text not null, value text not null, at integer not null,
    primary key(project, rule, key)) without rowid;
  `,
  // One row: by which the same secret gets the same mark in every process. Drawn here, within the migration, so that two that open the file at once agree.
  `
  create table installation(id integer primary key, redaction_key text not null);
  insert into installation values(1, lower(hex(randomblob(32))));
  `,
  // What shares a cause is found by it, and what is part of another by that one.
  `
  alter table alerts add column cause text;
  alter table alerts add column parent integer;
  create index alerts_cause on alerts(project, cause, opened_at) where cause is not null;
  create index alerts_parent on alerts(parent) where parent is not null;
  `,
  // What people decided about what they are told, and why something is told when it is.
  `
  alter table deliveries add column turn text;
  alter table alerts add column pattern text;
  alter table alerts add column taken_by text;
  alter table alerts add column taken_at integer;
  alter table alerts add column cycles integer not null default 0;
  create index alerts_firing on alerts(project, id) where state <> 'resolved';
  create table silences(
    id integer primary key autoincrement, project integer not null, match text not null, from_at integer not null, until_at integer not null,
    author text not null, comment text not null);
  create index silences_until on silences(project, until_at);
  create table hushes(
    alert integer primary key, project integer not null, by text not null, since_at integer not null, until_at integer not null);
  create index hushes_by on hushes(project, by, alert);
  create table actions(
    id integer primary key autoincrement, alert integer not null, action text not null, by text not null, via text not null, at integer not null, until_at integer);
  create index actions_alert on actions(alert);
  create table used_links(link text primary key, expires_at integer not null) without rowid;
  create index used_links_expiry on used_links(expires_at);
  create table expected(
    project integer not null, rule text not null, key text not null, by text not null, since_at integer not null, until_at integer not null,
    primary key(project, rule, key)) without rowid;
  create table opt_outs(
    project integer not null, channel_type text not null, address text not null, since_at integer not null,
    primary key(project, channel_type, address)) without rowid;
  create table holds(project integer primary key, by text not null, since_at integer not null);
  create table paces(key text primary key, since_at integer not null, at integer not null, count integer not null) without rowid;
  create index paces_at on paces(at);
  `,
  // What was changed by each commit, in the order of commits: see `rows/changes.ts`.
  `
  create table changes(seq integer primary key autoincrement, project text, what text not null);
  `,
]

/**
 * For lists that people look at (`rows/lists/`): made where a server opens the file. An agent that nobody looks into does without them, because
 * each costs something at every alert, delivery and session. Of events only those that failed have one: for all of them it would be paid by every event.
 */
export const listIndices: readonly string[] = [
  'alerts_listed on alerts(project, opened_at, id, kind, severity, rule)',
  "alerts_open_listed on alerts(project, opened_at, id) where state <> 'resolved'",
  'alerts_session on alerts(project, session, opened_at, id) where session is not null',
  'deliveries_listed on deliveries(project, id, destination)',
  'deliveries_to on deliveries(project, destination, id)',
  "deliveries_failed on deliveries(project, id) where result in ('failed', 'bad-address', 'too-old', 'in-doubt')",
  "events_failed on events(project, at, id, agent, type) where status = 'error'",
  'sessions_listed on sessions(project, first_at, id, cost, state, agent, user_id)',
]
