/** A step of the schema. A migration that was released is never changed: add one. */
export interface Migration {
  /** SQL with `@` before the names of ours: see `statement.ts`. */
  readonly text: string
  /**
   * The oldest version of the schema whose library may still work on the database after this step, so that old and new nodes run side by
   * side while they are replaced one by one. A step that only adds leaves it out: what an old library does not know does not hurt it.
   */
  readonly compatibleFrom?: number
}

// Bytes decide the order of texts, whatever language the database speaks: places in the order of a key are compared by processes too.
const text = 'text collate "C"'

/**
 * What takes a database from each version to the next. The tables are those of SQLite (`rows/tables.ts`), and project leads the keys. What
 * differs: events are partitioned by their time, fences are a sequence, since a row of numbers would make all projects wait for one another.
 */
export const migrations: readonly Migration[] = [
  {
    text: `
  create table @projects(id integer generated always as identity primary key, name ${text} not null unique, events_since bigint not null default 0, forgets_before bigint not null default 0);

  create sequence @event_seqs;
  create table @events(
    seq bigint not null default nextval('@event_seqs'), project integer not null, at bigint not null, id ${text} not null,
    type ${text} not null, source ${text} not null, status ${text} not null, dur bigint not null,
    session ${text}, agent ${text}, user_id ${text}, env ${text}, provider ${text}, model ${text},
    tokens_in bigint, tokens_out bigint, cost bigint, cost_source ${text}, duplicate_of ${text}, more ${text},
    unique(project, at, id)) partition by range (at);
  create index events_seq on @events(seq);

  create table @calls(
    project integer not null, period bigint not null, print ${text} not null, event_id ${text} not null, source ${text} not null,
    start_at bigint not null, end_at bigint not null, first_id ${text},
    primary key(project, period, print, event_id));
  create table @call_sources(project integer not null, source ${text} not null, primary key(project, source));

  create table @sessions(
    project integer not null, id ${text} not null, state ${text} not null,
    name ${text}, agent ${text}, user_id ${text}, env ${text},
    first_at bigint not null, last_at bigint not null, started_at bigint, ended_at bigint, end_reason ${text},
    calls bigint not null, errors bigint not null, cost bigint not null, unpriced bigint not null, failure ${text}, walk ${text},
    primary key(project, id)) with (fillfactor = 70);

  create table @rule_states(
    project integer not null, rule ${text} not null, key ${text} not null, value ${text} not null, at bigint not null,
    primary key(project, rule, key)) with (fillfactor = 70);

  create table @spend(
    project integer not null, budget ${text} not null, scope ${text} not null, period bigint not null, epoch ${text} not null,
    nano bigint not null, unpriced bigint not null,
    primary key(project, budget, scope, period, epoch)) with (fillfactor = 50);
  create table @crossings(
    project integer not null, budget ${text} not null, scope ${text} not null, period bigint not null, epoch ${text} not null,
    threshold double precision not null, at bigint not null,
    primary key(project, budget, scope, period, epoch, threshold));

  create table @alerts(
    id bigint generated always as identity primary key, project integer not null, rule ${text} not null, key ${text} not null,
    kind ${text} not null, severity ${text} not null, state ${text} not null, ends ${text} not null, quiet_ms bigint not null,
    message ${text} not null, session ${text}, opened_at bigint not null, updated_at bigint not null, resolved_at bigint,
    count bigint not null, cause ${text}, parent bigint, pattern ${text}, taken_by ${text}, taken_at bigint, cycles bigint not null default 0,
    facts ${text} not null) with (fillfactor = 80);
  create unique index alerts_open on @alerts(project, rule, key) where state <> 'resolved';
  create index alerts_resolved on @alerts(project, rule, key, resolved_at) where state = 'resolved' and ends <> 'at-once';
  create index alerts_cause on @alerts(project, cause, opened_at) where cause is not null;
  create index alerts_parent on @alerts(parent) where parent is not null;
  create index alerts_firing on @alerts(project, id) where state <> 'resolved';

  create table @destinations(
    id bigint generated always as identity primary key, digest ${text} not null unique,
    channel ${text} not null, person ${text} not null, role ${text} not null, address ${text} not null,
    locale ${text} not null, timezone ${text} not null, route ${text} not null, without ${text} not null, fallback ${text} not null,
    fallback_after_ms bigint not null);

  create table @deliveries(
    id bigint generated always as identity primary key, channel ${text} not null, priority integer not null, due_at bigint not null,
    fence bigint not null, attempts integer not null, claimed_at bigint, doubt_at bigint, doubts integer not null,
    cost bigint not null, result ${text}, done_at bigint, alert bigint, items integer not null, batch_key ${text},
    project integer not null, destination bigint not null, news ${text} not null,
    created_at bigint not null, expires_at bigint not null, fallback_asked integer not null default 0, turn ${text},
    last_n integer, last_at bigint, last_ms bigint, last_outcome ${text}, last_code ${text}, last_detail ${text}, last_provider_id ${text}) with (fillfactor = 70);
  create index deliveries_due on @deliveries(project, channel, priority, due_at, id) where done_at is null;
  create index deliveries_alert on @deliveries(alert) where alert is not null;
  create unique index deliveries_batch on @deliveries(project, batch_key) where batch_key is not null;
  create sequence @fences;

  create table @batch_items(delivery bigint not null, alert bigint not null, late integer not null default 0, primary key(delivery, alert));
  create index batch_items_alert on @batch_items(alert);

  create table @attempts(
    delivery bigint not null, n integer not null, at bigint not null, ms bigint not null,
    outcome ${text} not null, code ${text}, detail ${text} not null, provider_id ${text}, primary key(delivery, n));
  create view @every_attempt as
    select delivery, n, at, ms, outcome, code, detail, provider_id from @attempts
    union all
    select id, last_n, last_at, last_ms, coalesce(last_outcome, 'sent'), last_code, coalesce(last_detail, ''), last_provider_id from @deliveries where last_n is not null;

  create table @decisions(
    alert bigint not null, person ${text} not null, channel ${text} not null, reason ${text} not null,
    at bigint not null, count bigint not null, params ${text},
    primary key(alert, person, channel, reason)) with (fillfactor = 80);

  create table @rates(key ${text} primary key, tat double precision not null) with (fillfactor = 50);
  create table @timers(
    project integer not null, kind ${text} not null, key ${text} not null, due_at bigint not null,
    primary key(project, kind, key)) with (fillfactor = 70);
  create index timers_due on @timers(project, due_at);

  create table @pauses(
    project integer not null, channel ${text} not null, why ${text} not null, cause ${text} not null, since_at bigint not null, until_at bigint not null,
    length_ms bigint not null, failed_probes integer not null, probe bigint, primary key(project, channel));
  create table @channel_health(
    project integer not null, channel ${text} not null, since_at bigint not null, last_at bigint not null,
    failures bigint not null, first_delivery bigint not null, several integer not null, primary key(project, channel));
  create table @bad_addresses(
    project integer not null, channel ${text} not null, address ${text} not null, code ${text} not null, since_at bigint not null, until_at bigint not null,
    primary key(project, channel, address));
  create table @threads(thread ${text} primary key, provider_id ${text} not null, at bigint not null);

  create table @inbox(
    seq bigint generated always as identity primary key, id ${text} not null unique, channel ${text} not null, address ${text} not null,
    subject ${text} not null, body ${text} not null, severity ${text} not null, at bigint not null);

  create table @silences(
    id bigint generated always as identity primary key, project integer not null, match ${text} not null, from_at bigint not null, until_at bigint not null,
    author ${text} not null, comment ${text} not null);
  create index silences_until on @silences(project, until_at);
  create table @hushes(alert bigint primary key, project integer not null, by ${text} not null, since_at bigint not null, until_at bigint not null);
  create index hushes_by on @hushes(project, by, alert);
  create table @actions(
    id bigint generated always as identity primary key, alert bigint not null, action ${text} not null, by ${text} not null, via ${text} not null, at bigint not null, until_at bigint);
  create index actions_alert on @actions(alert);
  create table @used_links(link ${text} primary key, expires_at bigint not null);
  create index used_links_expiry on @used_links(expires_at);
  create table @expected(
    project integer not null, rule ${text} not null, key ${text} not null, by ${text} not null, since_at bigint not null, until_at bigint not null,
    primary key(project, rule, key));
  create table @opt_outs(
    project integer not null, channel_type ${text} not null, address ${text} not null, since_at bigint not null,
    primary key(project, channel_type, address));
  create table @holds(project integer primary key, by ${text} not null, since_at bigint not null);
  create table @paces(key ${text} primary key, since_at bigint not null, at bigint not null, count bigint not null) with (fillfactor = 50);
  create index paces_at on @paces(at);

  create table @installation(id integer primary key, redaction_key ${text} not null);
  insert into @installation values(1, encode(sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')), 'hex'));
  `,
    compatibleFrom: 1,
  },
  {
    // Lists for people who look, and what was changed by each commit: see `rows/lists/`.
    text: `
  create index alerts_listed on @alerts(project, opened_at, id, kind, severity, rule);
  create index alerts_open_listed on @alerts(project, opened_at, id) where state <> 'resolved';
  create index alerts_session on @alerts(project, session, opened_at, id) where session is not null;
  create index deliveries_listed on @deliveries(project, id, destination);
  create index deliveries_to on @deliveries(project, destination, id);
  create index deliveries_failed on @deliveries(project, id) where result in ('failed', 'bad-address', 'too-old', 'in-doubt');
  create index sessions_listed on @sessions(project, first_at, id, cost, state, agent, user_id);
  create table @changes(seq bigint generated always as identity primary key, project ${text}, what ${text} not null);
  `,
  },
  {
    // Whether a text is JSON: an expression from PostgreSQL 16 on, before that only an attempt can tell.
    text: `
  do $make$ begin
    if current_setting('server_version_num')::integer >= 160000 then
      execute 'create function @is_json(given text) returns boolean language sql immutable parallel safe as $new$ select given is json $new$';
    else
      execute $old$create function @is_json(given text) returns boolean language plpgsql immutable parallel safe as
        'begin if given is null then return null; end if; perform given::json; return true; exception when others then return false; end'$old$;
    end if;
  end $make$;
  `,
  },
  {
    // What waits or is under way, in a narrow table beside the deliveries, so that no index of theirs changes when one is leased or was sent: its row is
    // then written where it stands, and no index is. Triggers keep it in every other case, which is rare, and for nodes of the version before; those of
    // rows are on columns that are not written when one is sent.
    text: `
  create table @due(
    id bigint primary key, project integer not null, channel ${text} not null, priority integer not null, due_at bigint not null)
    with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
  create index due_first on @due(project, channel, priority, due_at, id);
  insert into @due select id, project, channel, priority, due_at from @deliveries where done_at is null;
  alter table @deliveries add column unsuccessful boolean;
  update @deliveries set unsuccessful = true where result in ('failed', 'bad-address', 'too-old', 'in-doubt');
  create index deliveries_unsuccessful on @deliveries(project, id) where unsuccessful;
  drop index @deliveries_due;
  drop index @deliveries_failed;
  alter table @deliveries set (fillfactor = 45);

  create function @due_begins() returns trigger language plpgsql as $due$ begin
    insert into @due select id, project, channel, priority, due_at from made where done_at is null on conflict do nothing;
    return null;
  end $due$;
  create function @due_moves() returns trigger language plpgsql as $due$ begin
    update @due set priority = new.priority, due_at = new.due_at where id = new.id;
    return null;
  end $due$;
  create function @due_ends() returns trigger language plpgsql as $due$ begin
    delete from @due where id = new.id;
    if new.result in ('failed', 'bad-address', 'too-old', 'in-doubt') and new.unsuccessful is null then
      update @deliveries set unsuccessful = true where id = new.id;
    end if;
    return null;
  end $due$;
  create function @due_goes() returns trigger language plpgsql as $due$ begin
    delete from @due where id in (select id from gone);
    return null;
  end $due$;
  create trigger due_begins after insert on @deliveries referencing new table as made for each statement execute function @due_begins();
  create trigger due_moves after update of priority, due_at on @deliveries for each row when (new.done_at is null and (new.claimed_at is null or new.claimed_at = old.claimed_at)) execute function @due_moves();
  create trigger due_ends after update of batch_key, last_outcome on @deliveries for each row when (new.done_at is not null) execute function @due_ends();
  create trigger due_goes after delete on @deliveries referencing old table as gone for each statement execute function @due_goes();
  `,
  },
  {
    // Events that failed are what is looked for; of the others only the keys are found at once.
    text: "create index events_failed on @events(project, at, id, agent, type) where status = 'error'",
  },
]
