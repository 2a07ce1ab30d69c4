-- Keys and indexes that are to go, come and change: unique constraints, identity, names of PostgreSQL's own.
create type color as enum ('red', 'green', 'blue');
create table a (
    id serial primary key,
    x int unique,
    y int,
    z text,
    c color default 'red',
    cs color[] default '{red,green}',
    unique (y, z)
);
create table b (
    id bigint generated always as identity primary key,
    a_id int not null references a on delete cascade,
    a_id_2 int references a (x),
    t timestamptz not null default now()
);
create index b_a on b (a_id desc);
create index b_t on b using brin (t);
create index gone on b (t, id);
create table gone_table (id int);
create type gone_type as enum ('a');
