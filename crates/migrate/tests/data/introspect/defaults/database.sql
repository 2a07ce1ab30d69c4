-- Defaults written by hand, each the same as what the schema file says, in other words.
create sequence counter;
create table d (
    id int primary key default nextval('counter'),
    a text default 'a'::varchar,
    b varchar(10) default 'b',
    c int default '7',
    d numeric(5, 2) default 1.50,
    e double precision default 1e3,
    f boolean default 't',
    g jsonb default '{"b":1,"a":2}',
    h timestamp(3) default localtimestamp,
    i timestamptz default transaction_timestamp(),
    j uuid default gen_random_uuid(),
    k text[] default '{}',
    l int[] default array[1, 2],
    m bytea default '\x00ff',
    n date default current_date,
    o text default null,
    p bigint default 9223372036854775807,
    q timestamp default 'epoch'
);
