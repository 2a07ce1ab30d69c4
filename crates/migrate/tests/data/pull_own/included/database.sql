create table t (id int primary key, a int, b int);
create index on t (a) include (b);
create unique index on t (b) include (a);
create index on t (a) where a > 0;
