-- The data of a playhouse, as a Rails app has it.
create table public.ar_internal_metadata (
  key varchar primary key, value varchar, created_at timestamp not null, updated_at timestamp not null);
insert into public.ar_internal_metadata values ('environment', 'production', now(), now());

create table public.schema_migrations (version varchar primary key);
insert into public.schema_migrations values ('20260101000000'), ('20260219100000');

create table public.shows (id bigserial primary key, title text not null, opens_on date);
create table public.tickets (
  id bigserial primary key,
  show_id bigint not null references public.shows (id),
  holder_email text not null,
  seat integer not null,
  unique (show_id, seat));

insert into public.shows (title, opens_on) values
  ('The Scottish Play', '2026-02-19'), ('The Understudy', '2026-03-01'), ('Curtain Call', '2026-04-01');
insert into public.tickets (show_id, holder_email, seat)
  select 1 + seat % 3, 'guest' || seat || '@playhouse.example', seat from generate_series(1, 300) seat;
create index tickets_by_holder on public.tickets (holder_email);
