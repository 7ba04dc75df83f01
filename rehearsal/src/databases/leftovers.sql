-- What Heroku adds to every database, and what its dumps therefore hold (public dumps of servers 14 to 17).
create schema _heroku authorization heroku_admin;

create function _heroku.extension_before_drop() returns event_trigger language plpgsql security definer as $$
begin
  if tg_tag = 'DROP EXTENSION' and not pg_has_role(session_user, 'rds_superuser', 'MEMBER') then
    perform set_config('heroku.dropping', current_query(), true);
  end if;
end $$;

create function _heroku.create_ext() returns event_trigger language plpgsql security definer as $$
begin
  if tg_tag = 'CREATE EXTENSION' and not pg_has_role(session_user, 'rds_superuser', 'MEMBER') then
    perform from pg_event_trigger_ddl_commands();
  end if;
end $$;

create function _heroku.drop_ext() returns event_trigger language plpgsql security definer as $$
begin
  if tg_tag = 'DROP EXTENSION' and not pg_has_role(session_user, 'rds_superuser', 'MEMBER') then
    perform from pg_event_trigger_dropped_objects();
  end if;
end $$;

create function _heroku.validate_extension() returns event_trigger language plpgsql security definer as $$
begin
  perform from pg_event_trigger_ddl_commands() where object_type = 'extension';
end $$;

create function _heroku.grant_table_if_exists(alias text, grants text, name text) returns void language plpgsql
security definer as $$
begin
  if to_regclass(name) is not null then execute format('grant %s on %s to %s', grants, name, alias); end if;
end $$;

alter function _heroku.extension_before_drop() owner to heroku_admin;
alter function _heroku.create_ext() owner to heroku_admin;
alter function _heroku.drop_ext() owner to heroku_admin;
alter function _heroku.validate_extension() owner to heroku_admin;
alter function _heroku.grant_table_if_exists(text, text, text) owner to heroku_admin;

create schema heroku_ext authorization heroku_admin;
grant usage on schema heroku_ext to public;

-- Not every build of PostgreSQL has them.
do $$
begin
  if exists (select from pg_available_extensions where name = 'pg_stat_statements') then
    create extension pg_stat_statements with schema public;
  end if;
  if exists (select from pg_available_extensions where name = 'citext') then
    create extension citext with schema heroku_ext;
  end if;
end $$;

create event trigger extension_before_drop on ddl_command_start execute function _heroku.extension_before_drop();
create event trigger log_create_ext on ddl_command_end execute function _heroku.create_ext();
create event trigger log_drop_ext on sql_drop execute function _heroku.drop_ext();
create event trigger validate_extension on ddl_command_end execute function _heroku.validate_extension();

comment on schema public is '';
